import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { makeTemporaryFolder } from "../../core/temporary-folder.ts";
import { cacheFolder } from "../cache/cache-folder.ts";

/** A connection to the engine, for one piece of work at a time. */
export type Engine = DuckDBConnection;

// Of a result that is being fetched. With the engine's own 1 MB its threads mostly wait.
const AHEAD = "256MB";

/** DuckDB in memory, and the folders of this machine that it may use. */
interface Database {
  readonly instance: DuckDBInstance;
  /** Where it spills to, and where files are written before they go to a lake. */
  readonly folder: string;
}

/** The one of this process, and the cache that it may read. */
let current: { readonly cache: string; readonly database: Promise<Database> } | undefined;

/**
 * Runs `work` on a connection of its own to DuckDB, in memory, spilling to a temporary folder that
 * goes when the process does. Timestamps are in UTC. The engine is locked: it reaches the cache of
 * lake files and its own folder, nothing else of this machine and no network; no extension is
 * loaded, and no setting can be changed.
 *
 * An error of which DuckDB dies ends this call only: the next one gets a new engine, and so does a
 * call that ran beside it, from its beginning.
 *
 * @param signal interrupts the running statement
 */
export async function withEngine<T>(
  work: (engine: Engine) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await connected(work, signal);
  } catch (error) {
    if (!isOfAnother(error)) throw error;
    return await connected(work, signal);
  }
}

async function connected<T>(
  work: (engine: Engine) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  const used = openDatabase();
  const engine = await (await used).instance.connect();
  const interrupt = () => engine.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    await engine.run(`set streaming_buffer_size = '${AHEAD}'`);
    return await work(engine);
  } catch (error) {
    if (isFatal(error)) forget(used);
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    engine.closeSync();
  }
}

/** Whether the engine can do nothing any more. */
function isFatal(error: unknown): boolean {
  return messagesOf(error).some((message) => /^(INTERNAL|FATAL) Error/.test(message));
}

/** Whether it died of what another call did. */
function isOfAnother(error: unknown): boolean {
  return messagesOf(error).some((message) => message.includes("database has been invalidated"));
}

/** An error of the engine may have been explained by others, whose cause it then is. */
function messagesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [error.message, ...messagesOf(error.cause)];
}

function openDatabase(): Promise<Database> {
  const cache = cacheFolder();
  if (current?.cache === cache) return current.database;
  const database = open(cache);
  current = { cache, database };
  database.catch(() => forget(database));
  return database;
}

/** Lets the next call open another. */
function forget(database: Promise<Database>): void {
  if (current?.database === database) current = undefined;
}

async function open(cache: string): Promise<Database> {
  const folder = makeTemporaryFolder("engine");
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
    temp_directory: folder,
  });
  const engine = await instance.connect();
  await engine.run(`set global TimeZone = 'UTC';
    set global allowed_directories = ${literals([cache, folder])};
    set global enable_external_access = false;
    set global allowed_configs = ['streaming_buffer_size'];
    set global lock_configuration = true`);
  engine.closeSync();
  return { instance, folder };
}

/** An empty folder that the engine may write to; whoever asks for it removes it. */
export async function makeExportFolder(): Promise<string> {
  return mkdtemp(join((await openDatabase()).folder, "write-"));
}

/** `text` as a string literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `name` as a quoted identifier of SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}
