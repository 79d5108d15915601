import type { DuckDBType, DuckDBValue } from "@duckdb/node-api";
import * as duckdb from "@duckdb/node-api";
import { type Data, DataType, type Field, TimeUnit, Vector } from "apache-arrow";
import { FrameError } from "../../../core/errors.ts";

/** Gives the value of a row as the engine takes it. */
type RowReader = (row: number) => DuckDBValue;

/** The engine's type for an Arrow type, and how to convert values without loss. */
export interface ArrowPlan {
  readonly type: DuckDBType;
  /** Reads a batch. Arrow's own getters would convert timestamps and decimals to doubles. */
  readonly reader: (data: Data) => RowReader;
}

/** @throws FrameError `UNKNOWN_TYPE` for a type that the engine does not have */
export function planOf(type: DataType, column: string): ArrowPlan {
  const plan = plainPlan(type) ?? momentPlan(type) ?? decimalPlan(type) ?? nestedPlan(type, column);
  if (plan) return { type: plan.type, reader: (data) => orNull(data, plan.reader(data)) };
  throw new FrameError("UNKNOWN_TYPE", `column ${column} is of Arrow's type ${type}`, {
    hint: "Write the file without it, or with a type such as list or struct.",
  });
}

/** The plan of a field, whose metadata may name an extension type. */
export function planOfField({ type, metadata }: Field, column: string): ArrowPlan {
  const isUuid = metadata.get("ARROW:extension:name") === "arrow.uuid";
  if (!isUuid || !DataType.isFixedSizeBinary(type) || type.byteWidth !== 16) {
    return planOf(type, column);
  }
  const reader = (data: Data): RowReader => {
    const vector = new Vector([data]);
    return (row) => {
      const hex = Buffer.from(vector.get(row) as unknown as Uint8Array).toString("hex");
      return duckdb.DuckDBUUIDValue.fromUint128(BigInt(`0x${hex}`));
    };
  };
  return { type: duckdb.UUID, reader: (data) => orNull(data, reader(data)) };
}

function orNull(data: Data, read: RowReader): RowReader {
  if (data.nullCount === 0) return read;
  return (row) => (data.getValid(row) ? read(row) : null);
}

function plainPlan(type: DataType): ArrowPlan | undefined {
  const plain = (engineType: DuckDBType): ArrowPlan => ({
    type: engineType,
    reader: (data) => {
      const vector = new Vector([data]);
      return (row) => vector.get(row) as DuckDBValue;
    },
  });
  if (DataType.isNull(type)) return { type: duckdb.INTEGER, reader: () => () => null };
  if (DataType.isInt(type)) {
    const bits = Math.log2(type.bitWidth) - 3;
    const engineType = (type.isSigned ? SIGNED : UNSIGNED)[bits];
    return engineType && plain(engineType);
  }
  if (DataType.isFloat(type)) return plain(type.precision === 2 ? duckdb.DOUBLE : duckdb.FLOAT);
  if (DataType.isBool(type)) return plain(duckdb.BOOLEAN);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) {
    return plain(duckdb.VARCHAR);
  }
  const isBinary = DataType.isBinary(type) || DataType.isLargeBinary(type);
  if (!isBinary && !DataType.isBinaryView(type) && !DataType.isFixedSizeBinary(type)) return;
  const { reader } = plain(duckdb.BLOB);
  return {
    type: duckdb.BLOB,
    reader: (data) => {
      const read = reader(data);
      return (row) => new duckdb.DuckDBBlobValue(read(row) as unknown as Uint8Array);
    },
  };
}

const SIGNED = [duckdb.TINYINT, duckdb.SMALLINT, duckdb.INTEGER, duckdb.BIGINT];
const UNSIGNED = [duckdb.UTINYINT, duckdb.USMALLINT, duckdb.UINTEGER, duckdb.UBIGINT];

function momentPlan(type: DataType): ArrowPlan | undefined {
  if (DataType.isDate(type)) {
    // A date is in days or, as a date with 64 bits, in milliseconds.
    const perDay = type.unit === 0 ? 1n : 86_400_000n;
    return counted(duckdb.DATE, (count) => new duckdb.DuckDBDateValue(Number(count / perDay)));
  }
  if (DataType.isTime(type)) {
    const scale = NANOSECONDS[type.unit];
    return counted(duckdb.TIME_NS, (count) => new duckdb.DuckDBTimeNSValue(count * scale));
  }
  if (DataType.isTimestamp(type)) {
    if (type.unit === TimeUnit.NANOSECOND) {
      return counted(
        duckdb.TIMESTAMP_NS,
        (count) => new duckdb.DuckDBTimestampNanosecondsValue(count),
      );
    }
    const scale = NANOSECONDS[type.unit] / 1000n;
    return type.timezone
      ? counted(duckdb.TIMESTAMPTZ, (count) => new duckdb.DuckDBTimestampTZValue(count * scale))
      : counted(duckdb.TIMESTAMP, (count) => new duckdb.DuckDBTimestampValue(count * scale));
  }
  if (!DataType.isDuration(type)) return undefined;
  const scale = NANOSECONDS[type.unit];
  return counted(duckdb.INTERVAL, (count) => {
    const nanoseconds = count * scale;
    if (nanoseconds % 1000n === 0n) {
      return new duckdb.DuckDBIntervalValue(0, 0, nanoseconds / 1000n);
    }
    throw new FrameError("UNKNOWN_TYPE", `a duration of ${nanoseconds} ns cannot be kept exactly`, {
      hint: "Durations are exact to the microsecond. Store finer ones as integers.",
    });
  });
}

const NANOSECONDS = {
  [TimeUnit.SECOND]: 1_000_000_000n,
  [TimeUnit.MILLISECOND]: 1_000_000n,
  [TimeUnit.MICROSECOND]: 1000n,
  [TimeUnit.NANOSECOND]: 1n,
};

function counted(type: DuckDBType, make: (count: bigint) => DuckDBValue): ArrowPlan {
  return {
    type,
    reader: ({ values }: Data) => {
      return (row) => make(BigInt((values as ArrayLike<number | bigint>)[row] ?? 0));
    },
  };
}

function decimalPlan(type: DataType): ArrowPlan | undefined {
  if (!DataType.isDecimal(type)) return undefined;
  const { precision, scale, bitWidth } = type;
  if (precision > 38 || scale < 0 || scale > precision) return undefined;
  const words = bitWidth / 32;
  return {
    type: duckdb.DECIMAL(precision, scale),
    reader: ({ values }: Data) => {
      const parts = values as Uint32Array;
      return (row) => {
        let value = 0n;
        for (let word = words - 1; word >= 0; word--) {
          value = (value << 32n) | BigInt(parts[row * words + word] ?? 0);
        }
        return new duckdb.DuckDBDecimalValue(BigInt.asIntN(bitWidth, value), precision, scale);
      };
    },
  };
}

function nestedPlan(type: DataType, column: string): ArrowPlan | undefined {
  if (DataType.isDictionary(type)) {
    const { type: engineType, reader } = planOf(type.dictionary, column);
    return {
      type: engineType,
      reader: ({ values, dictionary }: Data) => {
        const words = (dictionary?.data ?? []).flatMap((part) => valuesOf(part, reader(part)));
        return (row) => words[Number((values as ArrayLike<number | bigint>)[row])] ?? null;
      },
    };
  }
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) {
    const { type: itemType, reader } = planOfField(type.children[0] as Field, column);
    return {
      type: duckdb.LIST(itemType),
      reader: (data) => {
        const items = itemsOf(data, reader);
        return (row) => new duckdb.DuckDBListValue(items(row));
      },
    };
  }
  if (DataType.isMap(type)) {
    const [key, value] = type.children[0]?.type.children ?? [];
    if (!key || !value) return undefined;
    const [keys, values] = [planOfField(key, column), planOfField(value, column)];
    const reader = (entries: Data): ((row: number) => duckdb.DuckDBMapEntry) => {
      const [readKey, readValue] = [keys, values].map((plan, index) =>
        childReader(plan, entries, index),
      );
      return (row) => ({ key: readKey?.(row) ?? null, value: readValue?.(row) ?? null });
    };
    return {
      type: duckdb.MAP(keys.type, values.type),
      reader: (data) => {
        const entries = itemsOf(data, reader);
        return (row) => new duckdb.DuckDBMapValue(entries(row));
      },
    };
  }
  if (!DataType.isStruct(type) || type.children.length === 0) return undefined;
  const fields = type.children.map((field) => ({
    name: field.name,
    plan: planOfField(field, column),
  }));
  return {
    type: duckdb.STRUCT(Object.fromEntries(fields.map(({ name, plan }) => [name, plan.type]))),
    reader: (data) => {
      const read = fields.map(({ name, plan }, index) => ({
        name,
        child: childReader(plan, data, index),
      }));
      return (row) =>
        new duckdb.DuckDBStructValue(
          Object.fromEntries(read.map(({ name, child }) => [name, child(row)])),
        );
    },
  };
}

function valuesOf(data: Data, read: RowReader): DuckDBValue[] {
  return Array.from({ length: data.length }, (_, row) => read(row));
}

function childReader(plan: ArrowPlan, data: Data, index: number): RowReader {
  const child = data.children[index];
  return child ? plan.reader(child) : () => null;
}

/** The items of each row's list. */
function itemsOf<T>(data: Data, reader: (child: Data) => (row: number) => T): (row: number) => T[] {
  const child = data.children[0];
  if (!child) return () => [];
  const read = reader(child);
  const offsets = data.valueOffsets as ArrayLike<number | bigint> | undefined;
  const { listSize } = data.type as { listSize?: number };
  const at = (row: number) => (listSize === undefined ? Number(offsets?.[row]) : row * listSize);
  return (row) => {
    const start = at(row);
    return Array.from({ length: at(row + 1) - start }, (_, item) => read(start + item));
  };
}
