import { FrameError } from "../../core/errors.ts";
import { type LogReader, readCheckpoint } from "./checkpoint.ts";
import { applyActions, type TableState } from "./delta-actions.ts";
import type { CheckpointFiles, LogFiles } from "./log-files.ts";
import { readActions } from "./read-actions.ts";

const COMMITS_AT_ONCE = 8;

/**
 * The state of a table at a version: the newest complete checkpoint, and the commits after it.
 * Compared with the checksum of the version, if it has one.
 *
 * @throws FrameError `BAD_TABLE`
 */
export async function replayLog(
  reader: LogReader,
  log: LogFiles,
  version: number,
): Promise<TableState> {
  const { state, from } = await startingPoint(reader, log, version);
  const versions = Array.from({ length: version - from }, (_, index) => from + 1 + index);
  for (let next = 0; next < versions.length; next += COMMITS_AT_ONCE) {
    const commits = versions.slice(next, next + COMMITS_AT_ONCE).map((number) => {
      const entry = log.commits.get(number);
      if (entry) return readActions(reader.lake, entry, reader.signal);
      throw gap(log, number);
    });
    for (const actions of await Promise.all(commits)) applyActions(state, actions);
  }
  await compareChecksum(reader, log, version, state);
  return state;
}

/** The state of the newest readable checkpoint, and its version; -1 when commits begin at 0. */
async function startingPoint(reader: LogReader, log: LogFiles, version: number) {
  let trouble: unknown;
  for (const checkpoint of log.checkpoints) {
    if (checkpoint.version > version) continue;
    const state = emptyState(reader);
    try {
      applyActions(state, await readCheckpoint(reader, log, checkpoint));
      return { state, from: checkpoint.version };
    } catch (error) {
      if (!isBroken(error)) throw error;
      trouble ??= new FrameError("BAD_TABLE", unreadable(checkpoint), {
        hint: "The commits before it are gone, so nothing can stand in for it. Restore it, or have the program that writes the table make a checkpoint anew.",
        cause: error,
      });
    }
  }
  if (trouble && !log.commits.has(0)) throw trouble;
  return { state: emptyState(reader), from: -1 };
}

function emptyState({ forCheckpoint: isForCheckpoint }: LogReader): TableState {
  if (!isForCheckpoint) return { files: new Map() };
  const forCheckpoint = { removed: new Map(), txns: new Map(), domains: new Map() };
  return { files: new Map(), forCheckpoint };
}

/** Whether a checkpoint is broken, so that an older one may do; not when the lake refused. */
function isBroken(error: unknown): boolean {
  if (error instanceof FrameError) return error.code === "BAD_TABLE";
  return error instanceof SyntaxError || (error instanceof Error && error.constructor === Error);
}

function unreadable({ parts }: CheckpointFiles): string {
  return `the checkpoint ${parts[0]?.path} cannot be read`;
}

function gap({ place }: LogFiles, version: number): FrameError {
  return new FrameError(
    "BAD_TABLE",
    `the log of the Delta table ${place} lacks version ${version}`,
    {
      hint: "A commit in the middle was removed. Restore it, or ask for an earlier version.",
    },
  );
}

async function compareChecksum(
  { lake, signal }: LogReader,
  log: LogFiles,
  version: number,
  { files }: TableState,
): Promise<void> {
  const entry = log.checksums.get(version);
  if (!entry) return;
  const [checksum] = (await readActions(lake, entry, signal)) as { numFiles?: number }[];
  const { numFiles } = checksum ?? {};
  if (numFiles === undefined || numFiles === files.size) return;
  throw new FrameError(
    "BAD_TABLE",
    `the log of the Delta table ${log.place} has ${files.size} files at version ${version}, its checksum ${numFiles}`,
    {
      hint: "A checkpoint or a commit was changed or lost. Have the table checked where it is written.",
    },
  );
}
