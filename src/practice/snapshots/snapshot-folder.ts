import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { replaceLake } from "../lake/index.ts";
import { RECORDS_FILE } from "../management/records.ts";
import { damaged } from "../practice-error.ts";
import { writePrivate } from "../private-file.ts";

/** Folder of the initial state, in that of the practice cloud. */
export const SEEDED = "seeded";
/** Folder of the snapshots that have names. */
export const SNAPSHOTS = "snapshots";
/** In a snapshot: the lake, and the other state. */
export const LAKE = "lake";
export const STATE = "state.json";
/** Names the state that is being restored. */
export const MARKER = "restoring.json";

/** The state beside the lake. */
interface State {
  /** ISO 8601. */
  readonly savedAt: string;
  readonly memory: Readonly<Record<string, unknown>>;
}

/** @throws Error for a snapshot that is damaged */
export function readState(folder: string): State {
  try {
    const state = JSON.parse(readFileSync(join(folder, STATE), "utf8")) as State;
    if (typeof state.memory !== "object" || !existsSync(join(folder, LAKE))) {
      throw new Error("it is not whole");
    }
    return state;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "unknown error";
    const name = basename(folder);
    throw new Error(`the snapshot ${name} is damaged: ${why}; remove ${folder}`, { cause });
  }
}

/** After a killed process: finishes a restore, and removes an incomplete snapshot. */
export async function finishSnapshots(dir: string): Promise<void> {
  tidy(dir);
  if (existsSync(join(dir, SNAPSHOTS))) tidy(join(dir, SNAPSHOTS));
  const marker = join(dir, MARKER);
  if (!existsSync(marker)) return;
  const from = readMarker(marker);
  const { memory } = readState(join(dir, from));
  await replaceLake(join(dir, from, LAKE), join(dir, LAKE));
  writePrivate(join(dir, RECORDS_FILE), JSON.stringify(memory.records, null, 2));
  rmSync(marker);
}

/** Which state was being restored. */
function readMarker(file: string): string {
  try {
    const { from } = JSON.parse(readFileSync(file, "utf8")) as { from?: unknown };
    if (typeof from === "string") return from;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw damaged(file, "does not say which snapshot was being restored");
}

/** Removes incomplete snapshots, and restores those that they were to replace. */
function tidy(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, whole = "", end] = /^\.(.+)\.(part|old)$/.exec(name) ?? [];
    if (end === "old" && !existsSync(join(folder, whole))) {
      renameSync(join(folder, name), join(folder, whole));
    } else if (end) {
      rmSync(join(folder, name), { recursive: true });
    }
  }
}
