import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LakeError } from "../../../core/errors.ts";
import type { WritableLake } from "../../lake-files.ts";
import { type Engine, literal, withEngine } from "../../sql/engine.ts";
import type { Action, TableState } from "../delta-actions.ts";
import { listLog, sortLog } from "../log-files.ts";
import { readVersion } from "../read-version.ts";
import { logName, pathBelow } from "./commit.ts";

const INTERVAL = 10;
const WEEK = 7 * 24 * 3_600_000;

/**
 * Writes the checkpoint of a version, if it is one that gets one: every tenth, or as the table's
 * `delta.checkpointInterval` says. A table whose checkpoints are of version 2 gets none here.
 *
 * The version is committed already: what goes wrong is told, and the next checkpoint makes up for it.
 */
export async function writeCheckpoint(
  lake: WritableLake,
  place: string,
  version: number,
  settings: Readonly<Record<string, string>>,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const interval = Number(settings["delta.checkpointInterval"] ?? INTERVAL);
  if (version === 0 || !(interval > 0) || version % interval !== 0) return;
  if (settings["delta.checkpointPolicy"] === "v2") return;
  try {
    await withEngine(async (engine) => {
      const log = sortLog(place, await listLog(lake, place, signal));
      const reader = { engine, lake, signal, forCheckpoint: true };
      const state = await readVersion(reader, log, { version });
      await putCheckpoint(engine, lake, place, version, actionsOf(state), folder);
    }, signal);
  } catch (error) {
    if (signal?.aborted) return;
    const { message } = error as Error;
    console.warn(`version ${version} of ${place} is written, its checkpoint is not: ${message}`);
  }
}

async function putCheckpoint(
  engine: Engine,
  lake: WritableLake,
  place: string,
  version: number,
  actions: readonly Action[],
  folder: string,
): Promise<void> {
  const lines = join(folder, "checkpoint.ndjson");
  const local = join(folder, "checkpoint.parquet");
  await writeFile(lines, actions.map((action) => JSON.stringify(action)).join("\n"));
  await engine.run(
    `copy (select * from read_json(${literal(lines)}, format = 'newline_delimited',
       maximum_object_size = 1073741824, columns = ${COLUMNS}))
     to ${literal(local)} (format parquet, compression snappy)`,
  );
  const path = pathBelow(place, logName(version, "checkpoint.parquet"));
  try {
    await lake.upload(local, path);
  } catch (error) {
    // Another writer has made the same.
    if (!(error instanceof LakeError) || error.code !== "EXISTS") throw error;
    return;
  }
  const note = join(folder, "last_checkpoint.json");
  const sizeInBytes = (await stat(local)).size;
  const numOfAddFiles = actions.filter(({ add }) => add).length;
  await writeFile(
    note,
    JSON.stringify({ version, size: actions.length, sizeInBytes, numOfAddFiles }),
  );
  await lake.upload(note, pathBelow(place, "_delta_log/_last_checkpoint"), { overwrite: true });
}

/**
 * All that a table is: the protocol has a checkpoint keep the tombstones of files that readers of
 * older versions may still need.
 */
function actionsOf({ protocol, metaData, files, forCheckpoint }: TableState): Action[] {
  const since =
    Date.now() - retention(metaData?.configuration?.["delta.deletedFileRetentionDuration"]);
  const removed = [...(forCheckpoint?.removed.values() ?? [])].filter(
    ({ deletionTimestamp }) => (deletionTimestamp ?? 0) > since,
  );
  const domains = [...(forCheckpoint?.domains.values() ?? [])].filter(({ removed }) => !removed);
  return [
    ...(protocol ? [{ protocol }] : []),
    ...(metaData ? [{ metaData }] : []),
    ...[...(forCheckpoint?.txns.values() ?? [])].map((txn) => ({ txn })),
    ...domains.map((domainMetadata) => ({ domainMetadata })),
    ...removed.map((remove) => ({ remove: { ...remove, dataChange: false } })),
    ...[...files.values()].map((add) => ({ add: { ...add, dataChange: false } })),
  ];
}

const UNITS: Readonly<Record<string, number>> = {
  week: WEEK,
  day: WEEK / 7,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

/** Milliseconds of an interval such as `interval 1 week`; what cannot be read keeps everything. */
function retention(text = "interval 1 week"): number {
  const [, count, unit] = /^(?:interval )?(\d+) (\w+?)s?$/i.exec(text.trim()) ?? [];
  return (
    Number(count) * (UNITS[unit?.toLowerCase() ?? ""] ?? Number.NaN) || Number.POSITIVE_INFINITY
  );
}

const VECTOR = `struct(storageType varchar, pathOrInlineDv varchar, "offset" integer,
  sizeInBytes integer, cardinality bigint)`;
const MAP = "map(varchar, varchar)";

/** @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#checkpoint-schema */
const COLUMNS = `{
  txn: 'struct(appId varchar, "version" bigint, lastUpdated bigint)',
  add: 'struct(path varchar, partitionValues ${MAP}, size bigint, modificationTime bigint,
    dataChange boolean, stats varchar, tags ${MAP}, deletionVector ${VECTOR}, baseRowId bigint,
    defaultRowCommitVersion bigint, clusteringProvider varchar)',
  remove: 'struct(path varchar, deletionTimestamp bigint, dataChange boolean,
    extendedFileMetadata boolean, partitionValues ${MAP}, size bigint, deletionVector ${VECTOR})',
  metaData: 'struct(id varchar, name varchar, description varchar,
    format struct(provider varchar, options ${MAP}), schemaString varchar,
    partitionColumns varchar[], configuration ${MAP}, createdTime bigint)',
  protocol: 'struct(minReaderVersion integer, minWriterVersion integer,
    readerFeatures varchar[], writerFeatures varchar[])',
  domainMetadata: 'struct(domain varchar, configuration varchar, removed boolean)'}`;
