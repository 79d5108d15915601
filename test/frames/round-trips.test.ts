import { utils, write } from "@e965/xlsx";
import * as arrow from "apache-arrow";
import { tableToIPC, vectorFromArray } from "apache-arrow";
import { DataFrame } from "danfojs-node";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadDanfo } from "../../src/frames/danfo/load-danfo.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { writeFrame } from "../../src/frames/write-frame.ts";
import type { Lake } from "../../src/lake/lake.ts";
import type { ContractLake } from "../lake/contract/contract-lake.ts";
import { startLake } from "../lake/start-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

// Whatever is written by another library comes back the same, value for value.

scratchFolder();
let served: ContractLake;
let lake: Lake;

beforeAll(async () => {
  served = await startLake(2);
  lake = served.lake;
  await loadDanfo();
});
afterAll(() => served.close());

const text = fc
  .string({ unit: "grapheme", maxLength: 12 })
  // Of control characters, Excel has none, and half of a surrogate pair is no text.
  .filter((value) => !/[\p{Cc}\uFEFF\uFFFE\uFFFF]/u.test(value) && value.isWellFormed());
const row = fc.record({
  whole: fc.option(fc.maxSafeInteger()),
  number: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  text: fc.option(text),
  flag: fc.option(fc.boolean()),
  day: fc.option(
    fc.date({ min: new Date("1900-03-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
  ),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;
// The first row has all values, so that every library knows the types.
const FIRST: Row = {
  whole: 1,
  number: 0.5,
  text: "x",
  flag: true,
  day: new Date("2020-01-02T03:04:05.678Z"),
};
const table = fc.array(row, { maxLength: 30 }).map((rows) => [FIRST, ...rows]);
const NAMES = ["whole", "number", "text", "flag", "day"] as const;
const RUNS = { numRuns: 40, seed: 6 };

async function loaded(path: string, bytes: Uint8Array | string): Promise<unknown[][]> {
  await lake.write(path, bytes, { overwrite: true });
  return (await loadFrame(lake, path)).values as unknown[][];
}

/** Zeros lose their sign in formats that know none. */
const plain = (value: unknown) => (value === 0 ? 0 : value);
const expected = (rows: readonly Row[], change: (value: unknown) => unknown = plain) =>
  rows.map((each) => NAMES.map((name) => change(each[name])));

describe("what comes back is what was written", () => {
  it("as NDJSON and as a JSON array", async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const day = (value: unknown) =>
          value instanceof Date ? value.toISOString() : plain(value);
        const lines = rows.map((each) => JSON.stringify(each)).join("\n");
        expect((await loaded("t.ndjson", lines)).map((r) => r.map(plain))).toEqual(
          expected(rows, day),
        );
        const list = await loaded("t.json", JSON.stringify(rows));
        expect(list.map((r) => r.map(plain))).toEqual(expected(rows, day));
      }),
      RUNS,
    );
  });

  it("as an Arrow file and stream", async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const vector = (name: (typeof NAMES)[number], type: arrow.DataType) =>
          vectorFromArray(rows.map((each) => each[name]) as never[], type as never);
        const whole = vectorFromArray(
          rows.map(({ whole: value }) => (value === null ? null : BigInt(value))),
          new arrow.Int64(),
        );
        const columns = new arrow.Table({
          whole,
          number: vector("number", new arrow.Float64()),
          text: vector("text", new arrow.Utf8()),
          flag: vector("flag", new arrow.Bool()),
          day: vector("day", new arrow.TimestampMillisecond()),
        } as never);
        for (const kind of ["file", "stream"] as const) {
          const back = await loaded(`t-${kind}.arrow`, tableToIPC(columns, kind));
          expect(back.map((r) => r.map(plain))).toEqual(expected(rows));
        }
      }),
      RUNS,
    );
  });

  it("as an Excel sheet, in which empty text is null and times are to the second", async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const seconds = (date: Date) => new Date(Math.floor(date.getTime() / 1000) * 1000);
        const cells = rows.map((each) => ({ ...each, day: each.day && seconds(each.day) }));
        const sheet = utils.json_to_sheet(cells, { UTC: true });
        const book = utils.book_new();
        utils.book_append_sheet(book, sheet, "rows");
        const bytes = write(book, { type: "buffer", bookType: "xlsx" }) as Buffer;
        const change = (value: unknown) => (value === "" ? null : plain(value));
        const written = expected(cells as Row[], change);
        const back = (await loaded("t.xlsx", bytes)).map((r) => r.map(plain));
        for (const [place, values] of written.entries()) {
          const found = back[place] ?? [null, null, null, null, null];
          expect(found.slice(0, 4)).toEqual(values.slice(0, 4));
          const [a, b] = [values[4] as Date | null, found[4] as Date | null];
          expect(b === null).toBe(a === null);
          if (a && b) expect(Math.abs(a.getTime() - b.getTime())).toBeLessThan(1000);
        }
      }),
      RUNS,
    );
  });

  it("as timestamps of any year that a Date can hold, to the millisecond", async () => {
    // 250,000 years to either side: some minutes short of what a Date can hold.
    const range = { min: new Date(-8e15), max: new Date(8e15), noInvalidDate: true };
    const moments = fc.array(fc.date(range), { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(moments, async (dates) => {
        // A time of its own keeps all of them from being dates.
        const at = [new Date("2020-01-02T03:04:05.678Z"), ...dates];
        const column = vectorFromArray(at, new arrow.TimestampMillisecond());
        const bytes = tableToIPC(new arrow.Table({ at: column }), "file");
        const back = (await loaded("moments.arrow", bytes)).map(([value]) => value);
        expect(back).toEqual(at);
      }),
      { numRuns: 60, seed: 7 },
    );
    const far = [
      "9999-12-31T23:59:59.999Z",
      "1600-01-01T00:00:00.001Z",
      "0001-01-01T00:00:00.000Z",
    ];
    const column = vectorFromArray(
      far.map((text) => new Date(text)),
      new arrow.TimestampMillisecond(),
    );
    const bytes = tableToIPC(new arrow.Table({ at: column }), "file");
    expect(await loaded("far.arrow", bytes)).toEqual(far.map((text) => [new Date(text)]));
  });

  it("as Parquet and as CSV, by writeFrame", async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const columns = Object.fromEntries(NAMES.map((name) => [name, rows.map((r) => r[name])]));
        const frame = new DataFrame(columns);
        await writeFrame(lake, "t.parquet", frame, { overwrite: true });
        const parquet = (await loadFrame(lake, "t.parquet")).values as unknown[][];
        // -0 makes its column one of doubles, so it comes back as it is.
        expect(parquet).toEqual(rows.map((each) => NAMES.map((name) => each[name])));
        await writeFrame(lake, "t.csv", frame, { overwrite: true });
        const types = { whole: "BIGINT", number: "DOUBLE", text: "VARCHAR", flag: "BOOLEAN" };
        const csv = (await loadFrame(lake, "t.csv", { types })).values as unknown[][];
        expect(csv.map((r) => r.map(plain))).toEqual(expected(rows));
      }),
      RUNS,
    );
  });
});
