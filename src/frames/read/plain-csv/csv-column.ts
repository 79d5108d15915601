import { DayDates } from "../values/day-dates.ts";
import type { Columns } from "../values/fetch-columns.ts";
import type { ColumnKind, FrameColumn } from "../values/frame-column.ts";
import { ObjectGatherer } from "../values/gather-objects.ts";
import { numberArray, putNumbers } from "../values/number-array.ts";
import { isValid } from "../values/part.ts";
import { CellKind, type PartColumn, type PlainResult } from "./csv-part.ts";
import { SpanTexts } from "./decode-spans.ts";
import { holdMemory } from "./held-memory.ts";

/** Rows of a column, and how many they are. */
export interface ColumnPart extends PartColumn {
  readonly rows: number;
}

/** What a column is to the engine, and what its values are in JavaScript. */
const TYPES: Partial<Record<CellKind, readonly [type: string, kind: ColumnKind]>> = {
  [CellKind.empty]: ["VARCHAR", "text"],
  [CellKind.whole]: ["BIGINT", "number"],
  [CellKind.decimal]: ["DOUBLE", "number"],
  [CellKind.boolean]: ["BOOLEAN", "boolean"],
  [CellKind.day]: ["DATE", "date"],
  [CellKind.moment]: ["TIMESTAMP", "timestamp"],
  [CellKind.instant]: ["TIMESTAMP WITH TIME ZONE", "timestamp"],
  [CellKind.text]: ["VARCHAR", "text"],
};

const TIMES: ReadonlySet<CellKind> = new Set([CellKind.moment, CellKind.instant]);

/** A column of a CSV file that the own reader has parsed. */
export class CsvColumn implements FrameColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: ColumnKind;
  readonly nulls: number;
  readonly isInt32: boolean;
  private readonly cells: CellKind;
  private readonly days = new DayDates();
  private parts: readonly ColumnPart[];
  private texts: SpanTexts | undefined;
  private decoded: unknown[] | undefined;

  constructor(name: string, cells: CellKind, parts: readonly ColumnPart[], bytes: Uint8Array) {
    const [type, kind] = TYPES[cells] ?? ["VARCHAR", "text"];
    this.name = name;
    this.type = type;
    this.kind = kind;
    this.nulls = parts.reduce((sum, { nulls }) => sum + nulls, 0);
    this.isInt32 = cells === CellKind.whole && parts.every((part) => part.isInt32);
    this.cells = cells;
    this.parts = parts;
    this.texts = cells === CellKind.text ? new SpanTexts(bytes) : undefined;
  }

  get values(): unknown[] {
    if (!this.decoded) {
      this.decoded = TIMES.has(this.cells) ? this.makeTimes() : this.decodeAll();
      this.parts = [];
      this.texts = undefined;
    }
    return this.decoded;
  }

  slice(start: number, end: number): unknown[] {
    if (this.decoded) return this.decoded.slice(start, end);
    const values: unknown[] = [];
    let first = 0;
    for (const part of this.parts) {
      const from = Math.max(0, start - first);
      const to = Math.min(part.rows, end - first);
      if (from < to) this.decode(part, from, to, values, values.length);
      first += part.rows;
    }
    return values;
  }

  private decodeAll(): unknown[] {
    const rows = this.parts.reduce((sum, part) => sum + part.rows, 0);
    return this.kind === "number" && this.nulls === 0 ? this.numbersOf(rows) : this.cellsOf(rows);
  }

  private numbersOf(rows: number): number[] {
    const numbers = numberArray(rows);
    let at = 0;
    for (const part of this.parts) {
      putNumbers(part.values, part.rows, numbers, at);
      at += part.rows;
    }
    return numbers;
  }

  private cellsOf(rows: number): unknown[] {
    const values = new Array<unknown>(rows);
    let at = 0;
    for (const part of this.parts) {
      this.decode(part, 0, part.rows, values, at);
      at += part.rows;
    }
    return values;
  }

  private makeTimes(): unknown[] {
    const times = new ObjectGatherer();
    for (const part of this.parts) {
      times.add(part.rows, (from, to, block) => this.decode(part, from, to, block, 0));
    }
    return times.gather();
  }

  /** Puts the values of rows from `from` to before `to` into `target` from `at` on. */
  private decode(part: ColumnPart, from: number, to: number, target: unknown[], at: number): void {
    const { values, valid } = part;
    const shift = at - from;
    switch (this.cells) {
      case CellKind.whole:
      case CellKind.decimal:
        decodeNumbers(values as Float64Array, valid, from, to, target, at);
        return;
      case CellKind.boolean:
        for (let row = from; row < to; row++) {
          target[row + shift] = isValid(valid, row) ? values[row] === 1 : null;
        }
        return;
      case CellKind.day:
        for (let row = from; row < to; row++) {
          target[row + shift] = isValid(valid, row)
            ? this.days.dateOf(values[row] as number)
            : null;
        }
        return;
      case CellKind.moment:
      case CellKind.instant:
        for (let row = from; row < to; row++) {
          target[row + shift] = isValid(valid, row) ? new Date(values[row] as number) : null;
        }
        return;
      case CellKind.text:
        this.texts?.decode(part, from, to, target, at);
        return;
      default:
        target.length = Math.max(target.length, at + to - from);
        target.fill(null, at, at + to - from);
    }
  }
}

/** By itself, so that it is compiled for one type of array: that takes half the time. */
function decodeNumbers(
  values: Float64Array,
  valid: Uint8Array | undefined,
  from: number,
  to: number,
  target: unknown[],
  at: number,
): void {
  const shift = at - from;
  if (!valid) for (let row = from; row < to; row++) target[row + shift] = values[row];
  else {
    for (let row = from; row < to; row++) {
      target[row + shift] = isValid(valid, row) ? values[row] : null;
    }
  }
}

/**
 * What was read of a file, as columns.
 *
 * @param bytes of the file
 */
export function columnsOf({ names, kinds, parts }: PlainResult, bytes: Uint8Array): Columns {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const held = new Map<object, number>([[bytes, bytes.length]]);
  const columns = names.map((name, index) => {
    const own = parts.map((part) => ({
      rows: part.rows,
      ...(part.columns[index] as PartColumn),
    }));
    held.set(own, sizeOf(own));
    return new CsvColumn(name, kinds[index] ?? CellKind.empty, own, bytes);
  });
  holdMemory(held);
  return { rows, columns };
}

function sizeOf(parts: readonly ColumnPart[]): number {
  return parts.reduce(
    (sum, { values, valid }) => sum + values.byteLength + (valid?.length ?? 0),
    0,
  );
}
