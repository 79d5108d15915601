import { describe, expect, it } from "vitest";
import { PartCollector } from "../../src/frames/read/plain-csv/collect-parts.ts";
import { CellKind, type PartColumn } from "../../src/frames/read/plain-csv/csv-part.ts";
import type { RowParser } from "../../src/frames/read/plain-csv/row-parser.ts";

/** Rows of columns of three kinds, as a parser has them. */
function rowsOf(columns: number, rows: number, base: number): RowParser {
  const kinds = [CellKind.decimal, CellKind.boolean, CellKind.day];
  const columnAt = (index: number): PartColumn => {
    const cells = Array.from({ length: rows }, (_, row) => (base + index + row) % 100);
    switch (kinds[index % 3]) {
      case CellKind.boolean:
        return { values: Uint8Array.from(cells), nulls: 0 };
      case CellKind.day:
        return {
          values: Int32Array.from(cells),
          valid: Uint8Array.of(base, index % 256),
          nulls: 1,
        };
      default:
        return { values: Float64Array.from(cells), nulls: 0, isInt32: false };
    }
  };
  const all = Array.from({ length: columns }, (_, index) => ({
    index,
    name: `c${index}`,
    kind: kinds[index % 3] ?? CellKind.empty,
  }));
  return { rows, columns: all, columnAt } as unknown as RowParser;
}

describe("what is collected of a CSV file", () => {
  it.each([1, 5, 16, 17, 3_000])(
    "is the same for %i columns, in the order of the file",
    (columns) => {
      const collector = new PartCollector();
      for (const span of [1, 0]) collector.add(rowsOf(columns, 13, span), span);
      const expected = [0, 1].map((span) => ({
        rows: 13,
        columns: Array.from({ length: columns }, (_, index) =>
          rowsOf(columns, 13, span).columnAt(index),
        ),
      }));
      expect(collector.parts).toEqual(expected);
    },
  );

  it("is in a memory a column, and in a few where columns are many", () => {
    const memoriesOf = (columns: number) => {
      const collector = new PartCollector();
      collector.add(rowsOf(columns, 13, 0), 0);
      const views =
        collector.parts[0]?.columns.flatMap(({ values, valid }) => [values, valid]) ?? [];
      const buffers = views.flatMap((view) => (view ? [view.buffer] : []));
      expect(buffers.every((buffer) => buffer instanceof SharedArrayBuffer)).toBe(true);
      return new Set(buffers).size;
    };
    expect([5, 16].map(memoriesOf)).toEqual([5, 16]);
    expect(memoriesOf(3_000)).toBeLessThanOrEqual(16);
  });
});
