import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { makeTemporaryFolder } from "../core/temporary-folder.ts";

/** A connection to the engine, for one piece of work at a time. */
export type Engine = DuckDBConnection;

// Of a result that is being fetched. With the engine's own 1 MB its threads mostly wait.
const AHEAD = "256MB";

let database: Promise<DuckDBInstance> | undefined;

/**
 * Runs `work` on a connection of its own to DuckDB, in memory, spilling to a temporary folder that
 * goes when the process does. Timestamps are in UTC, and extensions are never downloaded.
 *
 * @param signal interrupts the running statement
 */
export async function withEngine<T>(
  work: (engine: Engine) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  database ??= openDatabase();
  const engine = await (await database).connect();
  const interrupt = () => engine.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    await engine.run(`set TimeZone = 'UTC'; set streaming_buffer_size = '${AHEAD}'`);
    return await work(engine);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    engine.closeSync();
  }
}

function openDatabase(): Promise<DuckDBInstance> {
  return DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    temp_directory: makeTemporaryFolder("engine"),
  });
}

/** `text` as a string literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `name` as a quoted identifier of SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `texts` as a list of string literals. */
export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}
