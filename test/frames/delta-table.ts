import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach } from "vitest";
import { LakeError } from "../../src/core/errors.ts";
import type { LakeEntry } from "../../src/lake/lake.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

export const PROTOCOL = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };

/** A column of the schema, as the log has it. */
export function field(name: string, type: unknown, metadata: object = {}) {
  return { name, type, nullable: true, metadata };
}

/** What the schema says of a column whose name in the files is another. */
export function mapped(id: number, physicalName: string) {
  return {
    "delta.columnMapping.id": id,
    "delta.columnMapping.physicalName": physicalName,
  };
}

/** A `metaData` action for these columns. */
export function metaData(
  fields: readonly object[],
  partitionColumns: readonly string[] = [],
  configuration: Readonly<Record<string, string>> = {},
) {
  const schemaString = JSON.stringify({ type: "struct", fields });
  return { metaData: { id: "t", partitionColumns, schemaString, configuration } };
}

/** A protocol that asks for these features of readers. */
export function features(...readerFeatures: string[]) {
  return { protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures } };
}

/** A folder that takes URLs for paths, as a lake does. */
class UrlLake extends FolderLake {
  override stat(path: string): Promise<LakeEntry> {
    if (!/^\w+:/.test(path)) return super.stat(path);
    if (path.startsWith(this.url)) return super.stat(path.slice(this.url.length));
    throw new LakeError("BAD_PATH", `${path} is in another lake`);
  }
}

/** A table for the tests of one file, empty before each of them. */
export function deltaTable(): DeltaTable {
  const table = new DeltaTable(scratchFolder());
  beforeEach(() => table.clear());
  return table;
}

/** A Delta table at `t` of a lake, whose log and files a test writes one by one. */
class DeltaTable {
  readonly lake: FolderLake;
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    this.lake = new UrlLake(folder);
  }

  /** Removes the table, for the next test. */
  clear(): Promise<void> {
    return rm(join(this.folder, "t"), { recursive: true, force: true });
  }

  /** Writes the rows of a `select` to a Parquet file, and says how the log adds it. */
  async file(path: string, select: string, more: object = {}, options = "") {
    await this.parquet(path, select, options);
    return { add: { path, partitionValues: {}, ...more } };
  }

  parquet(path: string, select: string, options = ""): Promise<void> {
    return writeParquet(join(this.folder, "t", path), select, options);
  }

  commit(version: number, actions: readonly object[]): Promise<LakeEntry> {
    return this.log(`${pad(version)}.json`, lines(actions));
  }

  log(name: string, content: string | Uint8Array): Promise<LakeEntry> {
    return this.lake.write(`t/_delta_log/${name}`, content);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.folder, "t", name));
  }

  read(name: string): Promise<Buffer> {
    return readFile(join(this.folder, "t", name));
  }

  write(name: string, content: Uint8Array): Promise<LakeEntry> {
    return this.lake.write(`t/${name}`, content);
  }

  /** A checkpoint, or a sidecar of one, in Parquet: a row for each action. */
  async checkpoint(name: string, actions: readonly object[]): Promise<void> {
    const source = await this.lake.write("actions.ndjson", lines(actions));
    const path = join(this.folder, source.path);
    await this.parquet(
      `_delta_log/${name}`,
      `select * from read_json('${path}', format = 'newline_delimited', columns = ${COLUMNS})`,
    );
  }
}

// The types that a checkpoint has, whichever of its columns are null in all rows.
const FILE = `path varchar, partitionValues map(varchar, varchar), size bigint, stats varchar,
  deletionVector struct(storageType varchar, pathOrInlineDv varchar, "offset" integer,
    sizeInBytes integer, cardinality bigint)`;
const COLUMNS = `{
  add: 'struct(${FILE})', remove: 'struct(${FILE})',
  protocol: 'struct(minReaderVersion integer, readerFeatures varchar[])',
  metaData: 'struct(schemaString varchar, partitionColumns varchar[], configuration map(varchar, varchar))',
  sidecar: 'struct(path varchar)', checkpointMetadata: 'struct("version" bigint)'}`;

export function pad(version: number): string {
  return String(version).padStart(20, "0");
}

function lines(actions: readonly object[]): string {
  return actions.map((action) => JSON.stringify(action)).join("\n");
}
