import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type FolderLock, LOCK_FILE, tryLock } from "./folder-lock.ts";
import { makeTemporaryFolder, removeFolder } from "./make-temporary-folder.ts";
import { damaged, explainFolderFailure, PracticeError } from "./practice-error.ts";
import { isDraft, writePrivate } from "./private-file.ts";

/** Format of the folder. Increment it with each incompatible change. */
const FORMAT = 4;
const MARKER = "folder.json";
const HOLDER = "holder.txt";
/** Required files. */
const REQUIRED = ["secrets.json", "management.json", "lake"];

/** Ports of a practice cloud, which are reused after a restart. */
export interface CloudPorts {
  readonly cloud: number;
  readonly pages: number;
  readonly laptop: number;
}

interface Marker {
  readonly format: number;
  /** Whether the first start was completed. */
  readonly complete: boolean;
  readonly ports?: CloudPorts;
}

/** The locked folder of a practice cloud. */
export interface CloudFolder {
  readonly dir: string;
  /** Ports of the last run; undefined in a new folder. */
  readonly ports: CloudPorts | undefined;
  /** Marks the folder as complete, with the ports for the next start. */
  complete(ports: CloudPorts): void;
  /** Unlocks it, and removes what is not kept: all of a temporary or incomplete one. */
  close(): void;
}

/** Creates a folder that is removed with the practice cloud. */
export function openTemporaryFolder(): CloudFolder {
  const { dir, lock } = makeTemporaryFolder();
  return {
    dir,
    ports: undefined,
    complete: () => undefined,
    close: () => {
      // While it is locked no other process removes it.
      if (process.platform === "win32") lock.release();
      removeFolder(dir);
      if (process.platform !== "win32") lock.release();
    },
  };
}

/**
 * Opens or creates a folder that is kept. It becomes accessible to its owner only.
 *
 * @throws PracticeError `IN_USE`, `NOT_YOURS`, `OTHER_VERSION`, `DAMAGED`, `NOT_A_PRACTICE_FOLDER`,
 *   `NOT_WRITABLE` or `DISK_FULL`; the folder is then as it was
 */
export function openKeptFolder(dir: string): CloudFolder {
  try {
    const made = mkdirSync(dir, { recursive: true, mode: 0o700 });
    refuseForeign(dir);
    readMarker(dir);
    chmodSync(dir, 0o700);
    const lock = tryLock(dir, { create: true });
    if (!lock) throw inUse(dir);
    try {
      return openLocked(dir, lock, made);
    } catch (error) {
      if (made !== undefined) removeFolder(made);
      lock.release();
      throw error;
    }
  } catch (error) {
    throw explainFolderFailure(error, dir);
  }
}

/**
 * Locks the folder of a practice cloud that is not running.
 *
 * @throws PracticeError `NOT_A_PRACTICE_FOLDER`, `OTHER_VERSION`, `DAMAGED` or `IN_USE`
 */
export function lockKeptFolder(dir: string): FolderLock {
  try {
    const marker = existsSync(dir) ? readMarker(dir) : undefined;
    if (!marker?.complete) {
      const what = `${dir} holds no practice cloud`;
      const hint = "Name the folder that notelake practice --dir was started with.";
      throw new PracticeError("NOT_A_PRACTICE_FOLDER", what, hint);
    }
    const lock = tryLock(dir, { create: true });
    if (!lock) throw inUse(dir);
    return lock;
  } catch (error) {
    throw explainFolderFailure(error, dir);
  }
}

/** The required files that are missing. */
export function missingIn(dir: string): string[] {
  return REQUIRED.filter((name) => !existsSync(join(dir, name)));
}

/** @param made the first folder of `dir` that was created, if any */
function openLocked(dir: string, lock: FolderLock, made: string | undefined): CloudFolder {
  // Read again: another practice cloud may have used it before it was locked.
  const marker = readMarker(dir);
  const holder = join(dir, HOLDER);
  let isComplete = marker?.complete ?? false;
  let isClosed = false;
  if (isComplete) {
    // Completes an interrupted restore of a snapshot.
    const isRestoring = existsSync(join(dir, "restoring.json"));
    const missing = missingIn(dir).find((name) => !(isRestoring && name === "lake"));
    if (missing) throw damaged(join(dir, missing), "is missing");
    removeDrafts(dir);
  } else {
    // An incomplete start left nothing of use.
    empty(dir);
    writeMarker(dir, { format: FORMAT, complete: false });
  }
  const since = new Date().toISOString();
  writePrivate(holder, `process ${process.pid} of ${hostname()}, since ${since}`);
  return {
    dir,
    ports: marker?.ports,
    complete: (ports) => {
      writeMarker(dir, { format: FORMAT, complete: true, ports });
      isComplete = true;
    },
    close: () => {
      // Another process may have it by now.
      if (isClosed) return;
      isClosed = true;
      rmSync(holder, { force: true });
      if (!isComplete) {
        empty(dir);
        rmSync(join(dir, MARKER), { force: true });
        if (made !== undefined) removeFolder(made);
      }
      lock.release();
    },
  };
}

/** Removes what a start created, except lock and marker: this may be killed too. */
function empty(dir: string): void {
  for (const name of readdirSync(dir)) {
    if (name === LOCK_FILE || name === MARKER) continue;
    rmSync(join(dir, name), { recursive: true, force: true });
  }
}

/** Removes incomplete files of a killed process. */
function removeDrafts(dir: string): void {
  for (const name of readdirSync(dir)) if (isDraft(name)) rmSync(join(dir, name), { force: true });
}

function refuseForeign(dir: string): void {
  const { uid } = statSync(dir);
  const own = process.geteuid?.() ?? uid;
  if (uid === own) return;
  throw new PracticeError(
    "NOT_YOURS",
    `${dir} belongs to another user (uid ${uid}, and this process runs as ${own})`,
    "That user could read and change what is kept there. Name a folder of your own.",
  );
}

/** The marker of a folder; undefined when it is empty. */
function readMarker(dir: string): Marker | undefined {
  const file = join(dir, MARKER);
  if (!existsSync(file)) {
    const names = readdirSync(dir).filter(
      (name) => name !== LOCK_FILE && name !== HOLDER && !isDraft(name),
    );
    if (names.length === 0) return undefined;
    if (existsSync(join(dir, "secrets.json"))) throw otherVersion(dir, "an earlier version");
    throw new PracticeError(
      "NOT_A_PRACTICE_FOLDER",
      `${dir} holds other files (${names.sort().slice(0, 3).join(", ")}) and no practice cloud`,
      "Name an empty folder, or one that does not exist yet.",
    );
  }
  const marker = parse(file);
  if (typeof marker.format !== "number" || typeof marker.complete !== "boolean") {
    throw damaged(file, "does not say which version it is of");
  }
  if (marker.format > FORMAT) throw otherVersion(dir, "a later version");
  if (marker.format < FORMAT) throw otherVersion(dir, "an earlier version");
  return marker as Marker;
}

function parse(file: string): Partial<Marker> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof content === "object" && content !== null) return content;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw damaged(file, "is not JSON, or not all of it");
}

function writeMarker(dir: string, marker: Marker): void {
  writePrivate(join(dir, MARKER), `${JSON.stringify(marker, null, 2)}\n`);
}

function otherVersion(dir: string, version: string): PracticeError {
  return new PracticeError(
    "OTHER_VERSION",
    `${dir} was made by ${version} of notelake, which keeps it in another form`,
    "Use it with that version, or name another folder for a new practice cloud.",
  );
}

function inUse(dir: string): PracticeError {
  const file = join(dir, HOLDER);
  const holder = existsSync(file) ? readFileSync(file, "utf8") : "another process";
  return new PracticeError(
    "IN_USE",
    `a practice cloud runs in ${dir} already: ${holder}`,
    "End that one first, or name another folder.",
  );
}
