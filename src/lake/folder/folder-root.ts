import { randomBytes } from "node:crypto";
import { type BigIntStats, constants, realpathSync, statSync } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { LakeError } from "../../core/errors.ts";
import { nameSome } from "../../core/near-names.ts";
import type { Operation } from "../explain-failure.ts";
import type { LakeEntry } from "../lake.ts";
import { reasonAgainst } from "../local/local-names.ts";
import { checkPath, nameOf, parentOf } from "../url/location.ts";

/** Without O_NONBLOCK, opening a named pipe would wait for a writer. */
const READING = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Milliseconds in which a second change may not show: file systems have coarse clocks. */
const YOUNG = 2000;
/** The coarsest such clock of a file system in use, in milliseconds. */
const TICK = 20;

/** A local folder. Its files are opened by paths that stay in it: a link that leads out is refused. */
export class FolderRoot {
  /** Absolute, without symbolic links. */
  readonly folder: string;
  readonly url: string;
  readonly #given: string;

  /** @throws LakeError `NOT_FOUND`, `LOCAL_FILE`, `BAD_PATH` */
  constructor(place: string) {
    if (!place || place.includes("\0") || /^[a-z][a-z0-9+.-]+:\/\//i.test(place)) {
      throw new LakeError("BAD_PATH", `${JSON.stringify(place)} is no folder of this machine`, {
        hint: 'Give its path, such as openFolder("data"). A lake is opened by openLake.',
      });
    }
    this.#given = resolve(place);
    try {
      this.folder = realpathSync.native(this.#given);
      if (statSync(this.folder).isDirectory()) {
        const { href } = pathToFileURL(this.folder);
        this.url = href.endsWith("/") ? href : `${href}/`;
        return;
      }
    } catch (error) {
      throw explain(error, "open", this.#given);
    }
    throw new LakeError("LOCAL_FILE", `${this.#given} is a file, not a folder`, {
      hint: 'Open the folder that it is in, and name the file then: loadFrame(openFolder("."), "sales.csv").',
    });
  }

  /**
   * A path or pattern relative to this folder, from one that may begin with the folder's path or URL.
   *
   * @throws LakeError `BAD_PATH` for one that begins elsewhere
   */
  below(text: string): string {
    if (text === "/" || text === ".") return "";
    for (const start of [this.url, `${this.folder}${sep}`, `${this.#given}${sep}`]) {
      if (text.startsWith(start)) return text.slice(start.length).split(sep).join("/");
    }
    if (text === this.folder || text === this.#given) return "";
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text) || isAbsolute(text)) {
      throw new LakeError("BAD_PATH", `${JSON.stringify(text)} is not in ${this.folder}`, {
        hint: "Nothing outside of an opened folder is reached. Open another by openFolder, or a lake by openLake.",
      });
    }
    return text.replace(/^(\.\/+)+/, "");
  }

  /** The path that a path or URL means. @throws LakeError `BAD_PATH` */
  path(text: string): string {
    const path = checkPath(this.below(text));
    for (const name of path ? path.split("/") : []) {
      const reason = reasonAgainst(name, process.platform);
      if (reason) throw this.badName(path, reason);
    }
    return path;
  }

  badName(path: string, reason: string): LakeError {
    const name = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
    return new LakeError("BAD_PATH", `${name} in ${this.folder} cannot be used: ${reason}`, {
      hint: "Give it another name.",
    });
  }

  /** The path on this machine, symbolic links resolved. @throws LakeError `NOT_FOUND`, `BAD_PATH`, `FORBIDDEN` and so on */
  async real(path: string, operation: Operation = "read"): Promise<string> {
    return this.attempt(operation, path, async () => {
      const real = await realpath(join(this.folder, path));
      if (this.#holds(real)) return real;
      throw new LakeError("BAD_PATH", `${path} is a link that leads out of ${this.folder}`, {
        hint: "Nothing outside of an opened folder is reached: openFolder opens the folder that the link leads to.",
      });
    });
  }

  /** Runs `work`, and explains its failure. */
  async attempt<T>(operation: Operation, path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const failure = explain(error, operation, path, this.folder);
      if (!(failure instanceof LakeError) || failure.code !== "NOT_FOUND") throw failure;
      const hint = await this.#nearby(path);
      throw hint ? new LakeError("NOT_FOUND", failure.message, { hint, cause: error }) : failure;
    }
  }

  async stat(path: string): Promise<LakeEntry> {
    const real = await this.real(path);
    return this.attempt("read", path, async () =>
      this.entry(path, await stat(real, { bigint: true }), false),
    );
  }

  /** What the system says of a file or folder. @throws LakeError `BAD_PATH` where it is neither */
  entry(path: string, stats: BigIntStats, anything: boolean): LakeEntry {
    const isDirectory = stats.isDirectory();
    if (!isDirectory && !stats.isFile() && !anything) throw noFile(path, this.folder);
    return {
      path,
      kind: isDirectory ? "directory" : "file",
      size: isDirectory ? 0 : Number(stats.size),
      modified: stats.mtime,
      etag: etagOf(stats),
    };
  }

  /**
   * Runs `work` with an opened file, which is in this folder.
   *
   * @throws LakeError `CONFLICT` when the file changes meanwhile, or is not the version of `etag`
   */
  async withFile<T>(
    path: string,
    etag: string | undefined,
    work: (file: FileHandle, entry: LakeEntry) => Promise<T>,
  ): Promise<T> {
    const real = await this.real(path);
    return this.attempt("read", path, async () => {
      const file = await open(real, READING);
      try {
        let stats = await file.stat({ bigint: true });
        if (stats.isDirectory()) throw isFolder(path, this.folder);
        if (!stats.isFile()) throw noFile(path, this.folder);
        await this.#refuseSwapped(path, real, file, stats);
        // Another write within one tick of the clock would not show.
        if (isYounger(stats, TICK)) await wait(TICK);
        stats = await file.stat({ bigint: true });
        if (etag !== undefined && versionIn(etag) !== versionOf(stats)) throw this.#changed(path);
        const result = await work(file, this.entry(path, stats, false));
        const after = await file.stat({ bigint: true });
        if (versionOf(after) !== versionOf(stats)) throw this.#changed(path);
        return result;
      } finally {
        await file.close();
      }
    });
  }

  /**
   * Refuses a file that is elsewhere because a folder was replaced by a link between `realpath` and
   * `open`. Linux has the path of an open file; elsewhere the path is resolved again, before and after
   * a comparison of the inodes.
   */
  async #refuseSwapped(
    path: string,
    real: string,
    file: FileHandle,
    opened: BigIntStats,
  ): Promise<void> {
    const opens = await readlink(`/proc/self/fd/${file.fd}`).catch(() => undefined);
    if (opens !== undefined) {
      if (this.#holds(opens)) return;
      throw this.#changed(path);
    }
    const before = await realpath(real);
    const there = await lstat(real, { bigint: true });
    const isSame = before === real && (await realpath(real)) === real;
    if (!isSame || there.ino !== opened.ino || there.dev !== opened.dev) throw this.#changed(path);
  }

  #changed(path: string): LakeError {
    return new LakeError("CONFLICT", `${path} in ${this.folder} was changed meanwhile`, {
      hint: "Start again, once whoever writes it is done.",
    });
  }

  #holds(real: string): boolean {
    const way = relative(this.folder, real);
    return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
  }

  /** Names near a missing path, for the hint of an error. */
  async #nearby(path: string): Promise<string | undefined> {
    for (let missing = path; missing; missing = parentOf(missing)) {
      const parent = parentOf(missing);
      const real = await realpath(join(this.folder, parent)).catch(() => "");
      if (!real || !this.#holds(real)) continue;
      const names = await readdir(real).catch(() => undefined);
      if (!names) continue;
      const where = parent || "The folder";
      if (names.length === 0) return `${where} is empty.`;
      return `${where} has: ${nameSome(names, nameOf(missing))}.`;
    }
    return undefined;
  }
}

function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].map((part) => part.toString(36)).join("-");
}

/** Changes with the content. That of a file that was written just now is random: see `YOUNG`. */
function etagOf(stats: BigIntStats): string {
  const tag = isYounger(stats, YOUNG) ? `.${randomBytes(6).toString("hex")}` : "";
  return `"${versionOf(stats)}${tag}"`;
}

function versionIn(etag: string): string {
  return etag.replace(/^"|(\.[0-9a-f]+)?"$/g, "");
}

function isYounger({ mtimeMs, ctimeMs }: BigIntStats, milliseconds: number): boolean {
  const latest = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs);
  return Date.now() - latest < milliseconds;
}

export function isFolder(path: string, folder: string): LakeError {
  return new LakeError("CONFLICT", `${path || "the root"} in ${folder} is a folder`);
}

function noFile(path: string, folder: string): LakeError {
  return new LakeError("BAD_PATH", `${path} in ${folder} is neither a file nor a folder`, {
    hint: "Pipes, sockets and devices are not read.",
  });
}

/** The LakeError of a file system's failure. */
function explain(
  error: unknown,
  operation: Operation | "open",
  path: string,
  folder?: string,
): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof LakeError || !code || !(error instanceof Error)) return error;
  const place = folder === undefined ? path : `${path || "the root"} in ${folder}`;
  const facts = { cause: error };
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return new LakeError("NOT_FOUND", `there is no ${place}`, facts);
    case "EACCES":
    case "EPERM":
      return new LakeError("FORBIDDEN", `this user may not ${operation} ${place}`, {
        hint: "The permissions of the file, or of a folder above it, do not allow it.",
        ...facts,
      });
    case "ELOOP":
      return new LakeError("BAD_PATH", `${place} is a link that leads nowhere`, facts);
    case "ENAMETOOLONG":
      return new LakeError("BAD_PATH", `${place.slice(0, 200)}…: the path is too long`, facts);
    case "EISDIR":
      return new LakeError("CONFLICT", `${place} is a folder`, facts);
    case "ENOTEMPTY":
      return new LakeError("CONFLICT", `${place} is not empty`, facts);
    case "ENOSPC":
    case "EDQUOT":
      return new LakeError("LOCAL_FILE", `could not ${operation} ${place}`, {
        hint: "The disk, or this user's share of it, is full.",
        ...facts,
      });
    default:
      return new LakeError("LOCAL_FILE", `could not ${operation} ${place} (${code})`, {
        hint: error.message,
        ...facts,
      });
  }
}
