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

/**
 * Version of what a practice cloud keeps in its folder. Raise it with every change after which an
 * older folder can no longer be used.
 */
const FORMAT = 4;
const MARKER = "folder.json";
const HOLDER = "holder.txt";
/** Without these a kept practice cloud cannot go on. */
const REQUIRED = ["secrets.json", "management.json", "lake"];

/** Ports of a practice cloud, kept so that a client's settings outlive a restart. */
export interface CloudPorts {
  readonly cloud: number;
  readonly pages: number;
  readonly laptop: number;
}

interface Marker {
  readonly format: number;
  /** Whether a practice cloud has been made here to its end. */
  readonly complete: boolean;
  readonly ports?: CloudPorts;
}

/** The folder of one practice cloud, which holds its lock. */
export interface CloudFolder {
  readonly dir: string;
  /** Ports of the last run; undefined in a new folder. */
  readonly ports: CloudPorts | undefined;
  /** Says that everything is there, and which ports to use the next time. */
  complete(ports: CloudPorts): void;
  /** Lets go of it, and removes what is not kept: all of a temporary or a half-made one. */
  close(): void;
}

/** Makes a folder that lasts as long as the practice cloud. */
export function openTemporaryFolder(): CloudFolder {
  const { dir, lock } = makeTemporaryFolder();
  return {
    dir,
    ports: undefined,
    complete: () => undefined,
    close: () => {
      // While it is locked nobody takes the rest of it for one that was left behind.
      if (process.platform === "win32") lock.release();
      removeFolder(dir);
      if (process.platform !== "win32") lock.release();
    },
  };
}

/**
 * Opens a folder that outlives the practice cloud, or makes it. Only its owner can get at what is
 * in it, whatever its mode was.
 *
 * @throws PracticeError `IN_USE`, `NOT_YOURS`, `OTHER_VERSION`, `DAMAGED`,
 *   `NOT_A_PRACTICE_FOLDER`, `NOT_WRITABLE` or `DISK_FULL`; the folder is then as it was
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
 * Locks the folder of a practice cloud that does not run, to look at what is in it.
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

/** The files without which a kept practice cloud cannot go on, by their names. */
export function missingIn(dir: string): string[] {
  return REQUIRED.filter((name) => !existsSync(join(dir, name)));
}

/** @param made the first folder on the way to `dir` that had to be made, if one had */
function openLocked(dir: string, lock: FolderLock, made: string | undefined): CloudFolder {
  // Read again: another practice cloud may have come and gone before the lock.
  const marker = readMarker(dir);
  const holder = join(dir, HOLDER);
  let isComplete = marker?.complete ?? false;
  let isClosed = false;
  if (isComplete) {
    // A lake that was being put back to a snapshot is put back now.
    const isRestoring = existsSync(join(dir, "restoring.json"));
    const missing = missingIn(dir).find((name) => !(isRestoring && name === "lake"));
    if (missing) throw damaged(join(dir, missing), "is missing");
    removeDrafts(dir);
  } else {
    // Nobody has ever used what a start has left that came to no end.
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
      // By now somebody else may have it.
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

/** Removes what a start has made, but neither lock nor marker: it may be killed on the way. */
function empty(dir: string): void {
  for (const name of readdirSync(dir)) {
    if (name === LOCK_FILE || name === MARKER) continue;
    rmSync(join(dir, name), { recursive: true, force: true });
  }
}

/** Removes files that a killed process had not written to their end. */
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

/** What a practice cloud noted of a folder; undefined in one that is empty. */
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
