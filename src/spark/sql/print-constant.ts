import type { SqlNode } from "../../frames/sql/parse-tree.ts";
import { literal, notInSpark } from "./spark-dialect.ts";

interface ConstantValue {
  readonly type: { readonly id: string; readonly type_info?: { scale?: number } };
  readonly is_null: boolean;
  readonly value: unknown;
}

/** A constant in DuckDB's syntax tree as a literal of Spark SQL. */
export function printConstant(node: SqlNode): string {
  const { type, is_null: isNull, value } = node.value as unknown as ConstantValue;
  if (isNull || type.id === "NULL") return "null";
  switch (type.id) {
    case "BOOLEAN":
      return String(value);
    case "VARCHAR":
      return literal(String(value));
    case "DOUBLE":
    case "FLOAT":
      return `${Number(digits(value)).toExponential().toUpperCase().replace("+", "")}D`;
    case "DECIMAL":
      return scaled(digits(value), type.type_info?.scale ?? 0);
    case "HUGEINT":
      return whole(value);
    case "TINYINT":
    case "SMALLINT":
    case "INTEGER":
      return digits(value);
    case "BIGINT":
      return `${digits(value)}L`;
    default:
      throw notInSpark(`a constant of the type ${type.id}`, "Write it as a text, with a cast.");
  }
}

export function textOf(node: unknown): string | undefined {
  const { class: kind, value } = (node ?? {}) as { class?: string; value?: ConstantValue };
  if (kind !== "CONSTANT" || value?.type.id !== "VARCHAR" || value.is_null) return undefined;
  return String(value.value);
}

export function numberOf(node: unknown): number | undefined {
  const { class: kind, value } = (node ?? {}) as { class?: string; value?: ConstantValue };
  if (kind !== "CONSTANT" || !/INT/.test(value?.type.id ?? "")) return undefined;
  return Number(digits(value?.value));
}

/** A number exactly as in the statement, though a double may not represent it. */
function digits(value: unknown): string {
  const raw = (value as { rawJSON?: string } | null)?.rawJSON;
  return raw ?? String(value);
}

/** 128-bit integers come as two halves. */
function whole(value: unknown): string {
  const { upper, lower } = value as { upper: unknown; lower: unknown };
  return String((BigInt(digits(upper)) << 64n) + BigInt(digits(lower)));
}

function scaled(number: string, scale: number): string {
  const sign = number.startsWith("-") ? "-" : "";
  const figures = number.replace("-", "").padStart(scale + 1, "0");
  if (scale === 0) return `${sign}${figures}BD`;
  return `${sign}${figures.slice(0, -scale)}.${figures.slice(-scale)}`;
}
