import type { DuckDBDataChunk, DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import { DayDates } from "./day-dates.ts";
import { decodeNumbers, decodeValues } from "./decode-values.ts";
import { EnginePart } from "./engine-part.ts";
import { type Inspection, Inspector } from "./inspector.ts";
import type { Part } from "./part.ts";
import { isWideNumber } from "./plain-sql.ts";

/** What the values of a column are in JavaScript; `null` stands for null in each. */
export type ColumnKind = "number" | "text" | "boolean" | "date" | "timestamp";

/**
 * One column of a result, whose values become JavaScript values when they are first asked for.
 *
 * Nothing is rounded or shifted on the way:
 *
 * | in the file | here |
 * |---|---|
 * | integers up to 32 bits, floats | number |
 * | 64-bit and larger integers | number if all are within ±2^53, otherwise text |
 * | decimals | number if all are whole and within ±2^53, or of at most 15 digits; otherwise text |
 * | dates | Date at midnight UTC, the same one for all rows of a day, whose setters throw |
 * | timestamps | Date whose UTC fields are the written ones; text if any has parts of a millisecond |
 * | timestamps with a zone | Date of that instant; text in the same case |
 * | times, intervals, UUIDs, enumerations | text |
 * | lists, structs, maps, variants | JSON text with all digits; NaN and infinities in it are text |
 * | bytes | base64 text |
 *
 * A number in CSV or JSON is one here where a double, written with as many digits, reads the same;
 * otherwise its column is text. Timestamps with a zone that are finer than a microsecond are text in
 * UTC, without the zone.
 */
export interface FrameColumn {
  readonly name: string;
  /** SQL type in the file or the query. */
  readonly type: string;
  readonly kind: ColumnKind;
  /** Whether all numbers are integers that fit 32 bits. */
  readonly isInt32: boolean;
  readonly nulls: number;
  /** All values; always the same array. */
  readonly values: unknown[];
  /** Some values, without converting all. */
  slice(start: number, end: number): unknown[];
}

/** The engine's chunks of a column, which have all columns that were fetched with it. */
export interface StoredColumn {
  readonly typeId: DuckDBTypeId;
  readonly via: Inspection["via"];
  readonly isInt32: boolean;
  readonly chunks: readonly DuckDBDataChunk[];
}

/** A column in the engine's memory. */
export class EngineColumn implements FrameColumn {
  readonly name: string;
  readonly type: string;
  private parts: Part[] = [];
  private readonly typeId: DuckDBTypeId;
  private readonly inspector: Inspector;
  private readonly days = new DayDates();
  private decoded: unknown[] | undefined;
  private nullCount: number | undefined;

  /**
   * @param type in the file or the query
   * @param typeId type of the parts: the same, or that of `asPlain`
   */
  constructor(name: string, type: DuckDBType, typeId: DuckDBTypeId) {
    this.name = name;
    this.type = type.toString();
    this.typeId = typeId;
    this.inspector = new Inspector(typeId, isWideNumber(type));
  }

  /** Adds rows at the end. */
  add(part: Part): void {
    this.inspector.look(part);
    part.drop();
    this.parts.push(part);
  }

  /** The engine's chunks, until values were converted. */
  get stored(): StoredColumn | undefined {
    if (this.decoded || !this.parts.every((part) => part instanceof EnginePart)) return undefined;
    const chunks = this.parts.map(({ chunk }) => chunk);
    const { via, isInt32 } = this.inspector.inspection;
    return { typeId: this.typeId, via, isInt32, chunks };
  }

  get kind(): ColumnKind {
    const { kind } = this.inspector.inspection;
    return kind === "timestamp" && this.type === "DATE" ? "date" : kind;
  }

  get isInt32(): boolean {
    return this.inspector.inspection.isInt32;
  }

  get nulls(): number {
    this.nullCount ??= this.parts.reduce((sum, part) => {
      const { nulls } = part;
      part.drop();
      return sum + nulls;
    }, 0);
    return this.nullCount;
  }

  get values(): unknown[] {
    if (!this.decoded) {
      const { nulls, parts } = this;
      const { inspection } = this.inspector;
      this.decoded =
        inspection.kind === "number" && nulls === 0
          ? decodeNumbers(parts, inspection)
          : decodeValues(parts, inspection, this.days);
      this.parts = [];
    }
    return this.decoded;
  }

  slice(start: number, end: number): unknown[] {
    if (this.decoded) return this.decoded.slice(start, end);
    const some: unknown[] = [];
    let from = 0;
    for (const part of this.parts) {
      const to = from + part.rows;
      if (to > start && from < end) {
        const values = decodeValues([part], this.inspector.inspection, this.days);
        some.push(...values.slice(Math.max(0, start - from), end - from));
      }
      from = to;
    }
    return some;
  }
}
