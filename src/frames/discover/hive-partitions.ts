import { literal } from "../sql/engine.ts";

/** Values of the `key=value` folders of a path, in order; null for Hive's null. */
export function partitionsOf(path: string): Map<string, string | null> {
  const values = new Map<string, string | null>();
  for (const folder of path.split("/").slice(0, -1)) {
    const [, key, value] = /^([^=]+)=(.*)$/.exec(folder) ?? [];
    if (key === undefined || value === undefined) continue;
    values.set(decode(key), value === HIVE_NULL ? null : decode(value));
  }
  return values;
}

const HIVE_NULL = "__HIVE_DEFAULT_PARTITION__";

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * SQL types of the partition columns that all `paths` share: whole numbers, ISO dates, else text.
 * As in Spark, `month=01` is the number 1.
 */
export function partitionTypes(paths: readonly string[]): Map<string, string> {
  const all = paths.map(partitionsOf);
  const types = new Map<string, string>();
  for (const key of all[0]?.keys() ?? []) {
    if (!all.every((values) => values.has(key))) continue;
    types.set(key, typeOf(all.map((values) => values.get(key) ?? null)));
  }
  return types;
}

function typeOf(values: readonly (string | null)[]): string {
  const known = values.filter((value): value is string => value !== null);
  if (known.length === 0) return "VARCHAR";
  if (known.every((value) => /^-?\d{1,15}$/.test(value))) return "BIGINT";
  if (known.every((value) => /^\d{4}-\d\d-\d\d$/.test(value))) return "DATE";
  return "VARCHAR";
}

/** Arguments of a reader function that add partition folders as columns. */
export function partitionArguments(types: ReadonlyMap<string, string>): string {
  if (types.size === 0) return "hive_partitioning = false";
  const entries = [...types].map(([key, type]) => `${literal(key)}: ${type}`);
  return `hive_partitioning = true, hive_types = {${entries.join(", ")}}`;
}
