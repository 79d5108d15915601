import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/**
 * Writes the rows of a `select` to a Parquet file of this machine. `options` are DuckDB's, each
 * after a comma.
 */
export async function writeParquet(file: string, select: string, options = ""): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const engine = await (await DuckDBInstance.create(":memory:")).connect();
  await engine.run(`copy (${select}) to '${file}' (format parquet${options})`);
  engine.closeSync();
}
