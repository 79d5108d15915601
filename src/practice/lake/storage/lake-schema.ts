import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "../../database-sync.ts";
import { damaged, PracticeError, sqliteCode } from "../../practice-error.ts";

/**
 * The lake's database. A node is a file or a directory, and has the id of its parent: moving a
 * directory changes one row. The entries of a directory are adjacent in path order, so that a
 * listing walks index ranges.
 *
 * Times are milliseconds since 1970. `size` counts flushed bytes.
 */
const SCHEMA = `
  create table if not exists secrets (
    name text primary key,
    value text not null
  ) without rowid;

  create table if not exists settings (
    name text primary key,
    value text not null
  ) without rowid;

  create table if not exists filesystems (
    name text primary key,
    root integer not null,
    etag text not null,
    modified integer not null,
    metadata text,
    lease text,
    policies text
  ) without rowid;

  create table if not exists nodes (
    parent integer not null,
    name text not null,
    id integer not null unique,
    directory integer not null,
    size integer not null default 0,
    etag text not null,
    created integer not null,
    modified integer not null,
    owner text not null,
    "group" text not null,
    mode integer not null,
    acl text,
    headers text,
    metadata text,
    lease text,
    expires integer,
    primary key (parent, name)
  ) without rowid;

  create table if not exists segments (
    node integer not null,
    start integer not null,
    length integer not null,
    file integer not null,
    offset integer not null,
    primary key (node, start)
  ) without rowid;
  create index if not exists segments_by_file on segments (file);

  create table if not exists chunks (
    file integer not null,
    start integer not null,
    length integer not null,
    crc integer not null,
    primary key (file, start)
  ) without rowid;

  create table if not exists blocks (
    node integer not null,
    seq integer not null,
    id text not null,
    start integer not null,
    primary key (node, seq)
  ) without rowid;

  create index if not exists nodes_by_expiry on nodes (expires) where expires is not null;

  create table if not exists deleted (
    id text primary key,
    root integer not null,
    path text not null,
    node integer not null,
    at integer not null,
    until integer not null
  ) without rowid;
  create index if not exists deleted_by_path on deleted (root, path, id);

  create table if not exists deleted_filesystems (
    version text primary key,
    name text not null,
    root integer not null,
    etag text not null,
    modified integer not null,
    metadata text,
    lease text,
    policies text,
    at integer not null,
    until integer not null
  ) without rowid;

  create table if not exists copies (
    node integer primary key,
    id text not null,
    source text not null,
    status text not null,
    size integer not null,
    completed integer,
    description text
  );

  create table if not exists seeds (
    file integer primary key,
    source text not null,
    size integer not null,
    modified real not null
  );
`;

/** SQLite application id "nlak", which another database or an empty file does not have. */
const APPLICATION = 0x6e6c616b;
/** Schema version: raise it when an older database does not have the schema. */
const VERSION = 5;
/** A database of up to this many bytes is checked completely when it is opened. */
const CHECKED_BYTES = 16 * 2 ** 20;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/**
 * Opens the database of a lake. It survives a crash at any moment.
 *
 * @throws PracticeError `DAMAGED` or `OTHER_VERSION`
 */
export function openDatabase(file: string): DatabaseSync {
  // SQLite gives its journal the mode of the database.
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    check(database, file);
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    const code = sqliteCode(error);
    if (code !== SQLITE_CORRUPT && code !== SQLITE_NOTADB) throw error;
    throw damaged(file, "is damaged", error);
  }
}

/** Creates the database of a new lake, readable by its owner only, atomically. */
export function makeDatabase(file: string): void {
  const draft = `${file}.new`;
  for (const name of [draft, `${draft}-wal`, `${draft}-shm`]) rmSync(name, { force: true });
  closeSync(openSync(draft, "wx", 0o600));
  const database = new DatabaseSync(draft);
  try {
    prepare(database);
    database.exec(`pragma application_id = ${APPLICATION}; pragma user_version = ${VERSION};`);
  } finally {
    database.close();
  }
  renameSync(draft, file);
}

function prepare(database: DatabaseSync): void {
  database.exec("pragma journal_mode = wal; pragma synchronous = normal;");
  database.exec("pragma cache_size = -65536; pragma temp_store = memory;");
  // Fewer checkpoints, which block all requests: with the default of 1,000 they take half the time.
  database.exec("pragma wal_autocheckpoint = 8192;");
  database.exec(SCHEMA);
}

/** Refuses a damaged database, which would lose the lake unnoticed. */
function check(database: DatabaseSync, file: string): void {
  const read = (name: string) => Number(Object.values(row(database, name))[0]);
  if (statSync(file).size === 0) throw damaged(file, "is empty");
  if (read("application_id") !== APPLICATION) throw damaged(file, "is no database of a lake");
  const version = read("user_version");
  if (version !== VERSION) {
    throw new PracticeError(
      "OTHER_VERSION",
      `${file} is of version ${version}, and this is for version ${VERSION}`,
      "Use it with the notelake that made it, or name another folder for a new practice cloud.",
    );
  }
  // Writes the journal of a killed process into the file first.
  if (existsSync(`${file}-wal`)) database.exec("pragma wal_checkpoint(truncate)");
  const bytes = read("page_count") * read("page_size");
  if (statSync(file).size < bytes) throw damaged(file, "has been cut off");
  if (bytes > CHECKED_BYTES) return;
  const [verdict] = Object.values(row(database, "quick_check(1)"));
  if (verdict !== "ok") throw damaged(file, "is damaged");
}

/**
 * Checks the whole database of a lake, and changes nothing.
 *
 * @returns what is wrong, as in "is damaged"; undefined when nothing is
 */
export function wrongWithDatabase(file: string): string | undefined {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) return "is missing";
  if (size === 0) return "is empty";
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const read = (name: string) => Number(Object.values(row(database as DatabaseSync, name))[0]);
    if (read("application_id") !== APPLICATION) return "is no database of a lake";
    if (read("user_version") !== VERSION) return `is of version ${read("user_version")}`;
    const verdicts = database.prepare("pragma integrity_check(10)").all();
    const verdict = verdicts.map((one) => Object.values(one)[0]).join(", ");
    return verdict === "ok" ? undefined : `is damaged (${verdict})`;
  } catch (error) {
    const code = sqliteCode(error);
    if (code !== SQLITE_CORRUPT && code !== SQLITE_NOTADB) throw error;
    return "is damaged";
  } finally {
    database?.close();
  }
}

function row(database: DatabaseSync, pragma: string): Record<string, unknown> {
  return database.prepare(`pragma ${pragma}`).get() ?? {};
}
