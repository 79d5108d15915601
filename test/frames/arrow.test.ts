import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

// Written by pyarrow: one row of values and one of nulls, of every type.
const FILES = join(import.meta.dirname, "files");

const folder = scratchFolder();
const lake = new FolderLake(folder);

beforeAll(() => cp(FILES, folder, { recursive: true }));

const FIRST = {
  safe: -9007199254740991,
  wide: "9007199254740993",
  u64: "18446744073709551615",
  f16: 0.5,
  small: -12345678.9,
  large: "-1234567890123456.78",
  d256: 1.001,
  day: new Date("1969-12-31T00:00:00Z"),
  ms: new Date("1969-12-31T23:59:59.999Z"),
  us: "2020-01-01 00:00:00.000001",
  ns: "2020-01-01 00:00:00.000001001",
  zoned: new Date("2020-01-01T00:00:00Z"),
  clock: "01:02:03.000001",
  span: "25:00:00",
  yes: true,
  word: "Zürich",
  list: "[1,null]",
  struct: '{"k":"v"}',
  map: '{"k":1}',
  bytes: "AP8=",
  none: null,
  long: "ab".repeat(500),
};

describe("an Arrow file", () => {
  it.each(["plain.arrow", "lz4.arrow", "zstd.arrow", "stream.arrows"])(
    "such as %s is read without bending a value",
    async (name) => {
      const frame = await loadFrame(lake, name);
      const row = (index: number) =>
        Object.fromEntries(
          frame.columns.map((column) => [
            column,
            (frame.column(column).values as unknown[])[index],
          ]),
        );
      expect(row(0)).toEqual(FIRST);
      const { wide, ...others } = row(1);
      expect(wide).toBe("1");
      expect(new Set(Object.values(others))).toEqual(new Set([null]));
    },
  );

  it("may be compressed as a whole, and lie in partitions that a condition rules out", async () => {
    const bytes = gzipSync(await readFile(join(FILES, "plain.arrow")));
    for (const year of [2024, 2025]) await lake.write(`t/year=${year}/a.arrow.gz`, bytes);
    lake.downloads.length = 0;
    const frame = await loadFrame(lake, "t", { where: "year = 2025", columns: ["f16", "year"] });
    expect(frame.values).toEqual([
      [0.5, 2025],
      [null, 2025],
    ]);
    expect(lake.downloads).toEqual(["t/year=2025/a.arrow.gz"]);
    const sum = await query(lake, "select count(word) as words, sum(year) as years from 't'");
    expect(sum.values).toEqual([[2, 8098]]);
  });

  it.each([
    ["text.arrow", () => Buffer.from("a,b\n1,2\n")],
    ["empty.arrow", () => Buffer.alloc(0)],
    ["cut.arrow", (bytes: Buffer) => bytes.subarray(0, 3000)],
    [
      "footless.arrow",
      (bytes: Buffer) => Buffer.from(bytes).fill(255, bytes.length - 60, bytes.length - 10),
    ],
    [
      "lost.arrow",
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 2000), bytes.subarray(-900)]),
    ],
  ])("that is broken is refused: %s", async (name, broken) => {
    await lake.write(name, broken(await readFile(join(FILES, "plain.arrow"))));
    const error = await loadFrame(lake, name).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "BAD_FILE" });
    expect(error.message).toContain(name);
    expect(error.message).not.toContain(folder);
  });

  it("that is a stream cut off in a batch is refused", async () => {
    const bytes = await readFile(join(FILES, "stream.arrows"));
    await lake.write("cut.arrows", bytes.subarray(0, bytes.length - 500));
    await expect(loadFrame(lake, "cut.arrows")).rejects.toMatchObject({ code: "BAD_FILE" });
  });

  it("whose blocks of LZ4 are damaged is refused", async () => {
    const bytes = await readFile(join(FILES, "lz4.arrow"));
    const magic = bytes.indexOf(Buffer.from([4, 0x22, 0x4d, 0x18]));
    await lake.write("lz4-cut.arrow", Buffer.from(bytes).fill(255, magic + 7, magic + 11));
    await expect(loadFrame(lake, "lz4-cut.arrow")).rejects.toMatchObject({ code: "BAD_FILE" });
  });
});

describe("what the engine would misread", () => {
  it("decimals of more than 38 digits are refused by name, other columns are not", async () => {
    for (const columns of [["wide"], ["b", "n"]]) {
      const loading = loadFrame(lake, "decimal-256.parquet", { columns });
      await expect(loading).rejects.toThrow(
        `column ${columns.at(-1)} has decimals of more than 38`,
      );
    }
    const whole = loadFrame(lake, "decimal-256.parquet");
    await expect(whole).rejects.toMatchObject({ name: "FrameError", code: "UNKNOWN_TYPE" });
    const { values } = await loadFrame(lake, "decimal-256.parquet", { columns: ["b"] });
    expect(values).toEqual([[1], [2]]);
    expect((await query(lake, "select sum(b) as s from 'decimal-256.parquet'")).values).toEqual([
      [3],
    ]);
  });

  it("Arrow with the highest byte first is refused", async () => {
    const loading = loadFrame(lake, "big-endian.arrow");
    await expect(loading).rejects.toMatchObject({ name: "FrameError", code: "UNKNOWN_TYPE" });
  });

  it.each([
    ["run-ends.arrow", "Arrow's type RunEndEncoded"],
    ["list-view.arrow", "Arrow's type ListView"],
    ["byte-stream-split.parquet", "is whole, but written in a way"],
  ])("%s is not called damaged", async (name, words) => {
    const error = await loadFrame(lake, name).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "UNKNOWN_TYPE" });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("damaged");
  });
});
