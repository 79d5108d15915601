import { type Engine, identifier, literals } from "../engine.ts";
import type { StagedFile } from "../staging.ts";
import { partitionArguments } from "./partitions.ts";
import type { ReadOptions, Source } from "./read-options.ts";
import { unite } from "./schemas.ts";

/** Parquet files as one source. */
export async function parquetSource(
  engine: Engine,
  files: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
  options: ReadOptions,
): Promise<Source> {
  const paths = literals(files.map(({ localPath }) => localPath));
  if (files.length > 1) await compareSchemas(engine, files, paths, options);
  const sql = `read_parquet(${paths}, union_by_name = true, ${partitionArguments(partitions)})`;
  const held = files.find(({ columns }) => columns)?.columns;
  if (!held) return { sql };
  // Where a copy lacks the bytes of a column, nobody must get at it.
  const described = await engine.runAndReadAll(`describe from ${sql}`);
  const columns = described.getRowsJson().map(([name]) => String(name));
  const names = columns.filter((name) => held.has(name.toLowerCase()) || partitions.has(name));
  return { sql: `(select ${names.map(identifier).join(", ")} from ${sql})`, columns };
}

async function compareSchemas(
  engine: Engine,
  files: readonly StagedFile[],
  paths: string,
  options: ReadOptions,
): Promise<void> {
  // The root element has children and no repetition; top-level columns are found by walking them.
  const result = await engine.runAndReadAll(
    `select file_name, name, coalesce(num_children, 0)::int from parquet_schema(${paths})`,
  );
  const columns = new Map<string, { name: string; type: string }[]>();
  const pending = new Map<string, number>();
  for (const [file, name, children] of result.getRowsJson()) {
    const key = String(file);
    const below = pending.get(key);
    if (below === undefined) {
      columns.set(key, []);
      pending.set(key, 0);
      continue;
    }
    if (below === 0) columns.get(key)?.push({ name: String(name), type: "" });
    pending.set(key, Math.max(0, below - 1) + Number(children));
  }
  const schemas = files.map((file) => ({ file, columns: columns.get(file.localPath) ?? [] }));
  unite(schemas, options);
}
