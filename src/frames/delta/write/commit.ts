import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FrameError, LakeError } from "../../../core/errors.ts";
import type { WritableLake } from "../../lake-files.ts";
import type { Action } from "../delta-actions.ts";
import { parseActions } from "../read-actions.ts";

/** What a commit is made of. */
export interface Commit {
  readonly lake: WritableLake;
  /** Path of the table's folder. */
  readonly place: string;
  readonly actions: readonly Action[];
  /** Version that the table was read at; -1 if it was not there. */
  readonly readVersion: number;
  /** A folder of this machine. */
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
  /**
   * Looks at what another writer has committed meanwhile.
   *
   * @returns whether the write has to begin anew
   * @throws FrameError `CONFLICT`
   */
  mustRestart(winner: readonly Action[], version: number): Promise<boolean>;
}

/** A write that others were faster than at each try. */
const TRIES = 100;
const LONGEST_WAIT_MS = 500;

export function pathBelow(place: string, path: string): string {
  return place ? `${place}/${path}` : path;
}

export function logName(version: number, ending: string): string {
  return `_delta_log/${String(version).padStart(20, "0")}.${ending}`;
}

/**
 * Puts the next version into a table's log, where no other writer has put one: the file of a
 * version is written once and never replaced. If another was faster, what that one has done is
 * looked at, and the version after it is tried.
 *
 * @returns the version; nothing if the write has to begin anew
 * @throws FrameError `CONFLICT`; LakeError
 */
export async function commit(work: Commit): Promise<number | undefined> {
  const { lake, place, actions, folder, signal } = work;
  const local = join(folder, "commit.json");
  const text = `${actions.map((action) => JSON.stringify(action)).join("\n")}\n`;
  await writeFile(local, text);
  let version = work.readVersion + 1;
  for (let tries = 1; tries <= TRIES; tries++) {
    signal?.throwIfAborted();
    const path = pathBelow(place, logName(version, "json"));
    const failure = await lake.upload(local, path).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (!failure) return version;
    const winner = await readCommit(lake, path, failure.error);
    // The answer to an upload may have been lost, after it was done.
    if (winner === text) return version;
    if (winner === undefined) throw failure.error;
    for (let other: string | undefined = winner; other !== undefined; version++) {
      if (
        await work.mustRestart(
          parseActions(pathBelow(place, logName(version, "json")), other),
          version,
        )
      ) {
        return undefined;
      }
      other = await readCommit(lake, pathBelow(place, logName(version + 1, "json")));
    }
    await sleep(Math.random() * Math.min(LONGEST_WAIT_MS, 10 * 2 ** tries), undefined, {
      ...(signal && { signal }),
    });
  }
  throw new FrameError(
    "CONFLICT",
    `others wrote the Delta table ${place} at each of ${TRIES} tries`,
    {
      hint: "Nothing was written. Write again once fewer of them do.",
    },
  );
}

/**
 * The text of a commit; nothing if it is not there.
 *
 * @param failure why it could not be written, to be thrown where it cannot be read either
 */
async function readCommit(
  lake: WritableLake,
  path: string,
  failure?: unknown,
): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await lake.read(path));
  } catch (error) {
    if (error instanceof LakeError && error.code === "NOT_FOUND") return undefined;
    throw failure ?? error;
  }
}
