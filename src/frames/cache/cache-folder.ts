import { accessSync, constants, lstatSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { homedir, uptime } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { FrameError } from "../../core/errors.ts";
import { makeTemporaryFolder } from "../../core/temporary-folder.ts";

/** Checked folders, by the requested path. */
const opened = new Map<string, string>();

/**
 * The folder of the cache: the one that `NOTELAKE_CACHE` names, else `notelake` in the user's
 * folder for caches ($XDG_CACHE_HOME or ~/.cache, ~/Library/Caches on macOS, %LOCALAPPDATA% on
 * Windows). Where that is not writable, as in many containers, a private one that is removed with
 * the process.
 *
 * @throws FrameError `UNSAFE_CACHE` when others could replace a copy; `NO_CACHE` when the folder of
 *   `NOTELAKE_CACHE` cannot be used
 */
export function cacheFolder(): string {
  const named = process.env.NOTELAKE_CACHE;
  const path = named ? resolve(named) : defaultPath();
  const known = opened.get(path ?? "");
  if (known) return known;
  const folder = named && path ? openNamed(path) : openDefault(path);
  opened.set(path ?? "", folder);
  return folder;
}

/** Undefined where the user has no folder of their own. */
function defaultPath(): string | undefined {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, "notelake");
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "notelake", "Cache");
  const home = homeFolder();
  if (!home) return undefined;
  const caches = process.platform === "darwin" ? join("Library", "Caches") : ".cache";
  return join(home, caches, "notelake");
}

/** Undefined for a user without an entry in the user database, as with `docker run -u 1234`. */
function homeFolder(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}

function openNamed(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const folder = realpathSync(path);
    refuseUnsafe(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return folder;
  } catch (cause) {
    if (cause instanceof FrameError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FrameError("NO_CACHE", `copies of lake files cannot be kept in ${path}: ${why}`, {
      hint: "NOTELAKE_CACHE names it: let it name a folder that you may write to, or unset it.",
      cause,
    });
  }
}

function openDefault(path: string | undefined): string {
  try {
    if (path && !isInStrangersFolder(path)) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      refuseUnsafe(path);
      accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
      return path;
    }
  } catch (error) {
    if (error instanceof FrameError) throw error;
    // A missing cache is no error.
  }
  return makeTemporaryFolder("cache");
}

/** Whether root would create a folder in the home of another user, as with `sudo`. */
function isInStrangersFolder(path: string): boolean {
  if (process.geteuid?.() !== 0) return false;
  for (let folder = path; ; folder = dirname(folder)) {
    const facts = statSync(folder, { throwIfNoEntry: false });
    if (facts) return facts.uid !== 0 && folder !== path;
  }
}

function refuseUnsafe(folder: string): void {
  const facts = lstatSync(folder);
  const own = process.geteuid?.() ?? facts.uid;
  if (facts.isSymbolicLink()) throw unsafe(folder, "is a link to another place", "rm");
  if (facts.uid !== own)
    throw unsafe(folder, `belongs to another user (uid ${facts.uid})`, "rm -r");
  if (process.platform !== "win32" && (facts.mode & 0o022) !== 0) {
    throw unsafe(folder, "can be written to by other users", "chmod go-w");
  }
}

function unsafe(folder: string, what: string, command: string): FrameError {
  return new FrameError("UNSAFE_CACHE", `${folder}, for copies of lake files, ${what}`, {
    hint: `Others could change what is loaded from it. Set NOTELAKE_CACHE to a folder of your own, or: ${command} ${folder}`,
  });
}

// Files of the cache are not synced: one from before a power cut may have holes.
const MACHINE_STARTED = Date.now() - 1000 * uptime();

/** Size of a cached file; undefined when missing, or older than the machine's start. */
export async function cachedSize(path: string): Promise<number | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts && facts.mtimeMs >= MACHINE_STARTED ? facts.size : undefined;
}
