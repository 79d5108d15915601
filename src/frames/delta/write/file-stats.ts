import { identifier } from "../../sql/engine.ts";
import type { JsonField, JsonType } from "../delta-schema.ts";

/** What the engine tells of a column of a Parquet file that it wrote. */
export type ColumnFacts = ReadonlyMap<string, string>;

/** Columns that have statistics where the table does not say how many. */
const INDEXED_COLUMNS = 32;
const LONGEST_TEXT = 32;
/** No character comes after it. */
const LAST_CHARACTER = "\u{10ffff}";

/**
 * The statistics of a data file as JSON: rows, and of each column its smallest and largest value
 * and its nulls. Bounds are left out where they would not be exact: of floats with NaN, of wide
 * decimals, and of years beyond 9999. Texts are cut, and moments are in milliseconds, so that the
 * bounds are never too narrow.
 *
 * @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics
 */
export function statsOf(
  rows: number,
  fields: readonly JsonField[],
  facts: ReadonlyMap<string, ColumnFacts>,
  settings: Readonly<Record<string, string>>,
): string {
  const parts: Record<"minValues" | "maxValues" | "nullCount", string[]> = {
    minValues: [],
    maxValues: [],
    nullCount: [],
  };
  for (const { name, type } of indexed(fields, settings)) {
    const column = facts.get(identifier(name));
    if (!column) continue;
    const key = JSON.stringify(name);
    const nulls = column.get("null_count");
    if (nulls !== undefined) parts.nullCount.push(`${key}:${Number(nulls)}`);
    if (column.get("has_nan") === "true") continue;
    const [min, max] = ["min", "max"].map((end) => bound(type, end, column.get(end)));
    if (min === undefined || max === undefined) continue;
    parts.minValues.push(`${key}:${min}`);
    parts.maxValues.push(`${key}:${max}`);
  }
  const objects = Object.entries(parts).map(([kind, list]) => `"${kind}":{${list.join(",")}}`);
  return `{"numRecords":${rows},${objects.join(",")}}`;
}

function indexed(
  fields: readonly JsonField[],
  settings: Readonly<Record<string, string>>,
): readonly JsonField[] {
  const named = settings["delta.dataSkippingStatsColumns"];
  if (named !== undefined) {
    const names = named.split(",").map((name) => name.trim().replaceAll("`", "").toLowerCase());
    return fields.filter(({ name }) => names.includes(name.toLowerCase()));
  }
  const count = Number(settings["delta.dataSkippingNumIndexedCols"] ?? INDEXED_COLUMNS);
  return count < 0 ? fields : fields.slice(0, count);
}

/** A bound as JSON, from the engine's text; nothing where it cannot be told exactly. */
function bound(type: JsonType, end: string, text: string | undefined): string | undefined {
  if (text === undefined || typeof type !== "string") return undefined;
  const [, precision] = /^decimal\((\d+),/.exec(type) ?? [];
  // Readers take numbers in JSON for doubles, which hold no more digits.
  if (precision !== undefined) return Number(precision) <= 15 ? text : undefined;
  switch (type) {
    case "byte":
    case "short":
    case "integer":
    case "long":
      return /^-?\d+$/.test(text) ? text : undefined;
    case "double":
      return finite(Number(text));
    case "float":
      return finite(Math.fround(Number(text)));
    case "date":
      return /^\d{4}-\d\d-\d\d$/.test(text) ? JSON.stringify(text) : undefined;
    case "timestamp":
      return moment(text, end, "Z");
    case "timestamp_ntz":
      return moment(text, end, "");
    case "string":
      return JSON.stringify(end === "min" ? cut(text) : cutAbove(text));
    default:
      return undefined;
  }
}

function finite(number: number): string | undefined {
  return Number.isFinite(number) ? JSON.stringify(number) : undefined;
}

function moment(text: string, end: string, zone: string): string | undefined {
  const [, day, time, fraction = ""] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00(?::00)?)?$/.exec(text) ?? [];
  if (!day) return undefined;
  const milliseconds = Date.parse(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z`);
  const isCut = end === "max" && /[1-9]/.test(fraction.slice(3));
  const iso = new Date(milliseconds + (isCut ? 1 : 0)).toISOString();
  return /^\d{4}-/.test(iso) ? JSON.stringify(iso.replace("Z", zone)) : undefined;
}

function cut(text: string): string {
  return [...text].slice(0, LONGEST_TEXT).join("");
}

function cutAbove(text: string): string {
  const start = cut(text);
  return start === text ? text : start + LAST_CHARACTER;
}
