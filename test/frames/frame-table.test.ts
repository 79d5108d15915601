import { describe, expect, it } from "vitest";
import { withEngine } from "../../src/frames/engine.ts";
import { makeTable } from "../../src/frames/frame-table.ts";

// Three fillings of the memory that rows go through, the last one smaller.
const ROWS = 2048 * 2 + 100;
const LAST = 8_640_000_000_000_000;
const DAY = 86_400_000;

const VALUES: Record<string, readonly unknown[]> = {
  INTEGER: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)],
  BIGINT: [0, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53) + 1],
  "BIGINT of bigints": [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)],
  DOUBLE: [0.5, -0, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE, 2 ** 53 + 2],
  VARCHAR: ["", "short", "of more than twelve bytes", "größe", "😀\u0000"],
  BOOLEAN: [true, false],
  DATE: [0, -DAY, 20_000 * DAY, LAST, -LAST].map((time) => new Date(time)),
  TIMESTAMP: [
    1, -1, 1_700_000_000_123, 9_007_199_254_741, -9_007_199_254_741, 4_102_444_800_001,
  ].map((time) => new Date(time)),
};

/** Where nulls are, by row. */
const NULLS: Record<string, (row: number) => boolean> = {
  "without nulls": () => false,
  "with nulls here and there": (row) => row % 7 === 3,
  "with nulls in its first rows only": (row) => row < 10,
  "with nulls in its last rows only": (row) => row >= ROWS - 3,
  "with nulls from the second filling on": (row) => row >= 2048,
};

describe("a dataframe as a table of the engine", () => {
  for (const [type, some] of Object.entries(VALUES)) {
    it.each(Object.keys(NULLS))(`keeps each value of ${type} %s`, async (where) => {
      const values = Array.from({ length: ROWS }, (_, row) =>
        NULLS[where]?.(row) ? (row % 2 ? null : undefined) : some[row % some.length],
      );
      await withEngine(async (engine) => {
        await makeTable(engine, "made", { columns: ["v"], column: () => ({ values }) });
        const { 0: described } = (await engine.runAndReadAll("describe made")).getRowsJson();
        expect(described?.[1]).toBe(type.split(" ")[0]);
        const got = (await engine.runAndReadAll("select v from made")).getColumnsJS()[0] ?? [];
        expect(got.map(plain)).toEqual(values.map(plain));
      });
    });
  }
});

/** As text that tells all values apart: -0 and 0, 1 and 1n alike. */
function plain(value: unknown): string {
  if (value instanceof Date) return String(value.getTime());
  return Object.is(value, -0) ? "-0" : String(value ?? null);
}
