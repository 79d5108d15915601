/** A column as the other reader has it: Spark's names of types. */
export interface OtherColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * The text that stands for a cell of ours, in the form that the other reader writes cells of this
 * type in; null stays null.
 */
export function textOf(cell: unknown, type: string): string | null {
  if (cell === null || cell === undefined) return null;
  const scale = /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1];
  if (scale !== undefined) return decimalText(cell, Number(scale));
  if (type === "date") return dayText(cell as Date);
  if (type.startsWith("timestamp")) return momentText(cell as Date | string);
  if (/^(struct|array|map|variant)/.test(type)) return jsonText(String(cell));
  if (type === "double" || type === "float") return numberText(Number(cell));
  return String(cell);
}

/** The same for what the other reader wrote. */
export function otherText(cell: string | null, type: string): string | null {
  if (cell === null) return null;
  if (type === "double") return numberText(Number(cell));
  if (type === "float") return numberText(Math.fround(Number(cell)));
  if (/^(struct|array|map|variant)/.test(type)) return jsonText(cell);
  if (type === "date" || type.startsWith("timestamp")) return cell.replace(/^\+/, "");
  return cell;
}

function numberText(number: number): string {
  return Object.is(number, -0) ? "-0" : String(number);
}

function decimalText(cell: unknown, scale: number): string {
  return typeof cell === "number" ? cell.toFixed(scale) : String(cell);
}

function dayText(day: Date): string {
  return day.toISOString().slice(0, 10);
}

function momentText(moment: Date | string): string {
  const text = typeof moment === "string" ? moment : moment.toISOString().replace("T", " ");
  const local = text.replace(/(Z|\+00)$/, "");
  return local.includes(".") ? local.replace(/\.?0+$/, "") : local;
}

function jsonText(json: string): string {
  return JSON.stringify(sorted(JSON.parse(json)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(asNull(item)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, sorted(part)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

/** Spark writes a struct that is null as one of nulls, where it stands in a list. */
function asNull(item: unknown): unknown {
  const parts = typeof item === "object" && item !== null ? Object.values(item) : [item];
  return parts.every((part) => part === null) ? null : item;
}
