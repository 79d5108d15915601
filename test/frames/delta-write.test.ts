import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DataFrame } from "danfojs-node";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { LakeError } from "../../src/core/errors.ts";
import { describeHistory } from "../../src/frames/delta/describe-history.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import type { WriteFrameOptions } from "../../src/frames/write/write-options.ts";
import { writeFrame, writeQuery } from "../../src/frames/write-frame.ts";
import { type LocalFolder, openFolder } from "../../src/lake/open-folder.ts";
import { field, metaData, PROTOCOL, pad } from "./delta-table.ts";
import { scratchFolder } from "./scratch-folder.ts";

const scratch = scratchFolder();
const folder = join(scratch, "data");
let here: LocalFolder;

beforeEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  here = openFolder(folder);
});

function write(sql: string, options: WriteFrameOptions = {}, lake = here) {
  return writeQuery(lake, "t", sql, { format: "delta", ...options });
}
const append = (sql: string, options: WriteFrameOptions = {}) =>
  write(sql, { mode: "append", ...options });
const overwrite = (sql: string, options: WriteFrameOptions = {}) =>
  write(sql, { mode: "overwrite", ...options });

async function rows(sql = "from 't' order by all"): Promise<unknown[]> {
  return (await query(here, sql)).values;
}

type Line = Record<string, Record<string, unknown> | undefined>;

async function actions(version: number): Promise<Line[]> {
  const text = await readFile(join(folder, `t/_delta_log/${pad(version)}.json`), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function commitByHand(version: number, lines: readonly object[]): Promise<void> {
  await mkdir(join(folder, "t/_delta_log"), { recursive: true });
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  await writeFile(join(folder, `t/_delta_log/${pad(version)}.json`), text);
}

const files = async () =>
  (await readdir(join(folder, "t"), { recursive: true }).catch(() => [])).filter((name) =>
    /\.(parquet|json)$/.test(name),
  );

const TYPES = `select * from (values
  (true, 1::tinyint, 2::smallint, 3, 9007199254740993, 0.1::float, 0.1::double, 1.25::decimal(9,2),
    12345678901234567890123456.78::decimal(28,2), 'ä''"', 'ab'::blob, date '1582-10-15',
    timestamp '2020-01-02 03:04:05.000006', timestamptz '1969-12-31 23:59:59.999999+00', [1, null],
    {a: 1, b: [{c: 'x'}]}, map {'k': 1.5::double}),
  (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
  (false, -128, -32768, -5, -1, 'nan', '-infinity', -0.01, -1, '', '', date '0001-01-01',
    timestamp '0001-01-01', timestamptz '9999-12-31 23:59:59.999999+00', [], {a: null, b: []}, map {}))
  v(yes, tiny, small, int, big, float, double, price, wide, text, bytes, day, local, moment, list, part, map)`;

describe("writing a Delta table", () => {
  it("gives back every type and value", async () => {
    expect(await write(TYPES)).toMatchObject({ path: "t", kind: "directory", version: 0 });
    expect(await rows("from 't'")).toEqual((await query(here, TYPES)).values);
    const types = (await query(here, "select column_type from (describe from 't')")).values;
    expect(types).toEqual(
      (await query(here, `select column_type from (describe ${TYPES})`)).values,
    );
  });

  it("takes wider types where Delta has none, and refuses what it has no like of", async () => {
    await write(`select 255::utinyint as a, 65535::usmallint as b, 4294967295::uinteger as c,
      18446744073709551615::ubigint as d, sum(i) as e, 'x'::enum('x') as f, uuid() is null as g
      from range(3) r(i)`);
    expect(await rows()).toEqual([[255, 65535, 4294967295, "18446744073709551615", 3, "x", false]]);
    await expect(overwrite("select time '01:00' as t")).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
    const huge = overwrite("select 9223372036854775808::hugeint as e");
    await expect(huge).rejects.toThrow(
      /column e of the Delta table t is long.*9223372036854775808/,
    );
    await expect(
      overwrite("select '2020-01-01 00:00:00.000000001'::timestamp_ns as n", {
        overwriteSchema: true,
      }),
    ).rejects.toThrow(/cannot hold 2020-01-01 00:00:00.000000001/);
  });

  it("is refused where a table or other files are, and appends to nothing as to a table", async () => {
    await append("select 1 as a");
    await expect(write("select 2 as a")).rejects.toMatchObject({
      name: "LakeError",
      code: "EXISTS",
    });
    await writeQuery(here, "plain/a.parquet", "select 1 as a");
    const hidden = writeQuery(here, "plain", "select 1 as a", { format: "delta", mode: "append" });
    await expect(hidden).rejects.toThrow(/plain is no Delta table, and holds plain\/a\.parquet/);
    expect(await rows()).toEqual([[1]]);
  });

  it("never puts plain files in the place of a table", async () => {
    await write("select 1 as a, 2 as b");
    const plain = writeQuery(here, "t", "select 1 as a, 2 as b", {
      partitionBy: ["a"],
      overwrite: true,
    });
    await expect(plain).rejects.toMatchObject({ code: "DELTA_TABLE" });
  });

  it.each([
    [{ mode: "append", format: "parquet" }, /mode: "append".* is for Delta tables/],
    [{ mergeSchema: true, format: "csv" }, /mergeSchema.* is for Delta tables/],
    [{ mode: "append", overwrite: true }, /contradict/],
    [{ mode: "append", replaceWhere: "a = 1" }, /replaceWhere .* the mode is append/],
    [{ overwriteSchema: true }, /overwriteSchema .* the mode is error/],
    [{ mode: "upsert" }, /there is no mode upsert/],
    [{ mode: "overwrite", replaceWhere: "a = 1", overwriteSchema: true }, /exclude one another/],
  ])("refuses the options %j", async (options, message) => {
    const refused = write("select 1 as a", options as WriteFrameOptions);
    await expect(refused).rejects.toMatchObject({ code: "BAD_OPTION" });
    await expect(refused).rejects.toThrow(message);
    expect(await files()).toEqual([]);
  });

  it("keeps the instants of a dataframe, and takes numbers as they fit the table", async () => {
    const at = new Date("2026-01-02T03:04:05.678Z");
    await writeFrame(
      here,
      "t",
      new DataFrame({ moment: [at], n: [1.5], day: [new Date("2026-01-01")] }),
      {
        format: "delta",
      },
    );
    const [, , meta] = await actions(0);
    expect(meta?.metaData?.schemaString).toMatch(/"name":"moment","type":"timestamp"/);
    const whole = new DataFrame({ n: [2], moment: [new Date("2026-01-01")], day: [null] });
    await writeFrame(here, "t", whole, { format: "delta", mode: "append" });
    expect(await rows("select moment, n, day from 't' order by n")).toEqual([
      [at, 1.5, new Date("2026-01-01")],
      [new Date("2026-01-01"), 2, null],
    ]);
  });
});

describe("what does not fit a table", () => {
  beforeEach(() =>
    write(`select 1::smallint as s, 2 as i, 0.5::float as f, 1.5::decimal(4,1) as d, 'x' as t,
      date '2026-01-01' as day, {a: 1} as part`),
  );

  it.each([
    ["select 40000 as s", /column s .* is short, here integer, and cannot hold 40000/],
    ["select 0.1::double as f", /column f .* is float, here double, and cannot hold 0\.1/],
    [
      "select 1.25::double as d",
      /column d .* is decimal\(4,1\), here double, and cannot hold 1\.25/,
    ],
    ["select 1.5 as i", /column i .* is integer, here decimal\(2,1\), and cannot hold 1\.5/],
    ["select 'nan'::double as i", /cannot hold nan/],
    [
      "select timestamp '2026-01-01 00:00:01' as day",
      /column day .* cannot hold 2026-01-01 00:00:01/,
    ],
    ["select '5' as i", /column i is integer in the Delta table t, and string here/],
    ["select 5 as t", /column t is string in the Delta table t, and integer here/],
    ["select {b: 1} as part", /column part is struct<a: integer> .*, and struct<b: integer> here/],
    ["select 1 as i, 2 as extra, 'x' as more", /has no column extra \(integer\), more \(string\)/],
  ])("%s", async (sql, message) => {
    const before = await files();
    const refused = append(sql);
    await expect(refused).rejects.toMatchObject({ name: "FrameError", code: "SCHEMA_MISMATCH" });
    await expect(refused).rejects.toThrow(message);
    expect(await files()).toEqual(before);
  });

  it("is not what is exact in another type", async () => {
    await append(
      "select 2::bigint as s, 3::double as i, 0.25::double as f, 7 as d, null as t, timestamp '2026-01-02' as day",
    );
    await append("select 9::hugeint as S");
    expect(await rows("select s, i, f, d, t, day from 't' order by s")).toEqual([
      [1, 2, 0.5, 1.5, "x", new Date("2026-01-01")],
      [2, 3, 0.25, 7, null, new Date("2026-01-02")],
      [9, null, null, null, null, null],
    ]);
  });

  it("evolves when asked, and not otherwise", async () => {
    await append("select 7 as n, timestamp '2026-01-01' as moment", { mergeSchema: true });
    const [, protocol] = await actions(1);
    expect(protocol?.protocol).toMatchObject({
      writerFeatures: ["appendOnly", "invariants", "timestampNtz"],
    });
    expect(await rows("select i, n, moment from 't' order by i")).toEqual([
      [2, null, null],
      [null, 7, new Date("2026-01-01")],
    ]);
    await overwrite("select 'only' as one, 1 as p", { overwriteSchema: true, partitionBy: ["p"] });
    expect(await rows()).toEqual([["only", 1]]);
    expect((await loadFrame(here, "t", { version: 0 })).columns.slice(0, 2)).toEqual(["s", "i"]);
  });

  it("names that Spark cannot write are refused", async () => {
    const refused = append('select 1 as "unit price"', { mergeSchema: true });
    await expect(refused).rejects.toMatchObject({ code: "BAD_COLUMN" });
  });
});

describe("partitions", () => {
  const VALUES = [
    "plain",
    "ä 🚲/é",
    "a=b&c%d+e #?",
    'it\'s "q"',
    "%2F",
    ".",
    "a:b*c\\d{e}[f]^",
    "__x",
  ];

  it("are folders as Hive escapes them, and values in the log", async () => {
    const list = VALUES.map((value) => `('${value.replaceAll("'", "''")}')`).join(", ");
    await write(`select p, length(p) as n from (values ${list}, (null)) v(p)`, {
      partitionBy: ["p"],
    });
    expect((await rows("select p from 't'")).flat().sort()).toEqual([...VALUES, null].sort());
    const added = (await actions(0)).flatMap(({ add }) => (add ? [String(add.path)] : []));
    const folders = added.map((path) => decodeURIComponent(path).split("/")[0]).sort();
    expect(folders).toContain("p=__HIVE_DEFAULT_PARTITION__");
    expect(folders).toContain("p=a%3Db&c%25d+e %23%3F");
    expect(folders).toContain("p=a%3Ab%2Ac%5Cd%7Be}%5Bf%5D%5E");
  });

  it("of any values come back", async () => {
    const cell = fc.option(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }));
    const clean = cell.filter((text) => text === null || !/[\0/\\]/.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(clean, fc.option(fc.integer()), fc.string()), {
          minLength: 1,
          maxLength: 8,
        }),
        async (list) => {
          await rm(join(folder, "t"), { recursive: true, force: true });
          const frame = new DataFrame({
            p: list.map(([p]) => p),
            q: list.map(([, q]) => q),
            text: list.map(([, , t]) => t),
          });
          await writeFrame(here, "t", frame, { format: "delta", partitionBy: ["p", "q"] });
          const sorted = (values: unknown[]) => values.map((row) => JSON.stringify(row)).sort();
          expect(sorted(await rows("from 't'"))).toEqual(sorted(list));
        },
      ),
      { numRuns: 12 },
    );
  });

  it("are of every type that has a text, and refused as empty text or bytes", async () => {
    const sql = `select 1 as n, true as b, 2::bigint as i, 'infinity'::double as f, 1.50::decimal(5,2) as d,
      date '2026-01-31' as day, timestamp '2026-01-31 01:02:03.000004' as local,
      timestamptz '2026-01-31 01:02:03+00' as moment`;
    await write(sql, { partitionBy: ["b", "i", "f", "d", "day", "local", "moment"] });
    expect(await rows("from 't'")).toEqual((await query(here, sql)).values);
    expect((await actions(0)).find(({ add }) => add)?.add?.partitionValues).toEqual({
      b: "true",
      i: "2",
      f: "Infinity",
      d: "1.50",
      day: "2026-01-31",
      local: "2026-01-31 01:02:03.000004",
      moment: "2026-01-31T01:02:03.000000Z",
    });
    const replace = { overwriteSchema: true };
    const empty = overwrite("select 1 as n, '' as p", { ...replace, partitionBy: ["p"] });
    await expect(empty).rejects.toThrow(/cannot keep an empty text/);
    const bytes = overwrite("select 1 as n, ''::blob as p", { ...replace, partitionBy: ["p"] });
    await expect(bytes).rejects.toMatchObject({ code: "UNSUPPORTED" });
    const all = overwrite("select 1 as n", { ...replace, partitionBy: ["n"] });
    await expect(all).rejects.toThrow(/no column beside its partitions/);
    await expect(append("select 1 as n", { partitionBy: ["n"] })).rejects.toThrow(
      /is partitioned by b, i/,
    );
  });

  it("are replaced by a condition, or where there are new rows", async () => {
    await write("select y, i from range(3) r(y), range(2) s(i)", { partitionBy: ["y"] });
    await overwrite("select 1 as y, 10 as i", { replaceWhere: "y >= 1" });
    expect(await rows()).toEqual([
      [0, 0],
      [0, 1],
      [1, 10],
    ]);
    await overwrite("from (values (1, 11), (5, 50)) v(y, i)", {
      partitionOverwriteMode: "dynamic",
    });
    expect(await rows()).toEqual([
      [0, 0],
      [0, 1],
      [1, 11],
      [5, 50],
    ]);
    const outside = overwrite("select 7 as y, 1 as i", { replaceWhere: "y < 3" });
    await expect(outside).rejects.toThrow(/rows with y = 7 are not among those/);
    await expect(overwrite("select 1 as y", { replaceWhere: "i = 1" })).rejects.toMatchObject({
      code: "BAD_SQL",
    });
    const other = overwrite("select 1 as y", { replaceWhere: "y in (from 'x.csv')" });
    await expect(other).rejects.toThrow(/reads another table/);
    await overwrite("select 0 as y, 0 as i where false", { replaceWhere: "y = 0" });
    expect(await rows()).toEqual([
      [1, 11],
      [5, 50],
    ]);
    expect((await loadFrame(here, "t", { version: 0 })).shape[0]).toBe(6);
  });
});

describe("a table that asks something of its writers", () => {
  const meta = (configuration = {}, metadata = {}, type: unknown = "integer") =>
    metaData([field("a", type, metadata)], [], configuration);
  const protocol = (...writerFeatures: string[]) => ({
    protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: [], writerFeatures },
  });

  it.each([
    ["row ids", protocol("rowTracking", "domainMetadata"), meta(), /uses rowTracking/],
    ["times in commits", protocol("inCommitTimestamp"), meta(), /uses inCommitTimestamp/],
    ["Iceberg", protocol("icebergCompatV2"), meta(), /uses icebergCompatV2/],
    ["something new", protocol("madeUp"), meta(), /uses madeUp/],
    [
      "a newer version",
      { protocol: { minReaderVersion: 1, minWriterVersion: 8 } },
      meta(),
      /writer version 8/,
    ],
    [
      "mapped columns",
      { protocol: { minReaderVersion: 2, minWriterVersion: 5 } },
      meta({ "delta.columnMapping.mode": "name" }),
      /uses columnMapping \(by name\)/,
    ],
    [
      "a constraint",
      PROTOCOL,
      meta({ "delta.constraints.positive": "a > 0" }),
      /checkConstraints \(positive\)/,
    ],
    ["an invariant", PROTOCOL, meta({}, { "delta.invariants": "{}" }), /invariants \(column a\)/],
    [
      "a generated column",
      PROTOCOL,
      meta({}, { "delta.generationExpression": "1" }),
      /generatedColumns \(column a\)/,
    ],
    [
      "an identity column",
      PROTOCOL,
      meta({}, { "delta.identity.start": 1 }),
      /identityColumns \(column a\)/,
    ],
    [
      "a default",
      protocol("allowColumnDefaults"),
      meta({}, { CURRENT_DEFAULT: "1" }),
      /allowColumnDefaults \(column a\)/,
    ],
    ["variants", protocol("variantType"), meta({}, {}, "variant"), /uses variantType/],
    [
      "required elements",
      PROTOCOL,
      meta({}, {}, { type: "array", elementType: "long", containsNull: false }),
      /required elements/,
    ],
  ])("is refused by name: %s", async (_, protocolAction, metaAction, message) => {
    await commitByHand(0, [protocolAction, metaAction]);
    for (const mode of ["append", "overwrite"] as const) {
      const refused = write("select 1 as a", { mode });
      await expect(refused).rejects.toMatchObject({ code: "UNSUPPORTED" });
      await expect(refused).rejects.toThrow(message);
    }
    expect(await files()).toEqual([`_delta_log/${pad(0)}.json`]);
  });

  it("is written where it does not use what it may", async () => {
    await commitByHand(0, [
      protocol(
        "appendOnly",
        "invariants",
        "checkConstraints",
        "changeDataFeed",
        "columnMapping",
        "deletionVectors",
      ),
      meta({ "delta.appendOnly": "true", "delta.enableChangeDataFeed": "true" }),
    ]);
    await append("select 1 as a");
    await expect(overwrite("select 2 as a")).rejects.toMatchObject({ code: "APPEND_ONLY" });
    expect(await rows()).toEqual([[1]]);
  });

  it("gets no nulls where it holds none", async () => {
    const required = { ...field("a", "integer"), nullable: false };
    await commitByHand(0, [PROTOCOL, metaData([required, field("b", "integer")])]);
    await append("select 1 as a");
    await expect(append("select 1 as b")).rejects.toThrow(
      /column a \(integer\) .* has to have values/,
    );
    await expect(append("select nullif(i, 1)::int as a from range(3) r(i)")).rejects.toThrow(
      /column a .* holds no nulls/,
    );
    expect(await rows()).toEqual([[1, null]]);
  });
});

/** The folder, with something done before or after a file of the log is put there. */
function around(
  work: (path: string, put: () => Promise<unknown>) => Promise<unknown>,
): LocalFolder {
  const upload: LocalFolder["upload"] = async (local, path, options) => {
    const put = () => here.upload(local, path, options);
    if (/_delta_log\/\d{20}\.json$/.test(path)) await work(path, put);
    else await put();
    return here.stat(path);
  };
  return { ...here, upload };
}

describe("writers at the same time", () => {
  it("lose no rows, nor the table that each of them makes", async () => {
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; n < 6; n++) await append(`select ${writer} as writer, ${n} as n`);
    });
    await Promise.all(writers);
    expect(
      await rows("select writer, count(*), count(distinct n) from 't' group by all order by all"),
    ).toEqual([0, 1, 2, 3].map((writer) => [writer, 6, 6]));
    expect((await describeHistory(here, "t")).shape[0]).toBe(24);
  });

  it("append behind each other, and refuse to replace what another has changed", async () => {
    await write("from (values (1, 1), (2, 2)) v(p, n)", { partitionBy: ["p"] });
    const between = (sql: string) => {
      let done = false;
      return around(async (_, put) => {
        if (!done) await append(sql);
        done = true;
        return put();
      });
    };
    const late = between("select 1 as p, 10 as n");
    expect(await write("select 1 as p, 11 as n", { mode: "append" }, late)).toMatchObject({
      version: 2,
    });
    const before = await files();
    const refused = write(
      "select 1 as p, 0 as n",
      { mode: "overwrite" },
      between("select 1 as p, 12 as n"),
    );
    await expect(refused).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(refused).rejects.toThrow(/another writer added or removed rows.*version 3 of t/);
    // The other's commit and file, and none of this one.
    expect((await files()).length).toBe(before.length + 2);
    const options = { mode: "overwrite", replaceWhere: "p = 1" } as const;
    const same = write("select 1 as p, 0 as n", options, between("select 1 as p, 13 as n"));
    await expect(same).rejects.toMatchObject({ code: "CONFLICT" });
    const apart = between("select 2 as p, 20 as n");
    expect(await write("select 1 as p, 0 as n", options, apart)).toMatchObject({ version: 6 });
    expect(await rows()).toEqual([
      [1, 0],
      [2, 2],
      [2, 20],
    ]);
  });

  it("find what a table has become, and fit it or are refused", async () => {
    await write("select 1 as a");
    const lake = around(async (path, put) => {
      if (path.includes(pad(1))) await append("select 2 as a, 'x' as b", { mergeSchema: true });
      return put();
    });
    expect(
      await write("select 3::bigint as a, 'y' as b", { mode: "append", mergeSchema: true }, lake),
    ).toMatchObject({ version: 2 });
    expect(await rows()).toEqual([
      [1, null],
      [2, "x"],
      [3, "y"],
    ]);
    const changes = around(async (_, put) => {
      await overwrite("select 'text' as a", { overwriteSchema: true });
      return put();
    });
    await expect(write("select 4 as a", { mode: "append" }, changes)).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
    });
  });

  it("of a CSV file write once", async () => {
    await writeFile(join(folder, "a.csv"), "a\n1\n2\n");
    await append("from 'a.csv'");
    const lake = around(async () => {
      throw new LakeError("FORBIDDEN", "not for you");
    });
    await expect(write("from 'a.csv'", { mode: "append" }, lake)).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await append("from 'a.csv'");
    expect(await rows()).toEqual([[1], [1], [2], [2]]);
  });
});

describe("a commit that breaks off", () => {
  it("counts if it was done, though the answer never came", async () => {
    await write("select 1 as a");
    const lake = around(async (_, put) => {
      await put();
      throw new LakeError("UNREACHABLE", "the network is gone");
    });
    expect(await write("select 2 as a", { mode: "append" }, lake)).toMatchObject({ version: 1 });
    expect(await rows()).toEqual([[1], [2]]);
  });

  it("leaves the table as it was if not", async () => {
    await write("select 1 as a");
    const lake = around(async () => {
      throw new LakeError("UNREACHABLE", "the network is gone");
    });
    await expect(write("select 2 as a", { mode: "overwrite" }, lake)).rejects.toMatchObject({
      code: "UNREACHABLE",
    });
    expect(await rows()).toEqual([[1]]);
  });

  it.each(["before", "after"])(
    "by kill -9 %s the log has it, is whole or not there",
    async (when) => {
      await write("select 1 as a");
      const child = spawn(
        process.execPath,
        [
          "--disable-warning=ExperimentalWarning",
          join(import.meta.dirname, "delta-killed.ts"),
          folder,
          when,
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      await once(child.stdout, "data");
      child.kill("SIGKILL");
      await once(child, "exit");
      const found = when === "before" ? [[1]] : [[1], [2]];
      expect(await rows()).toEqual(found);
      await append("select 3 as a");
      expect(await rows()).toEqual([...found, [3]]);
    },
  );
});

describe("the log", () => {
  it("gets a checkpoint at each tenth version, with all that a table is", async () => {
    await write("select 0 as a, 'x' as p", { partitionBy: ["p"] });
    const [, , add] = await actions(0);
    const gone = {
      path: "gone.parquet",
      partitionValues: { p: "x" },
      deletionTimestamp: Date.now(),
      dataChange: true,
    };
    await commitByHand(1, [
      { txn: { appId: "stream", version: 7 } },
      { domainMetadata: { domain: "d", configuration: "{}", removed: false } },
      { remove: gone },
      { remove: { ...gone, path: "long-gone.parquet", deletionTimestamp: 1 } },
    ]);
    expect(add).toBeDefined();
    for (let n = 2; n <= 11; n++) await append(`select ${n} as a, null as p`);
    const log = join(folder, "t/_delta_log");
    expect(JSON.parse(await readFile(join(log, "_last_checkpoint"), "utf8"))).toMatchObject({
      version: 10,
    });
    const expected = await rows();
    for (let n = 0; n < 10; n++) await rm(join(log, `${pad(n)}.json`));
    expect(await rows()).toEqual(expected);
    expect(expected.length).toBe(11);
    const kept = await query(
      here,
      `select txn.appId, txn.version, domainMetadata.domain, remove.path
      from 't/_delta_log/${pad(10)}.checkpoint.parquet' where coalesce(txn.appId, domainMetadata.domain, remove.path) is not null`,
    );
    expect(kept.values).toEqual([
      ["stream", 7, null, null],
      [null, null, "d", null],
      [null, null, null, "gone.parquet"],
    ]);
    await overwrite("select 99 as a, 'y' as p");
    expect(await rows()).toEqual([[99, "y"]]);
  });

  it("gets them as often as the table says", async () => {
    await commitByHand(0, [
      PROTOCOL,
      metaData([field("a", "integer")], [], { "delta.checkpointInterval": "2" }),
    ]);
    for (let n = 1; n <= 4; n++) await append(`select ${n} as a`);
    const names = (await files()).filter((name) => name.includes("checkpoint"));
    expect(names.sort()).toEqual([2, 4].map((n) => `_delta_log/${pad(n)}.checkpoint.parquet`));
  });

  it("tells its history, and each version and moment is read again", async () => {
    await write("select 1 as a");
    await append("select 2 as a");
    await overwrite("select 3 as a");
    const history = await describeHistory(here, "t");
    expect(history.columns.slice(0, 3)).toEqual(["version", "timestamp", "operation"]);
    expect(history.column("version").values).toEqual([2, 1, 0]);
    const modes = (history.column("operationParameters").values as string[]).map(
      (text) => JSON.parse(text).mode,
    );
    expect(modes).toEqual(["Overwrite", "Append", "ErrorIfExists"]);
    expect((await describeHistory(here, "t", { limit: 1 })).shape[0]).toBe(1);
    expect((await loadFrame(here, "t", { version: 1 })).values).toEqual([[1], [2]]);
    expect((await loadFrame(here, "t", { at: new Date() })).values).toEqual([[3]]);
    await mkdir(join(folder, "none"));
    await expect(describeHistory(here, "none")).rejects.toMatchObject({ code: "NO_TABLE" });
  });

  it("has statistics that are never too narrow", async () => {
    const long = "z".repeat(40);
    await write(`select * from (values
      (1, 'nan'::double, '${long}a', timestamp '2026-01-01 00:00:00.0000001', 1.5::decimal(20,1), true, 0.1::float),
      (null, 2, '🚲', timestamp '2026-01-01 00:00:00.001001', 2, false, 0.2)) v(i, d, t, moment, wide, yes, f)`);
    const stats = JSON.parse(String((await actions(0)).find(({ add }) => add)?.add?.stats));
    expect(stats).toEqual({
      numRecords: 2,
      minValues: {
        i: 1,
        t: long.slice(0, 32),
        moment: "2026-01-01T00:00:00.000",
        f: Math.fround(0.1),
      },
      maxValues: { i: 1, t: "🚲", moment: "2026-01-01T00:00:00.002", f: Math.fround(0.2) },
      nullCount: { i: 1, d: 0, t: 0, moment: 0, wide: 0, yes: 0, f: 0 },
    });
    await append(`select 5 as i, '${long}b' as t`);
    const second = JSON.parse(String((await actions(1)).find(({ add }) => add)?.add?.stats));
    expect(second.maxValues.t > `${long}b`).toBe(true);
    expect(await rows("select i from 't' where i > 2")).toEqual([[5]]);
    expect(await rows(`select i from 't' where t = '${long}b'`)).toEqual([[5]]);
  });
});
