import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as arrow from "apache-arrow";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { frameOfArrow } from "../../src/frames/arrow-frame.ts";
import type { DataFrame } from "../../src/frames/danfo/danfo-module.ts";
import { loadedColumns } from "../../src/frames/danfo/lazy-frame.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

beforeAll(() => cp(join(import.meta.dirname, "files"), folder, { recursive: true }));

/** All that a reader can find out about a frame. */
function told(frame: DataFrame) {
  return (loadedColumns(frame)?.columns ?? []).map((column) => ({
    name: column.name,
    type: column.type,
    kind: column.kind,
    isInt32: column.isInt32,
    nulls: column.nulls,
    middle: column.slice(1, 3),
    values: column.values,
  }));
}

test.each(["plain.arrow", "lz4.arrow", "zstd.arrow", "stream.arrows"])(
  "%s has the same columns as through the engine",
  async (name) => {
    const frame = await frameOfArrow([await readFile(join(folder, name))]);
    expect(told(frame)).toEqual(told(await loadFrame(lake, name)));
    expect(frame.shape[0]).toBe(2);
  },
);

const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 4 });
const DAY = 86_400_000;

/** What is read where it lies, at the edges of what a number or a Date holds. */
const COLUMNS: Record<string, [arrow.DataType, fc.Arbitrary<unknown>]> = {
  tiny: [new arrow.Int8(), fc.integer({ min: -128, max: 127 })],
  int: [new arrow.Int32(), fc.integer()],
  unsigned: [new arrow.Uint32(), fc.nat({ max: 2 ** 32 - 1 })],
  safe: [new arrow.Int64(), fc.maxSafeInteger().map(BigInt)],
  big: [new arrow.Int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  double: [new arrow.Float64(), fc.double({ noNaN: true })],
  float: [new arrow.Float32(), fc.float({ noNaN: true })],
  yes: [new arrow.Bool(), fc.boolean()],
  text: [new arrow.Utf8(), fc.string({ unit: "grapheme", maxLength: 16 })],
  bytes: [new arrow.Binary(), fc.uint8Array({ maxLength: 20 })],
  day: [
    new arrow.DateDay(),
    fc.integer({ min: -30_000, max: 40_000 }).map((n) => new Date(n * DAY)),
  ],
  moment: [
    new arrow.Timestamp(arrow.TimeUnit.MICROSECOND, "UTC"),
    fc.integer({ min: -4e12, max: 4e12 }),
  ],
  local: [new arrow.Timestamp(arrow.TimeUnit.MICROSECOND), fc.integer({ min: 0, max: 4e12 })],
};

test("random values in several batches are the same, too", async () => {
  let file = 0;
  const row = fc.record(
    Object.fromEntries(Object.entries(COLUMNS).map(([name, [, values]]) => [name, orNull(values)])),
  );
  const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 40 }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(batches, async (parts) => {
      const streams = parts.map((rows) => {
        const vectors = Object.entries(COLUMNS).map(
          ([name, [type]]) =>
            [
              name,
              arrow.vectorFromArray(
                rows.map((of) => of[name]),
                type,
              ),
            ] as const,
        );
        return arrow.tableToIPC(new arrow.Table(Object.fromEntries(vectors)), "stream");
      });
      const whole = new arrow.Table(streams.flatMap((bytes) => arrow.tableFromIPC(bytes).batches));
      const name = `random-${++file}.arrow`;
      await writeFile(join(folder, name), arrow.tableToIPC(whole, "file"));
      const frame = await frameOfArrow(streams);
      expect(told(frame)).toEqual(told(await loadFrame(lake, name)));
    }),
    { numRuns: 40 },
  );
});

test("columns of one name, or that differ in case only, stay apart", async () => {
  const field = (name: string, type: arrow.DataType) => new arrow.Field(name, type, true);
  const list = new arrow.List(field("item", new arrow.Int32()));
  const schema = new arrow.Schema([
    field("a", new arrow.Int32()),
    field("a", new arrow.Int32()),
    field("l", list),
    field("L", list),
  ]);
  const data = [
    arrow.vectorFromArray([1], new arrow.Int32()),
    arrow.vectorFromArray([2], new arrow.Int32()),
    arrow.vectorFromArray([[3]], list),
    arrow.vectorFromArray([[4]], list),
  ].map((vector) => vector.data[0] as arrow.Data);
  const struct = arrow.makeData({
    type: new arrow.Struct(schema.fields),
    length: 1,
    children: data,
  });
  const table = new arrow.Table([new arrow.RecordBatch(schema, struct as never)]);
  const frame = await frameOfArrow([arrow.tableToIPC(table, "stream")]);
  expect(frame.columns).toEqual(["a", "a_1", "l", "L"]);
  expect(frame.values).toEqual([[1, 2, "[3]", "[4]"]]);
});

test("no rows have columns, and no result has none", async () => {
  const none = arrow.tableToIPC(arrow.tableFromArrays({ n: new Int32Array() }), "stream");
  const frame = await frameOfArrow([none]);
  expect([frame.columns, frame.shape]).toEqual([["n"], [0, 1]]);
  expect((await frameOfArrow([])).shape).toEqual([0, 0]);
});

test("a damaged result, or one whose columns change, is refused", async () => {
  const one = arrow.tableToIPC(arrow.tableFromArrays({ n: Int32Array.of(1) }), "stream");
  const other = arrow.tableToIPC(arrow.tableFromArrays({ n: Float64Array.of(1) }), "stream");
  await expect(frameOfArrow([one, other])).rejects.toMatchObject({ code: "BAD_FILE" });
  const cut = one.subarray(0, one.length - 40);
  await expect(frameOfArrow([cut])).rejects.toMatchObject({ code: "BAD_FILE" });
});
