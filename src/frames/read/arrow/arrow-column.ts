import { type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import { type Data, DataType, type Decimal, TimeUnit } from "apache-arrow";
import { INLINE } from "../values/decode-texts.ts";
import { EngineColumn } from "../values/frame-column.ts";
import { isValid, type Part } from "../values/part.ts";
import { isWideNumber } from "../values/plain-sql.ts";
import { planOf } from "./arrow-types.ts";

/** A column of a dataframe, and how batches of Arrow become its rows. */
export interface ArrowColumn {
  readonly column: EngineColumn;
  readonly partOf: (data: Data) => Part;
}

/**
 * A column that is read where it lies, as Arrow has most types in the engine's own layout. Undefined
 * for a type that takes the engine, such as a list.
 *
 * @throws FrameError `UNKNOWN_TYPE`
 */
export function columnInPlace(type: DataType, name: string): ArrowColumn | undefined {
  const { type: engineType, reader } = planOf(type, name);
  const layout = layoutOf(type, engineType);
  if (!layout) return undefined;
  return {
    column: new EngineColumn(name, engineType, layout.typeId),
    partOf: (data) => new ArrowPart(data, { valueAt: reader(data), ...layout.read(data) }),
  };
}

interface Layout {
  /** Type of the engine that has the same layout. */
  readonly typeId: DuckDBTypeId;
  readonly read: (data: Data) => Partial<Values>;
}

/** The values of a part, in the form that its type is read in. */
interface Values {
  readonly valueAt: (row: number) => unknown;
  readonly items?: ArrayLike<number>;
  readonly halves?: Int32Array;
  readonly texts?: () => DataView;
}

function layoutOf(type: DataType, engineType: DuckDBType): Layout | undefined {
  const { typeId } = engineType;
  if (DataType.isInt(type)) return { typeId, read: type.bitWidth === 64 ? halvesOf : itemsOf };
  if (DataType.isFloat(type) && type.precision > 0) return { typeId, read: itemsOf };
  if (DataType.isDate(type) && type.unit === 0) return { typeId, read: itemsOf };
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND) {
    return { typeId, read: halvesOf };
  }
  if (DataType.isBool(type)) return { typeId, read: () => ({}) };
  if (DataType.isUtf8(type)) return { typeId, read: textsOf };
  if (DataType.isBinary(type)) return { typeId: DuckDBTypeId.VARCHAR, read: base64Of };
  if (!DataType.isDecimal(type) || type.bitWidth !== 128) return undefined;
  if (isWideNumber(engineType)) return { typeId: DuckDBTypeId.VARCHAR, read: () => ({}) };
  return { typeId: DuckDBTypeId.DOUBLE, read: (data) => doublesOf(data, type) };
}

function itemsOf({ values }: Data) {
  return { items: values as unknown as ArrayLike<number> };
}

function halvesOf({ values, length }: Data) {
  const { buffer, byteOffset } = values as unknown as BigInt64Array;
  return { halves: new Int32Array(buffer, byteOffset, 2 * length) };
}

/** Decimals of at most 15 digits, 16 bytes each: a double holds them, the engine divides alike. */
function doublesOf({ values, length }: Data, { scale }: Decimal) {
  const words = values as unknown as Uint32Array;
  const divisor = 10 ** scale;
  const items = new Float64Array(length);
  for (let row = 0; row < length; row++) {
    const high = (words[4 * row + 1] ?? 0) | 0;
    items[row] = (high * 2 ** 32 + (words[4 * row] ?? 0)) / divisor;
  }
  return { items };
}

function textsOf(data: Data) {
  const bytesAt = bytesOf(data);
  return { texts: () => shortTexts(data), valueAt: (row: number) => bytesAt(row).toString("utf8") };
}

function base64Of(data: Data) {
  const bytesAt = bytesOf(data);
  return { valueAt: (row: number) => bytesAt(row).toString("base64") };
}

function bytesOf({ values, valueOffsets }: Data): (row: number) => Buffer {
  const { buffer, byteOffset, byteLength } = values as unknown as Uint8Array;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  return (row) => bytes.subarray(valueOffsets[row], valueOffsets[row + 1]);
}

/** The texts in the engine's layout, of which only short ones are read there. */
function shortTexts({ values, valueOffsets, length }: Data): DataView {
  const bytes = values as unknown as Uint8Array;
  const room = new Uint8Array(16 * length);
  const lengths = new Int32Array(room.buffer);
  for (let row = 0; row < length; row++) {
    const start = valueOffsets[row] ?? 0;
    const size = (valueOffsets[row + 1] ?? 0) - start;
    lengths[4 * row] = size;
    if (size > INLINE) continue;
    for (let at = 0; at < size; at++) room[16 * row + 4 + at] = bytes[start + at] ?? 0;
  }
  return new DataView(room.buffer);
}

/** Rows as a batch of Arrow holds them. */
class ArrowPart implements Part {
  readonly rows: number;
  readonly valid: Uint8Array | undefined;
  readonly nulls: number;
  readonly #values: Values;

  constructor(data: Data, values: Values) {
    this.rows = data.length;
    this.nulls = data.nullCount;
    this.valid = data.nullCount > 0 ? (data.nullBitmap as Uint8Array) : undefined;
    this.#values = values;
  }

  get items(): ArrayLike<number> {
    return this.#values.items ?? [];
  }

  get halves(): Int32Array {
    return this.#values.halves ?? new Int32Array();
  }

  get texts(): DataView | undefined {
    return this.#values.texts?.();
  }

  valueAt(row: number): unknown {
    return isValid(this.valid, row) ? this.#values.valueAt(row) : null;
  }

  release(): void {
    // Nothing was copied.
  }

  drop(): void {
    this.release();
  }
}
