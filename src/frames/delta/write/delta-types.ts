import {
  type DuckDBArrayType,
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId as Id,
} from "@duckdb/node-api";
import type { ColumnType } from "../../sql/frame-types.ts";
import type { JsonType } from "../delta-schema.ts";

const LEAVES: Readonly<Partial<Record<Id, string>>> = {
  [Id.BOOLEAN]: "boolean",
  [Id.TINYINT]: "byte",
  [Id.SMALLINT]: "short",
  [Id.INTEGER]: "integer",
  [Id.BIGINT]: "long",
  // Delta knows no numbers without a sign: the next wider type holds them.
  [Id.UTINYINT]: "short",
  [Id.USMALLINT]: "integer",
  [Id.UINTEGER]: "long",
  [Id.UBIGINT]: "decimal(20,0)",
  // What sums of whole numbers are; a sum that is larger than a long is refused.
  [Id.HUGEINT]: "long",
  [Id.FLOAT]: "float",
  [Id.DOUBLE]: "double",
  [Id.VARCHAR]: "string",
  [Id.ENUM]: "string",
  [Id.UUID]: "string",
  [Id.BLOB]: "binary",
  [Id.DATE]: "date",
  [Id.TIMESTAMP]: "timestamp_ntz",
  [Id.TIMESTAMP_S]: "timestamp_ntz",
  [Id.TIMESTAMP_MS]: "timestamp_ntz",
  [Id.TIMESTAMP_NS]: "timestamp_ntz",
  [Id.TIMESTAMP_TZ]: "timestamp",
};

/** Delta's types of a dataframe's columns. A Date of JavaScript is an instant. */
export const FRAME_TYPES: Readonly<Record<ColumnType, string>> = {
  text: "string",
  boolean: "boolean",
  int: "integer",
  bigint: "long",
  double: "double",
  date: "date",
  timestamp: "timestamp",
};

/** Delta's type for a type of the engine, as `schemaString` has it; nothing if there is none. */
export function deltaTypeOf(type: DuckDBType): JsonType | undefined {
  switch (type.typeId) {
    case Id.DECIMAL: {
      const { width, scale } = type as DuckDBDecimalType;
      return `decimal(${width},${scale})`;
    }
    case Id.LIST:
    case Id.ARRAY: {
      const elementType = deltaTypeOf((type as DuckDBListType | DuckDBArrayType).valueType);
      return elementType && { type: "array", elementType, containsNull: true };
    }
    case Id.MAP: {
      const { keyType: key, valueType: value } = type as DuckDBMapType;
      const [keyType, valueType] = [deltaTypeOf(key), deltaTypeOf(value)];
      return keyType && valueType
        ? { type: "map", keyType, valueType, valueContainsNull: true }
        : undefined;
    }
    case Id.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType;
      const fields = entryTypes.flatMap((entry, index) => {
        const part = deltaTypeOf(entry);
        const name = entryNames[index] ?? "";
        return part ? [{ name, type: part, nullable: true, metadata: {} }] : [];
      });
      return fields.length === entryTypes.length ? { type: "struct", fields } : undefined;
    }
    default:
      return LEAVES[type.typeId];
  }
}

export function describeType(type: JsonType): string {
  if (typeof type === "string") return type;
  switch (type.type) {
    case "struct":
      return `struct<${type.fields.map((field) => `${field.name}: ${describeType(field.type)}`).join(", ")}>`;
    case "array":
      return `array<${describeType(type.elementType)}>`;
    case "map":
      return `map<${describeType(type.keyType)}, ${describeType(type.valueType)}>`;
  }
}

/** Whether a type, or a part of it, is a timestamp without a zone, which is a feature of its own. */
export function hasTimestampNtz(type: JsonType): boolean {
  if (typeof type === "string") return type === "timestamp_ntz";
  switch (type.type) {
    case "struct":
      return type.fields.some((field) => hasTimestampNtz(field.type));
    case "array":
      return hasTimestampNtz(type.elementType);
    case "map":
      return hasTimestampNtz(type.keyType) || hasTimestampNtz(type.valueType);
  }
}

const NUMBER = /^(byte|short|integer|long|float|double|decimal\(.*\))$/;
const MOMENT = /^(date|timestamp|timestamp_ntz)$/;

/**
 * Whether values of one type may be written to a column of another, where each of them stays
 * exactly what it is: numbers among themselves, and dates and timestamps (in UTC).
 */
export function mayFit(from: JsonType, to: JsonType): boolean {
  if (typeof from === "string" || typeof to === "string") {
    if (from === to) return true;
    const both = (kind: RegExp) => kind.test(String(from)) && kind.test(String(to));
    return typeof from === typeof to && (both(NUMBER) || both(MOMENT));
  }
  if (from.type === "array" && to.type === "array") return mayFit(from.elementType, to.elementType);
  if (from.type === "map" && to.type === "map") {
    return mayFit(from.keyType, to.keyType) && mayFit(from.valueType, to.valueType);
  }
  if (from.type !== "struct" || to.type !== "struct") return false;
  return (
    from.fields.length === to.fields.length &&
    from.fields.every((field, index) => {
      const other = to.fields[index];
      return other?.name === field.name && mayFit(field.type, other.type);
    })
  );
}
