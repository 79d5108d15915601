import {
  BLOB,
  type DuckDBBlobValue,
  type DuckDBDataChunk,
  DuckDBScalarFunction,
  type DuckDBVector,
  VARCHAR,
} from "@duckdb/node-api";
import type { Engine } from "../sql/engine.ts";

/** Name of the engine's function from the two parts of a variant to its JSON text. */
export const VARIANT_FUNCTION = "notelake_variant_json";

/** Lets the engine read variants, which it does itself only in files that mark them. */
export function registerVariantFunction(engine: Engine): void {
  engine.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: VARIANT_FUNCTION,
      parameterTypes: [BLOB, BLOB],
      returnType: VARCHAR,
      mainFunction: (_, input, output) => fill(input, output),
    }),
  );
}

function fill(input: DuckDBDataChunk, output: DuckDBVector): void {
  const [metadata, values] = [input.getColumnVector(0), input.getColumnVector(1)];
  for (let row = 0; row < input.rowCount; row++) {
    const [names, value] = [bytesOf(metadata, row), bytesOf(values, row)];
    output.setItem(row, names && value ? variantJson(names, value) : null);
  }
  output.flush();
}

function bytesOf(vector: DuckDBVector, row: number): Buffer | undefined {
  const value = vector.getItem(row) as DuckDBBlobValue | null;
  if (!value) return undefined;
  const { buffer, byteOffset, byteLength } = value.bytes;
  return Buffer.from(buffer, byteOffset, byteLength);
}

/**
 * A value in the Parquet Variant binary encoding, as JSON text. Integers and decimals keep all
 * digits. Dates and timestamps are ISO 8601 text with a space, bytes Base64, NaN and infinities
 * text.
 *
 * @param metadata field names of the objects in the value
 * @see https://github.com/apache/parquet-format/blob/master/VariantEncoding.md
 * @throws RangeError when the bytes are malformed
 */
export function variantJson(metadata: Buffer, value: Buffer): string {
  return new Variant(metadata).json(value, 0);
}

const VERSION = 1;
// Microseconds.
const DAY = 86_400_000_000n;

/** Basic types: the lowest two bits of a value's first byte. */
const BASIC = { primitive: 0, shortText: 1, object: 2, list: 3 } as const;

class Variant {
  private readonly names: readonly string[];

  constructor(metadata: Buffer) {
    const header = metadata.readUInt8(0);
    if ((header & 0xf) !== VERSION) throw new RangeError(`variant of version ${header & 0xf}`);
    const size = (header >> 6) + 1;
    const names = metadata.readUIntLE(1, size);
    const start = 1 + size * (names + 2);
    this.names = Array.from({ length: names }, (_, index) => {
      const at = 1 + size * (index + 1);
      const [from, to] = [metadata.readUIntLE(at, size), metadata.readUIntLE(at + size, size)];
      return text(metadata, start + from, to - from);
    });
  }

  json(bytes: Buffer, at: number): string {
    const first = bytes.readUInt8(at);
    const header = first >> 2;
    switch (first & 3) {
      case BASIC.shortText:
        return JSON.stringify(text(bytes, at + 1, header));
      case BASIC.object:
        return this.object(bytes, at + 1, (header & 3) + 1, ((header >> 2) & 3) + 1, header & 16);
      case BASIC.list:
        return this.list(bytes, at + 1, (header & 3) + 1, header & 4);
      default:
        return primitive(bytes, at + 1, header);
    }
  }

  private object(
    bytes: Buffer,
    start: number,
    offsetSize: number,
    idSize: number,
    isLarge: number,
  ): string {
    const count = isLarge ? bytes.readUInt32LE(start) : bytes.readUInt8(start);
    const ids = start + (isLarge ? 4 : 1);
    const offsets = ids + count * idSize;
    const values = offsets + (count + 1) * offsetSize;
    const parts = Array.from({ length: count }, (_, index) => {
      const name = this.names[bytes.readUIntLE(ids + index * idSize, idSize)];
      if (name === undefined) throw new RangeError("variant names a field that it does not have");
      const offset = bytes.readUIntLE(offsets + index * offsetSize, offsetSize);
      return `${JSON.stringify(name)}:${this.json(bytes, values + offset)}`;
    });
    return `{${parts.join(",")}}`;
  }

  private list(bytes: Buffer, start: number, offsetSize: number, isLarge: number): string {
    const count = isLarge ? bytes.readUInt32LE(start) : bytes.readUInt8(start);
    const offsets = start + (isLarge ? 4 : 1);
    const values = offsets + (count + 1) * offsetSize;
    const parts = Array.from({ length: count }, (_, index) =>
      this.json(bytes, values + bytes.readUIntLE(offsets + index * offsetSize, offsetSize)),
    );
    return `[${parts.join(",")}]`;
  }
}

/** @param type the encoding's "primitive type ID" */
function primitive(bytes: Buffer, at: number, type: number): string {
  switch (type) {
    case 0:
      return "null";
    case 1:
      return "true";
    case 2:
      return "false";
    case 3:
      return String(bytes.readInt8(at));
    case 4:
      return String(bytes.readInt16LE(at));
    case 5:
      return String(bytes.readInt32LE(at));
    case 6:
      return String(bytes.readBigInt64LE(at));
    case 7:
      return numberJson(bytes.readDoubleLE(at));
    case 8:
      return decimal(BigInt(bytes.readInt32LE(at + 1)), bytes.readUInt8(at));
    case 9:
      return decimal(bytes.readBigInt64LE(at + 1), bytes.readUInt8(at));
    case 10: {
      const [low, high] = [bytes.readBigUInt64LE(at + 1), bytes.readBigInt64LE(at + 9)];
      return decimal((high << 64n) | low, bytes.readUInt8(at));
    }
    case 11:
      return JSON.stringify(moment(BigInt(bytes.readInt32LE(at)) * DAY, 6).split(" ")[0]);
    case 12:
      return JSON.stringify(`${moment(bytes.readBigInt64LE(at), 6)}+00:00`);
    case 13:
      return JSON.stringify(moment(bytes.readBigInt64LE(at), 6));
    case 14:
      return numberJson(shortest(bytes.readFloatLE(at)));
    case 15:
      return JSON.stringify(slice(bytes, at + 4, bytes.readUInt32LE(at)).toString("base64"));
    case 16:
      return JSON.stringify(text(bytes, at + 4, bytes.readUInt32LE(at)));
    case 17:
      return JSON.stringify(moment(bytes.readBigInt64LE(at), 6).split(" ")[1]);
    case 18:
      return JSON.stringify(`${moment(bytes.readBigInt64LE(at), 9)}+00:00`);
    case 19:
      return JSON.stringify(moment(bytes.readBigInt64LE(at), 9));
    case 20:
      return JSON.stringify(uuid(slice(bytes, at, 16).toString("hex")));
    default:
      throw new RangeError(`variant holds a value of type ${type}, which is not known`);
  }
}

function slice(bytes: Buffer, at: number, length: number): Buffer {
  if (at + length > bytes.length) throw new RangeError("variant ends too early");
  return bytes.subarray(at, at + length);
}

function text(bytes: Buffer, at: number, length: number): string {
  return slice(bytes, at, length).toString("utf8");
}

function numberJson(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
}

/** The number with the fewest digits that is the same 32-bit float, as other readers print it. */
function shortest(float: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const number = Number(float.toPrecision(digits));
    if (Math.fround(number) === float) return number;
  }
  return float;
}

function decimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** @param digits of the fraction of a second in `value`: 6 or 9 */
function moment(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const fraction = ((value % unit) + unit) % unit;
  const seconds = new Date(Number((value - fraction) / unit) * 1000).toISOString();
  const rest = String(fraction).padStart(digits, "0").replace(/0+$/, "");
  return `${seconds.slice(0, 19).replace("T", " ")}${rest && `.${rest}`}`;
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
