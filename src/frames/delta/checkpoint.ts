import { FrameError } from "../../core/errors.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import { stage } from "../cache/stage.ts";
import type { LakeFiles } from "../lake-files.ts";
import { describeColumns } from "../sql/describe-columns.ts";
import { type Engine, identifier, literals } from "../sql/engine.ts";
import type { Action } from "./delta-actions.ts";
import type { CheckpointFiles, LogFiles } from "./log-files.ts";
import { readActions } from "./read-actions.ts";

export interface LogReader {
  readonly engine: Engine;
  readonly lake: LakeFiles;
  readonly signal: AbortSignal | undefined;
  /** Whether to read `TableState.forCheckpoint`. */
  readonly forCheckpoint?: boolean;
}

/**
 * All actions of a checkpoint: classic, in parts, or version 2 with its sidecars.
 *
 * @throws FrameError `BAD_TABLE`
 */
export async function readCheckpoint(
  reader: LogReader,
  log: LogFiles,
  { version, parts }: CheckpointFiles,
): Promise<Action[]> {
  const [first] = parts;
  const name = first?.path ?? "";
  const actions = first?.path.endsWith(".json")
    ? await readActions(reader.lake, first, reader.signal)
    : await readParquet(reader, parts);
  const says = actions.find(({ checkpointMetadata }) => checkpointMetadata)?.checkpointMetadata;
  if (says && says.version !== version) {
    throw bad(`${name} says that it is of version ${says.version}`);
  }
  for (const kind of ["protocol", "metaData"] as const) {
    if (!actions.some((action) => action[kind])) throw bad(`${name} lacks the ${kind} action`);
  }
  const sidecars = actions.flatMap(({ sidecar }) => (sidecar ? [sidecar.path] : []));
  if (sidecars.length === 0) return actions;
  const entries = sidecars.map((path) => {
    const entry = log.sidecars.get(decodeURIComponent(path.split("/").at(-1) ?? ""));
    if (entry) return entry;
    throw bad(`${name} names the sidecar ${path}, which is not there`);
  });
  return [...actions, ...(await readParquet(reader, entries))];
}

const STATE_ACTIONS = ["add", "protocol", "metaData", "sidecar", "checkpointMetadata"];
const CHECKPOINT_ONLY = ["remove", "txn", "domainMetadata"];

async function readParquet(
  { engine, lake, signal, forCheckpoint }: LogReader,
  entries: readonly LakeEntry[],
): Promise<Action[]> {
  const files = await stage(lake, entries, { signal });
  const paths = literals(files.map((file) => file.localPath));
  const source = `read_parquet(${paths}, union_by_name = true, hive_partitioning = false)`;
  const stored = (await describeColumns(engine, `from ${source}`)).map(({ name }) => name);
  const names = forCheckpoint ? [...STATE_ACTIONS, ...CHECKPOINT_ONLY] : STATE_ACTIONS;
  const columns = names.filter((name) => stored.includes(name)).map(identifier);
  if (columns.length === 0) return [];
  const rows = await engine.runAndReadAll(
    `select to_json(action)::varchar from (select ${columns.join(", ")} from ${source}
     where ${columns.map((column) => `${column} is not null`).join(" or ")}) action`,
  );
  return rows.getRowsJson().map(([row]) => JSON.parse(String(row)) as Action);
}

function bad(message: string): FrameError {
  return new FrameError("BAD_TABLE", `the checkpoint ${message}`);
}
