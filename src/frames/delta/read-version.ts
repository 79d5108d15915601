import { FrameError } from "../../core/errors.ts";
import type { LogReader } from "./checkpoint.ts";
import type { TableState } from "./delta-actions.ts";
import type { LogFiles } from "./log-files.ts";
import { readActions } from "./read-actions.ts";
import { replayLog } from "./replay-log.ts";

/** The version to read: by number, by time, or the latest. */
export interface RequestedVersion {
  readonly version?: number | undefined;
  readonly at?: Date | string | undefined;
}

/**
 * The state of the requested version.
 *
 * @throws FrameError `NO_VERSION` with the versions that can be read; `BAD_TABLE`
 */
export async function readVersion(
  reader: LogReader,
  log: LogFiles,
  { version, at }: RequestedVersion,
): Promise<TableState> {
  const latest = latestOf(log);
  if (latest < 0) {
    throw new FrameError("BAD_TABLE", `the log of the Delta table ${log.place} has no commits`);
  }
  const requested =
    at === undefined ? (version ?? latest) : await versionAt(reader, log, latest, at);
  const earliest = earliestOf(log);
  if (Number.isInteger(requested) && requested >= earliest && requested <= latest) {
    return replayLog(reader, log, requested);
  }
  throw new FrameError("NO_VERSION", `the Delta table ${log.place} has no version ${requested}`, {
    hint: range(earliest, latest),
  });
}

/** The newest version of a table; -1 if there is none. */
export function latestOf(log: LogFiles): number {
  return [...log.commits.keys()].reduce(
    (latest, version) => Math.max(latest, version),
    log.checkpoints[0]?.version ?? -1,
  );
}

function range(earliest: number, latest: number): string {
  const cleaned = earliest > 0 ? " Its log was cleaned of the commits before that." : "";
  return `The earliest is ${earliest}, the latest is ${latest}.${cleaned}`;
}

/** The first version that can be read: 0, or that of the oldest checkpoint. */
function earliestOf({ commits, checkpoints }: LogFiles): number {
  return commits.has(0) ? 0 : (checkpoints.at(-1)?.version ?? Math.min(...commits.keys()));
}

/**
 * The last version that was committed no later than `at`, by in-commit timestamps where the table
 * has them, else by the modification times of commits.
 */
async function versionAt(
  reader: LogReader,
  log: LogFiles,
  latest: number,
  at: Date | string,
): Promise<number> {
  const moment = new Date(at).getTime();
  if (Number.isNaN(moment)) {
    throw new FrameError("NO_VERSION", `${at} is not a point in time`, {
      hint: 'Give a Date, or text in ISO 8601 such as "2026-01-31T12:00:00Z".',
    });
  }
  const { metaData } = await replayLog(reader, log, latest);
  const settings = metaData?.configuration ?? {};
  const isTimed = settings["delta.enableInCommitTimestamps"] === "true";
  const timedFrom = Number(settings["delta.inCommitTimestampEnablementVersion"] ?? 0);
  const timedSince = Number(settings["delta.inCommitTimestampEnablementTimestamp"] ?? -Infinity);
  const earliest = earliestOf(log);
  const known = [...log.commits.keys()].filter((version) => version >= earliest);
  known.sort((a, b) => a - b);
  const match =
    isTimed && moment >= timedSince
      ? await lastTimed(
          reader,
          log,
          known.filter((version) => version >= timedFrom),
          moment,
        )
      : lastModified(
          log,
          known.filter((version) => !isTimed || version < timedFrom),
          moment,
        );
  if (match !== undefined) return match;
  throw new FrameError(
    "NO_VERSION",
    `the Delta table ${log.place} has no version as old as ${new Date(moment).toISOString()}`,
    { hint: range(earliest, latest) },
  );
}

/** Binary search, as in-commit timestamps ascend. */
async function lastTimed(
  { lake, signal }: LogReader,
  log: LogFiles,
  versions: readonly number[],
  moment: number,
): Promise<number | undefined> {
  let [low, high] = [0, versions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const version = versions[middle] ?? -1;
    const entry = log.commits.get(version);
    const actions = entry ? await readActions(lake, entry, signal) : [];
    const time = actions.find(({ commitInfo }) => commitInfo)?.commitInfo?.inCommitTimestamp;
    if (time === undefined) {
      throw new FrameError("BAD_TABLE", `${entry?.path} does not tell when it was committed`, {
        hint: "The table says that its commits carry their time. Ask for the version by its number.",
      });
    }
    if (time <= moment) low = middle + 1;
    else high = middle;
  }
  return versions[low - 1];
}

/** As in Delta, a commit is at least a millisecond later than the one before it. */
function lastModified(
  log: LogFiles,
  versions: readonly number[],
  moment: number,
): number | undefined {
  let latest: number | undefined;
  let time = -Infinity;
  for (const version of versions) {
    time = Math.max(time + 1, log.commits.get(version)?.modified.getTime() ?? 0);
    if (time > moment) return latest;
    latest = version;
  }
  return latest;
}
