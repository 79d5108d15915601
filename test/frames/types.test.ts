import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

/** SQL of a value, what it is bare, and what it is within JSON text. */
type Sample = readonly [sql: string, bare: unknown, json: string, key?: string];

const SAMPLES: readonly Sample[] = [
  ["true", true, "true"],
  ["(-7)::tinyint", -7, "-7"],
  ["9007199254740993::bigint", "9007199254740993", "9007199254740993"],
  ["18446744073709551615::ubigint", "18446744073709551615", "18446744073709551615"],
  ["1.5::decimal(4, 1)", 1.5, "1.5"],
  ["1.5::decimal(18, 2)", 1.5, "1.50", "1.50"],
  ["1234567890123456.78::decimal(18, 2)", "1234567890123456.78", "1234567890123456.78"],
  [
    "12345678901234567890123456789012345.678::decimal(38, 3)",
    "12345678901234567890123456789012345.678",
    "12345678901234567890123456789012345.678",
  ],
  ["0.5::float", 0.5, "0.5"],
  ["0.1::double", 0.1, "0.1"],
  ["'nan'::double", Number.NaN, '"NaN"', "nan"],
  ["'-inf'::float", Number.NEGATIVE_INFINITY, '"-Infinity"', "-inf"],
  ["'NaN ''\" é'", "NaN '\" é", '"NaN \'\\" é"'],
  ["'a\\x00\\xFF'::blob", "YQD/", '"YQD/"'],
  ["uuid '00000000-0000-4000-8000-000000000001'", UUID(), `"${UUID()}"`],
  ["date '2020-01-01'", new Date("2020-01-01"), '"2020-01-01"', "2020-01-01"],
  ["time '01:02:03.123456'", "01:02:03.123456", '"01:02:03.123456"'],
  ["'01:02:03.123456789'::time_ns", "01:02:03.123456789", '"01:02:03.123456789"'],
  [
    "timestamp '2020-01-01 00:00:00.001'",
    new Date("2020-01-01T00:00:00.001Z"),
    '"2020-01-01 00:00:00.001"',
    "2020-01-01 00:00:00.001",
  ],
  [
    "'2020-01-01 00:00:00.123456789'::timestamp_ns",
    "2020-01-01 00:00:00.123456789",
    '"2020-01-01 00:00:00.123456789"',
  ],
  [
    "timestamptz '2020-01-01 02:00:00.000001+02'",
    "2020-01-01 00:00:00.000001+00",
    '"2020-01-01 00:00:00.000001+00"',
  ],
];

/** Types that a Parquet file has no like of. */
const OF_THE_ENGINE: readonly Sample[] = [
  ["170141183460469231731687303715884105727::hugeint", HUGE(), HUGE()],
  ["'-123456789012345678901234567890123456789012345'::bignum", BIG(), BIG()],
  ["'a['::enum('a[', 'b(')", "a[", '"a["'],
  ["'DECIMAL(18'::enum('DECIMAL(18')", "DECIMAL(18", '"DECIMAL(18"'],
  ["'0101'::bit", "0101", '"0101"'],
  ["interval '1 month 2 days'", "1 month 2 days", '"1 month 2 days"'],
  ["'01:02:03+02'::timetz", "01:02:03+02", '"01:02:03+02"'],
  [
    "timestamp_s '2020-01-01'",
    new Date("2020-01-01"),
    '"2020-01-01 00:00:00"',
    "2020-01-01 00:00:00",
  ],
  ["row(1, 'x'::blob)", '[1,"eA=="]', '[1,"eA=="]'],
  ["union_value(k := 'x'::blob)", '{"k":"eA=="}', '{"k":"eA=="}'],
  ["array_value('nan'::double, 1)", '["NaN",1.0]', '["NaN",1.0]'],
];

function UUID() {
  return "00000000-0000-4000-8000-000000000001";
}
function HUGE() {
  return "170141183460469231731687303715884105727";
}
function BIG() {
  return "-123456789012345678901234567890123456789012345";
}

/** A value bare, and in everything that holds values. */
function containers([sql, bare, json, key = String(bare)]: Sample, hasMaps: boolean) {
  const name = JSON.stringify(key);
  const found: (readonly [string, unknown])[] = [
    [sql, bare],
    [`[${sql}, null]`, `[${json},null]`],
    [`{'a b': ${sql}, 'c': 1}`, `{"a b":${json},"c":1}`],
    [`map(['k'], [${sql}])`, `{"k":${json}}`],
    [`[{'a': [${sql}]}, null]`, `[{"a":[${json}]},null]`],
  ];
  if (hasMaps) found.push([`map([${sql}], [1])`, `{${name}:1}`]);
  return found;
}

function named(samples: readonly Sample[]) {
  return samples.map((sample) => ({ name: sample[0], sample }));
}

describe("a value is what it was", () => {
  it.each(named([...SAMPLES, ...OF_THE_ENGINE]))("in a query: $name", async ({ sample }) => {
    const isNested = /^(row|union_value|array_value)/.test(sample[0]);
    for (const [sql, expected] of containers(sample, !isNested)) {
      const { values } = await query(lake, `select ${sql} as x union all select null`);
      expect.soft([sql, values]).toEqual([sql, [[expected], [null]]]);
    }
  });

  it.each(named(SAMPLES))("in a Parquet file: $name", async ({ sample }) => {
    const cases = containers(sample, true);
    const columns = cases.map(([sql], index) => `${sql} as c${index}`);
    await writeParquet(`${folder}/t.parquet`, `select ${columns.join(", ")}`);
    const { values } = await loadFrame(lake, "t.parquet");
    expect(values).toEqual([cases.map(([, expected]) => expected)]);
  });

  it.each([
    ["1.5::decimal(18,2)::variant", "1.50"],
    ["{'a': [1.5::decimal(18,2), null], 'b': 'x'}::variant", '{"a":[1.50,null],"b":"x"}'],
    ["[{'v': {'a': 1}::variant}, null]", '[{"v":{"a":1}},null]'],
    ["null::variant", null],
  ])("in a variant: %s", async (sql, expected) => {
    expect((await query(lake, `select ${sql} as x`)).values).toEqual([[expected]]);
  });
});
