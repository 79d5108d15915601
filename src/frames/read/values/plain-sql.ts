import {
  type DuckDBArrayType,
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBUnionType,
} from "@duckdb/node-api";
import { literal } from "../../sql/engine.ts";

/**
 * SQL that converts a value to one of the few types that `Inspector` has: lists, structs and other
 * nested types become JSON text. Types are matched by structure and not by name, as `ENUM('[')`,
 * `DECIMAL(18,2)[]` and `MAP(VARCHAR, BLOB)` are names too.
 *
 * @param value SQL, used more than once
 */
export function asPlain(value: string, type: DuckDBType): string {
  if (isWideNumber(type)) return `${value}::VARCHAR`;
  if (isNested(type)) return `${asJson(value, type)}::VARCHAR`;
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return `${value}::DOUBLE`;
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
      return `${value}::TIMESTAMP`;
    case DuckDBTypeId.BLOB:
      return `base64(${value})`;
    case DuckDBTypeId.VARIANT:
      return orNull(value, `${value}::JSON::VARCHAR`);
    default:
      return AS_IT_IS.has(type.typeId) && !type.alias ? value : `${value}::VARCHAR`;
  }
}

const AS_IT_IS = new Set<DuckDBTypeId>([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.VARCHAR,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
]);

export function isWideNumber(type: DuckDBType): boolean {
  switch (type.typeId) {
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.BIGNUM:
      return true;
    case DuckDBTypeId.DECIMAL:
      return (type as DuckDBDecimalType).width > 15;
    default:
      return false;
  }
}

function isNested({ typeId }: DuckDBType): boolean {
  return (
    typeId === DuckDBTypeId.LIST ||
    typeId === DuckDBTypeId.ARRAY ||
    typeId === DuckDBTypeId.STRUCT ||
    typeId === DuckDBTypeId.MAP ||
    typeId === DuckDBTypeId.UNION
  );
}

/** SQL for a value as JSON, with all digits of its numbers. */
function asJson(value: string, type: DuckDBType): string {
  const whole = `to_json(${value})`;
  if (has(type, needsCare)) return careful(value, type, 0);
  if (!has(type, isFloat)) return whole;
  // JSON has no NaN or infinity, but the engine writes them.
  const words = `contains(${whole}::VARCHAR, 'NaN') or contains(${whole}::VARCHAR, 'Infinity')`;
  return `case when ${words} then ${careful(value, type, 0)} else ${whole} end`;
}

/** The same, with every part converted on its own, which is slower. */
function careful(value: string, type: DuckDBType, depth: number): string {
  if (!has(type, (part) => needsCare(part) || isFloat(part))) return `to_json(${value})`;
  const item = `x${depth}`;
  const each = (list: string, itemType: DuckDBType) =>
    `to_json(list_transform(${list}, lambda ${item}: ${careful(item, itemType, depth + 1)}))`;
  switch (type.typeId) {
    case DuckDBTypeId.BLOB:
      return `to_json(base64(${value}))`;
    case DuckDBTypeId.VARIANT:
      return orNull(value, `${value}::JSON`);
    case DuckDBTypeId.BIGNUM:
      return `${value}::VARCHAR::JSON`;
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return `case when isfinite(${value}) then to_json(${value})
        else to_json(replace(replace(${value}::VARCHAR, 'nan', 'NaN'), 'inf', 'Infinity')) end`;
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return each(value, (type as DuckDBListType | DuckDBArrayType).valueType);
    case DuckDBTypeId.STRUCT:
      return orNull(value, carefulStruct(value, type as DuckDBStructType, depth));
    case DuckDBTypeId.MAP: {
      const { keyType, valueType } = type as DuckDBMapType;
      // The keys of a JSON object are text.
      const key = asPlain(`${item}.key`, keyType);
      const entry = `{k: (${key})::VARCHAR, v: ${careful(`${item}.value`, valueType, depth + 1)}}`;
      const entries = `list_transform(map_entries(${value}), lambda ${item}: ${entry})`;
      return orNull(value, `to_json(map_from_entries(${entries}))`);
    }
    case DuckDBTypeId.UNION: {
      const { memberTags, memberTypes } = type as DuckDBUnionType;
      const members = memberTags.map((tag, index) => {
        const part = `union_extract(${value}, ${literal(tag)})`;
        const json = careful(part, memberTypes[index] as DuckDBType, depth);
        return `when ${literal(tag)} then json_object(${literal(tag)}, ${json})`;
      });
      return orNull(value, `case union_tag(${value})::VARCHAR ${members.join(" ")} end`);
    }
    default:
      return `to_json(${value})`;
  }
}

function carefulStruct(
  value: string,
  { entryNames, entryTypes }: DuckDBStructType,
  depth: number,
): string {
  const parts = entryTypes.map((type, index) => {
    const name = entryNames[index] ?? "";
    const part = name ? `struct_extract(${value}, ${literal(name)})` : `${value}[${index + 1}]`;
    return { name, json: careful(part, type, depth) };
  });
  // `row(1, 'x')` has parts without names.
  if (!parts[0]?.name) return `json_array(${parts.map(({ json }) => json).join(", ")})`;
  return `json_object(${parts.map(({ name, json }) => `${literal(name)}, ${json}`).join(", ")})`;
}

function orNull(value: string, json: string): string {
  return `case when ${value} is not null then ${json} end`;
}

function isFloat({ typeId }: DuckDBType): boolean {
  return typeId === DuckDBTypeId.FLOAT || typeId === DuckDBTypeId.DOUBLE;
}

/** Whether the engine's `to_json` differs from `asPlain` for a type. */
function needsCare(type: DuckDBType): boolean {
  const { typeId } = type;
  return (
    typeId === DuckDBTypeId.BLOB ||
    typeId === DuckDBTypeId.VARIANT ||
    typeId === DuckDBTypeId.BIGNUM ||
    (typeId === DuckDBTypeId.STRUCT && !(type as DuckDBStructType).entryNames[0])
  );
}

function has(type: DuckDBType, test: (part: DuckDBType) => boolean): boolean {
  return test(type) || partsOf(type).some((part) => has(part, test));
}

function partsOf(type: DuckDBType): readonly DuckDBType[] {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return [(type as DuckDBListType | DuckDBArrayType).valueType];
    case DuckDBTypeId.STRUCT:
      return (type as DuckDBStructType).entryTypes;
    case DuckDBTypeId.MAP:
      return [(type as DuckDBMapType).keyType, (type as DuckDBMapType).valueType];
    case DuckDBTypeId.UNION:
      return (type as DuckDBUnionType).memberTypes;
    default:
      return [];
  }
}
