import type { LakeEntry } from "../../lake/lake.ts";
import { type Engine, identifier, literal } from "../sql/engine.ts";
import { conditionSql, type SqlNode } from "../sql/parse-tree.ts";
import { partitionsOf, partitionTypes } from "./hive-partitions.ts";

/**
 * The files that may have rows for which all `conditions` are true. A condition that has partition
 * columns only is evaluated for the folders' values.
 */
export function prunePartitions(
  engine: Engine,
  files: readonly LakeEntry[],
  conditions: readonly SqlNode[],
): Promise<readonly LakeEntry[]> {
  const types = partitionTypes(files.map(({ path }) => path));
  return pruneByValues(engine, files, types, ({ path }) => partitionsOf(path), conditions);
}

/** The same for files with known partition values. */
export async function pruneByValues<T>(
  engine: Engine,
  files: readonly T[],
  types: ReadonlyMap<string, string>,
  valuesOf: (file: T) => ReadonlyMap<string, string | null>,
  conditions: readonly SqlNode[],
): Promise<readonly T[]> {
  if (conditions.length === 0 || types.size === 0 || files.length === 0) return files;
  const rows = files.map((each, file) => {
    const values = valuesOf(each);
    const cells = [...types].map(([key, type]) => {
      const value = values.get(key) ?? null;
      return `${value === null ? "null" : literal(value)}::${type}`;
    });
    return `(${[file, ...cells].join(", ")})`;
  });
  const names = ["notelake_file", ...types.keys()].map(identifier).join(", ");
  const table = `(values ${rows.join(", ")}) as folders(${names})`;
  let remaining = new Set(files.keys());
  for (const condition of conditions.filter(isOfColumnsOnly)) {
    const sql = await conditionSql(engine, condition);
    const result = await engine
      .runAndReadAll(`select notelake_file::int from ${table} where ${sql}\n`)
      // A condition with other columns or parameters rules no file out.
      .catch(() => undefined);
    if (!result) continue;
    const held = new Set(result.getRowsJson().map(([file]) => Number(file)));
    remaining = new Set([...remaining].filter((file) => held.has(file)));
  }
  // One file is kept for its columns, even without rows.
  if (remaining.size === 0) remaining.add(0);
  return files.filter((_, file) => remaining.has(file));
}

/** Whether a condition depends on columns only: `random() < 0.1` does not. */
function isOfColumnsOnly(condition: SqlNode): boolean {
  const text = JSON.stringify(condition);
  const isVolatile = /"function_name":"(random|nextval|\w*uuid\w*)"/.test(text);
  return text.includes('"COLUMN_REF"') && !isVolatile;
}
