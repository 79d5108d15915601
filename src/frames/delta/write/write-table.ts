import { rm } from "node:fs/promises";
import { FrameError, LakeError } from "../../../core/errors.ts";
import type { LakeEntry } from "../../../lake/lake.ts";
import type { WritableLake } from "../../lake-files.ts";
import { type Engine, withEngine } from "../../sql/engine.ts";
import type { StoredTable } from "../../sql/stored-table.ts";
import type { Action, AddedFile, TableState } from "../delta-actions.ts";
import { type Field, fieldsOf } from "../delta-schema.ts";
import { listLog, sortLog } from "../log-files.ts";
import { refuseUnknown } from "../protocol.ts";
import { latestOf, readVersion } from "../read-version.ts";
import { commit, pathBelow } from "./commit.ts";
import { commitActions } from "./commit-actions.ts";
import {
  type DataFile,
  type DataFiles,
  makeDataFiles,
  makeStoredFile,
  removeDataFiles,
  uploadDataFiles,
} from "./data-files.ts";
import { FRAME_TYPES } from "./delta-types.ts";
import { sourceColumns } from "./fit-columns.ts";
import { checkCondition, filesWhere, samePartitions } from "./replaced-files.ts";
import { schemaAfter, type TableSchema } from "./table-schema.ts";
import { writeCheckpoint } from "./write-checkpoint.ts";
import { refuseAppendOnly, refuseUnwritten } from "./writer-features.ts";

/** How to write to a Delta table. */
export interface TableWrite {
  readonly mode: "error" | "append" | "overwrite";
  readonly partitionBy: readonly string[] | undefined;
  readonly replaceWhere: string | undefined;
  readonly isDynamic: boolean;
  readonly mergeSchema: boolean;
  readonly overwriteSchema: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Does work where what is to be written is a statement of the engine; may do it again. */
export type WithRows = <T>(work: (engine: Engine, sql: string) => Promise<T>) => Promise<T>;

/** A table's folder, and the version that a write has made of it. */
export interface WrittenTable extends LakeEntry {
  readonly version: number;
}

/**
 * Writes rows to a Delta table: data files first, which nobody sees, then one commit that adds
 * them. Whatever fails before the commit leaves the table as it was.
 * What becomes of it when another writer commits meanwhile, see `writeFrame`.
 *
 * @param target path of the table's folder, without a slash at its end
 * @param stored the same rows, where they are a dataframe that is as the engine gave it
 * @throws FrameError `SCHEMA_MISMATCH`, `UNSUPPORTED`, `CONFLICT`, `APPEND_ONLY` and so on; LakeError `EXISTS`
 */
export async function writeTable(
  lake: WritableLake,
  target: string,
  write: TableWrite,
  withRows: WithRows,
  stored?: StoredTable,
): Promise<WrittenTable> {
  const place = await placeOf(lake, target);
  for (let tries = 1; tries <= BEGINNINGS; tries++) {
    const version = await tryWrite(lake, place, write, withRows, stored);
    if (version !== undefined) return { ...(await lake.stat(place)), version };
  }
  throw new FrameError("CONFLICT", `others change what the Delta table ${place} is all the time`, {
    hint: "Nothing was written. Write again once they are done.",
  });
}

/** Tries of a write, each of which finds another schema than the one before. */
const BEGINNINGS = 10;

/** @returns the version; nothing if the table is another one now than it was at the beginning */
async function tryWrite(
  lake: WritableLake,
  place: string,
  write: TableWrite,
  withRows: WithRows,
  stored: StoredTable | undefined,
): Promise<number | undefined> {
  const { state, version: readVersion } = await readTable(lake, place, write.signal);
  refuseWrite(place, state, write);
  const settings = state?.metaData?.configuration ?? {};
  const made = stored && (await makeStored(place, state, write, stored));
  const { schema, folder, files } =
    made ??
    (await withRows(async (engine, sql) => {
      if (write.replaceWhere !== undefined) await checkCondition(engine, write.replaceWhere);
      const columns = await sourceColumns(engine, sql);
      const schema = schemaAfter(place, state, columns, write);
      return { schema, ...(await makeDataFiles(engine, place, sql, columns, schema, settings)) };
    }));
  try {
    const replaces = await replacedBy(place, state, schema, files, write);
    const actions = commitActions(state, schema, files, replaces.files, write);
    await uploadDataFiles(lake, place, files, write.signal);
    const version = await commit({
      lake,
      place,
      actions,
      readVersion,
      folder,
      signal: write.signal,
      mustRestart: (winner, version) => mustRestart(place, winner, version, write, replaces),
    }).catch(async (error) => {
      if (error instanceof FrameError) await removeDataFiles(lake, place, files);
      throw error;
    });
    if (version === undefined) await removeDataFiles(lake, place, files);
    else await writeCheckpoint(lake, place, version, settings, folder, write.signal);
    return version;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the file of a dataframe without the engine; nothing where that is not possible. */
async function makeStored(
  place: string,
  state: TableState | undefined,
  write: TableWrite,
  stored: StoredTable,
): Promise<({ readonly schema: TableSchema } & DataFiles) | undefined> {
  if (write.replaceWhere !== undefined) return undefined;
  const columns = stored.columns.map(({ name }, index) => {
    const type = FRAME_TYPES[stored.types[index] ?? "text"];
    return { name, sqlType: type, type };
  });
  const schema = schemaAfter(place, state, columns, write);
  const settings = state?.metaData?.configuration ?? {};
  const made = await makeStoredFile(stored, schema, settings, write.signal);
  return made && { schema, ...made };
}

interface ReadTable {
  /** Nothing if there is no table. */
  readonly state: TableState | undefined;
  readonly version: number;
}

async function readTable(
  lake: WritableLake,
  place: string,
  signal: AbortSignal | undefined,
): Promise<ReadTable> {
  const entries = await listLog(lake, place, signal);
  const log = sortLog(place, entries);
  const version = latestOf(log);
  if (version < 0) {
    await refuseOtherFiles(lake, place, signal);
    return { state: undefined, version };
  }
  const state = await withEngine(
    (engine) => readVersion({ engine, lake, signal }, log, { version }),
    signal,
  );
  return { state, version };
}

/** Files that writers of Delta tables leave when they are killed; no other has such names. */
const UNCOMMITTED = /^part-\d{5}-[0-9a-f-]{36}-c\d{3}(\.\w+)?\.parquet$/;

/** Refuses to hide files of another kind behind a log. @throws LakeError `EXISTS` */
async function refuseOtherFiles(
  lake: WritableLake,
  place: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    for await (const { kind, path } of lake.list(
      pathBelow(place, "**"),
      signal ? { signal } : {},
    )) {
      if (kind !== "file" || UNCOMMITTED.test(path.split("/").at(-1) ?? "")) continue;
      throw new LakeError("EXISTS", `${place || "the root"} is no Delta table, and holds ${path}`, {
        hint: "A table made there would hide it. Choose another folder, or remove what is in this one.",
      });
    }
  } catch (error) {
    if (!(error instanceof LakeError) || error.code !== "NOT_FOUND") throw error;
  }
}

function refuseWrite(place: string, state: TableState | undefined, write: TableWrite): void {
  if (!state) return;
  refuseUnknown(place, state);
  refuseUnwritten(place, state);
  if (write.mode === "error") throw alreadyThere(place);
  if (write.mode === "overwrite") refuseAppendOnly(place, state);
}

function alreadyThere(place: string): LakeError {
  return new LakeError("EXISTS", `there is a Delta table in ${place || "the root"} already`, {
    hint: 'Say { mode: "append" } to add rows to it, or { mode: "overwrite" } to replace them.',
  });
}

/** What an overwrite takes out of a table. */
interface Replaced {
  readonly files: readonly AddedFile[];
  /** For partitions: what is true for them; nothing for all. */
  readonly condition: string | undefined;
  readonly partitions: readonly Field[];
}

async function replacedBy(
  place: string,
  state: TableState | undefined,
  { fields, partitionColumns }: TableSchema,
  files: readonly DataFile[],
  write: TableWrite,
): Promise<Replaced> {
  const schemaString = JSON.stringify({ type: "struct", fields });
  const partitions = fieldsOf(place, { schemaString }, "none").filter(({ name }) =>
    partitionColumns.includes(name),
  );
  const added = files.map(({ add }) => add);
  const isPartial = write.isDynamic && partitions.length > 0;
  const condition = isPartial ? samePartitions(partitions, added) : write.replaceWhere;
  const there = write.mode === "overwrite" ? [...(state?.files.values() ?? [])] : [];
  if (condition === undefined) return { files: there, condition, partitions };
  return withEngine(async (engine) => {
    const met = await filesWhere(engine, partitions, added, condition);
    const other = added.find((add) => !met.includes(add));
    if (other) throw outside(place, condition, other);
    return { files: await filesWhere(engine, partitions, there, condition), condition, partitions };
  }, write.signal);
}

function outside(place: string, condition: string, { partitionValues }: AddedFile): FrameError {
  const values = Object.entries(partitionValues).map(([name, value]) => `${name} = ${value}`);
  return new FrameError(
    "SCHEMA_MISMATCH",
    `rows with ${values.join(", ")} are not among those that ${condition} replaces in ${place}`,
    { hint: "Nothing was written. Leave them out, or widen { replaceWhere }." },
  );
}

/** Whether a write has to begin anew after what another writer did. @throws FrameError `CONFLICT` */
async function mustRestart(
  place: string,
  winner: readonly Action[],
  version: number,
  write: TableWrite,
  replaces: Replaced,
): Promise<boolean> {
  const isOther = winner.some(({ protocol, metaData }) => protocol || metaData);
  if (write.mode !== "overwrite") return isOther;
  if (isOther) throw conflict(place, version, "changed what the table is");
  const touched = winner.flatMap(({ add, remove }) => add ?? remove ?? []);
  if (touched.length === 0) return false;
  const { condition, partitions } = replaces;
  const known = touched.flatMap(({ partitionValues }) =>
    partitionValues ? [{ partitionValues }] : [],
  );
  if (condition !== undefined && known.length === touched.length) {
    const met = await withEngine((engine) => filesWhere(engine, partitions, known, condition));
    if (met.length === 0) return false;
  }
  throw conflict(place, version, "added or removed rows that this one replaces");
}

function conflict(place: string, version: number, what: string): FrameError {
  return new FrameError("CONFLICT", `another writer ${what}: version ${version} of ${place}`, {
    hint: "Nothing was written. Look at what is there now, and write again if that is still meant.",
  });
}

async function placeOf(lake: WritableLake, target: string): Promise<string> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return target.replace(/^\/+/, "");
  // It is of this lake, or refused.
  if (await lake.exists(target)) return (await lake.stat(target)).path;
  const { protocol, pathname } = new URL(target);
  const path = decodeURIComponent(pathname).replace(/^\/+/, "");
  return protocol === "https:" ? path.slice(path.indexOf("/") + 1) : path;
}
