import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LoadFrameOptions, loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

async function load(name: string, content: string | Uint8Array, options?: LoadFrameOptions) {
  await lake.write(name, content);
  const frame = await loadFrame(lake, name, options);
  return { columns: frame.columns, values: frame.values };
}

const ROWS = {
  columns: ["a", "b"],
  values: [
    [1, "x"],
    [2, null],
  ],
};

describe("loadFrame reads", () => {
  it.each([
    ["t.csv", "a,b\n1,x\n2,\n"],
    ["t.tsv", "a\tb\n1\tx\n2\t\n"],
    ["pipe.txt", "a|b\n1|x\n2|\n"],
    ["crlf.csv", "a;b\r\n1;x\r\n2;\r\n"],
    ["t.csv.gz", gzipSync("a,b\n1,x\n2,\n")],
    ["t.csv.zst", zstdCompressSync("a,b\n1,x\n2,\n")],
    ["t.ndjson", '{"a":1,"b":"x"}\n{"a":2}\n'],
    ["t.jsonl.gz", gzipSync('{"a":1,"b":"x"}\n{"a":2,"b":null}\n')],
    ["array.json", '[{"a":1,"b":"x"},\n {"a":2}]'],
  ])("%s", async (name, content) => {
    expect(await load(name, content)).toEqual(ROWS);
  });

  it("UTF-16 when told", async () => {
    const content = Buffer.from("\uFEFFa,b\n1,x\n2,\n", "utf16le");
    expect(await load("utf16.csv", content, { encoding: "utf-16" })).toEqual(ROWS);
  });

  it("JSON with nested values, offsets and a field that comes late", async () => {
    const early = '{"t":"2020-01-01T00:00:00+02:00","n":{"x":[1,2]}}\n'.repeat(3);
    const { columns, values } = await load("nested.ndjson", `${early}{"late":1.5}\n`);
    expect(columns).toEqual(["t", "n", "late"]);
    expect(values[0]).toEqual(["2020-01-01T00:00:00+02:00", '{"x":[1,2]}', null]);
    expect(values[3]).toEqual([null, null, 1.5]);
  });

  it("Parquet of every type without bending a value", async () => {
    const select = `select 127::tinyint as i8, -9007199254740991::bigint as safe,
      9007199254740993::bigint as wide, 18446744073709551615::ubigint as u64, 0.1::float as f32,
      'nan'::double as nan, 12345678.90::decimal(10, 2) as small,
      1234567890123456.78::decimal(18, 2) as large, date '1969-12-31' as day,
      timestamp '1900-01-01 00:00:00.001' as ms, timestamp '2020-01-01 00:00:00.000001' as us,
      timestamp_ns '2020-01-01 00:00:00.5' as whole, timestamp_ns '2020-01-01 00:00:00.000000001' as ns,
      timestamptz '2020-01-01 00:00:00+02' as zoned, time '01:02:03' as clock, [1, null] as list,
      {'k': 'v'} as struct, '\\x00\\xFF'::blob as bytes, null::int as none`;
    await writeParquet(join(folder, "types.parquet"), select);
    const frame = await loadFrame(lake, "types.parquet");
    const row = Object.fromEntries(
      frame.columns.map((name) => [name, (frame.column(name).values as unknown[])[0]]),
    );
    expect(row).toEqual({
      i8: 127,
      safe: -9007199254740991,
      wide: "9007199254740993",
      u64: "18446744073709551615",
      f32: Math.fround(0.1),
      nan: Number.NaN,
      small: 12345678.9,
      large: "1234567890123456.78",
      day: new Date("1969-12-31T00:00:00Z"),
      ms: new Date("1900-01-01T00:00:00.001Z"),
      us: "2020-01-01 00:00:00.000001",
      whole: new Date("2020-01-01T00:00:00.500Z"),
      ns: "2020-01-01 00:00:00.000000001",
      zoned: new Date("2019-12-31T22:00:00Z"),
      clock: "01:02:03",
      list: "[1,null]",
      struct: '{"k":"v"}',
      bytes: "AP8=",
      none: null,
    });
  });
});

const many = `a\n${Array.from({ length: 5000 }, (_, row) => row * 7919).join("\n")}\n`;

describe("loadFrame refuses", () => {
  it.each([
    ["BAD_ROW", "short.csv", "a,b\n1,2\n3\n", "line 3: expected 2 columns, found 1"],
    ["BAD_ROW", "long.csv", "a,b\n1,2,3\n", "line 2: expected 2 columns, found 3"],
    ["BAD_ROW", "open.csv", 'a,b\n1,"x\n2,y\n', "a quote is opened and never closed"],
    ["BAD_ROW", "bad.ndjson", '{"a":1}\n{"a":\n', "line 2: not valid JSON"],
    ["BAD_ROW", "first.ndjson", '{"a":oops}\n{"a":1}\n', "line 1: not valid JSON"],
    ["BAD_ROW", "late.ndjson", `${'{"a":1}\n'.repeat(50_000)}oops\n`, "line 50001: not valid JSON"],
    ["BAD_ROW", "array.json", '[{"a":1},\n{"a":oops}]', "array.json: not valid JSON"],
    ["EMPTY_FILE", "empty.csv", "", "has no rows"],
    ["NO_HEADER", "data.csv", "1,2\n3,4\n", "names no columns"],
    ["BAD_ENCODING", "latin.csv", Buffer.from([0x61, 0x0a, 0xe4, 0x0a]), "not UTF-8"],
    ["BAD_FILE", "text.parquet", "hello, I am not Parquet", "text.parquet"],
    ["BAD_FILE", "cut.csv.gz", gzipSync(many).subarray(0, 60), "cut.csv.gz"],
    ["BAD_FILE", "cut.csv.zst", zstdCompressSync(many).subarray(0, 60), "cut.csv.zst"],
    ["BAD_FILE", "magic.parquet", "PAR1\0\0\0\0PAR1", "magic.parquet"],
  ])("with %s: %s", async (code, name, content, text) => {
    const error = await load(name, content).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code });
    expect(error.message).toContain(text);
    expect(error.message).not.toContain(folder);
  });
});

describe("whatever a CSV file holds", () => {
  const field = fc.oneof(
    fc.constantFrom("", "1", "-0.5", "1e3", "true", "2020-02-29", "NA", "007", "9007199254740993"),
    fc
      .string({ unit: "grapheme", maxLength: 8 })
      // Of control characters, a CSV file holds none but tabs and line ends.
      .filter((text) => !/[\p{Cc}\uFEFF]/u.test(text.replace(/[\t\n]/g, ""))),
  );
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

  it("comes back as text, to the letter, when asked for as text", async () => {
    const table = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const content = `a,b\n${rows.map((row) => row.map(quoted).join(",")).join("\n")}\n`;
        const types = { a: "VARCHAR", b: "VARCHAR" };
        expect((await load("any.csv", content, { types })).values).toEqual(rows);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("becomes numbers that are the nearest to what is written, or stays text", async () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
    );
    const table = fc.array(fc.option(number), { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(table, async (numbers) => {
        const content = `a,b\n${numbers.map((value) => `${value ?? ""},x`).join("\n")}\n`;
        const { values } = await load("numbers.csv", content);
        for (const [row, [value]] of (values as unknown[][]).entries()) {
          const written = numbers[row] ?? null;
          if (typeof value === "string") expect(value).toBe(String(written));
          else expect(value === 0 ? 0 : value).toBe(written === 0 ? 0 : written);
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
