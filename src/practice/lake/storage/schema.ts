import { DatabaseSync } from "node:sqlite";

/**
 * The lake's names. A node is a file or a directory and hangs under its parent, so that moving a
 * directory touches one row however much lies in it, and the entries of a directory lie side by
 * side in path order: a listing, recursive or not, is a walk over index ranges.
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

/** Opens the database of a lake, or makes it. Survives the death of this process at any moment. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec("pragma journal_mode = wal; pragma synchronous = normal;");
  database.exec("pragma cache_size = -65536; pragma temp_store = memory;");
  // A checkpoint waits for the disk, and everybody for it: at 1,000 pages that is half the time.
  database.exec("pragma wal_autocheckpoint = 8192;");
  database.exec(SCHEMA);
  return database;
}
