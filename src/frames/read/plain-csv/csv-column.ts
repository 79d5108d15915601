import type { Columns } from "../values/fetch-columns.ts";
import type { ColumnKind, FrameColumn } from "../values/frame-column.ts";
import { ObjectGatherer } from "../values/gather-objects.ts";
import { isValid } from "../values/part.ts";
import { CellKind, type PartColumn, type PlainResult } from "./csv-part.ts";
import { SpanTexts } from "./decode-spans.ts";

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

const TIMES: ReadonlySet<CellKind> = new Set([CellKind.day, CellKind.moment, CellKind.instant]);
const DAY = 86_400_000;

/** A column of a CSV file that the own reader has parsed. */
export class CsvColumn implements FrameColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: ColumnKind;
  readonly nulls: number;
  readonly isInt32: boolean;
  private readonly cells: CellKind;
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
    const values = new Array<unknown>(this.parts.reduce((sum, { rows }) => sum + rows, 0));
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
        if (!valid) for (let row = from; row < to; row++) target[row + shift] = values[row];
        else {
          for (let row = from; row < to; row++) {
            target[row + shift] = isValid(valid, row) ? values[row] : null;
          }
        }
        return;
      case CellKind.boolean:
        for (let row = from; row < to; row++) {
          target[row + shift] = isValid(valid, row) ? values[row] === 1 : null;
        }
        return;
      case CellKind.day:
      case CellKind.moment:
      case CellKind.instant: {
        const unit = this.cells === CellKind.day ? DAY : 1;
        for (let row = from; row < to; row++) {
          const time = (values[row] as number) * unit;
          target[row + shift] = isValid(valid, row) ? new Date(time) : null;
        }
        return;
      }
      case CellKind.text:
        this.texts?.decode(part, from, to, target, at);
        return;
      default:
        target.length = Math.max(target.length, at + to - from);
        target.fill(null, at, at + to - from);
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
  const columns = names.map((name, index) => {
    const own = parts.map((part) => ({
      rows: part.rows,
      ...(part.columns[index] as PartColumn),
    }));
    return new CsvColumn(name, kinds[index] ?? CellKind.empty, own, bytes);
  });
  return { rows, columns };
}
