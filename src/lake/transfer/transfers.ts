import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LakeError } from "../../core/errors.ts";
import { runAll } from "../../core/run-all.ts";
import type { Operation } from "../explain-failure.ts";
import type { RetryPolicy } from "../http/retry.ts";
import type { LakeEntry, TransferProgress } from "../lake.ts";
import { existsError, refuseTarget } from "../lake-errors.ts";
import { listBelow } from "../list/list-glob.ts";
import { syncFolder } from "../local/file-sink.ts";
import { isLocal, type LocalEntry, listLocal, statLocal } from "../local/local-entries.ts";
import { onDisk } from "../local/local-failure.ts";
import { LocalFolders } from "../local/local-folders.ts";
import { checkLocalNames, nameRulesIn } from "../local/local-names.ts";
import type { FileVersion, Store } from "../store.ts";
import { joinPath, nameOf, parentOf } from "../url/location.ts";
import { copyFile } from "./copy.ts";
import { type DownloadFileOptions, downloadFile } from "./download.ts";
import { InterruptedDownloads } from "./interrupted-downloads.ts";
import { InterruptedUploads } from "./interrupted-uploads.ts";
import { Tracker } from "./tracker.ts";
import { placeFile, putFile } from "./upload.ts";

/** Files of a folder that are transferred at once. */
const PARALLEL = 16;

/** How to transfer. */
export interface TransfersOptions {
  readonly retryPolicy: RetryPolicy;
  readonly overwrite: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: TransferProgress) => void) | undefined;
  /** Explains the failure of what is done to one path. */
  attempt<T>(operation: Operation, path: string, work: () => Promise<T>): Promise<T>;
}

/** Downloads, uploads and copies of files and of all that lies in a directory. */
export class Transfers {
  readonly #store: Store;
  readonly #options: TransfersOptions;
  readonly #tracker: Tracker;
  readonly #interrupted: InterruptedUploads;

  constructor(store: Store, options: TransfersOptions) {
    this.#store = store;
    this.#options = options;
    this.#tracker = new Tracker(options.onProgress);
    this.#interrupted = new InterruptedUploads(store);
  }

  /** Sets the totals of the progress, where they are known before the first transfer. */
  announce(sizes: readonly number[]): void {
    this.#tracker.announce(sizes);
  }

  /** @returns the version of the file that was downloaded; for a directory, `entry` */
  async download(entry: LakeEntry, localPath: string, durable: boolean): Promise<LakeEntry> {
    const interrupted = new InterruptedDownloads();
    if (entry.kind === "file") {
      if ((await statLocal(localPath))?.kind === "directory") {
        throw new LakeError("LOCAL_FILE", `${localPath} is a folder`, {
          hint: "Give the name that the file is to have.",
        });
      }
      await this.#refuseLocal(localPath);
      const signal = this.#options.signal;
      const version = await this.downloadFile(entry, localPath, signal, { durable, interrupted });
      if (durable) await syncFolder(dirname(localPath));
      return { ...entry, ...version };
    }
    // All names are checked before the first file is downloaded.
    const { attempt } = this.#options;
    const inside = await attempt("list", entry.path, () => this.#listBelow(entry));
    const folders = await LocalFolders.open(localPath);
    const { folder: root } = await folders.make("");
    const named = inside.map((child) => ({ kind: child.kind, path: below(entry, child) }));
    checkLocalNames(root, named, await onDisk(root, () => nameRulesIn(root)));
    await this.each("list", entry.path, inside, async (child, signal) => {
      const path = below(entry, child);
      const { kind } = child;
      const { folder, isNew } = await folders.make(kind === "directory" ? path : parentOf(path));
      if (kind === "directory") return;
      const target = join(folder, nameOf(path));
      if (!isNew) await this.#refuseLocal(target);
      // A folder that was made just now is empty.
      const how = isNew ? { overwrite: true, interrupted: undefined } : { interrupted };
      await this.downloadFile(child, target, signal, { durable, ...how });
    });
    if (durable) await folders.sync();
    return entry;
  }

  async upload(localPath: string, path: string): Promise<void> {
    const there = await statLocal(localPath);
    if (!there) {
      throw new LakeError("LOCAL_FILE", `there is no ${localPath} on this machine`);
    }
    if (there.kind === "file") {
      await this.#refuseTarget(path);
      return this.uploadFile(there, path, this.#options.signal);
    }
    await this.makeDirectory(path);
    await this.each("write", path, listLocal(localPath), async (child, signal) => {
      const target = joinPath(path, child.path);
      if (child.kind === "directory") await this.makeDirectory(target);
      else await this.uploadFile(child, target, signal);
    });
  }

  async copy(entry: LakeEntry, path: string): Promise<void> {
    if (`${path}/`.startsWith(`${entry.path}/`)) {
      throw new LakeError("BAD_PATH", `${entry.path} cannot be copied into itself`);
    }
    if (entry.kind === "file") {
      await this.#refuseTarget(path);
      return this.#copyFile(entry, path, this.#options.signal);
    }
    await this.makeDirectory(path);
    const inside = listBelow(this.#store, entry.path, this.#options.signal);
    await this.each("list", entry.path, inside, async (child, signal) => {
      const target = joinPath(path, below(entry, child));
      if (child.kind === "directory") await this.makeDirectory(target);
      else await this.#copyFile(child, target, signal);
    });
  }

  async #listBelow(entry: LakeEntry): Promise<LakeEntry[]> {
    const entries: LakeEntry[] = [];
    for await (const each of listBelow(this.#store, entry.path, this.#options.signal)) {
      entries.push(each);
    }
    return entries;
  }

  /** Refuses early what the rename at the end would refuse. */
  async #refuseLocal(localFile: string): Promise<void> {
    if (this.#options.overwrite || !(await isLocal(localFile))) return;
    throw existsError(`the local file ${localFile}`);
  }

  /** Refuses early what the rename at the end would refuse. */
  async #refuseTarget(path: string): Promise<void> {
    const { attempt, overwrite, signal } = this.#options;
    await attempt("write", path, () => refuseTarget(this.#store, path, overwrite, signal));
  }

  async makeDirectory(path: string): Promise<void> {
    const { attempt, signal } = this.#options;
    await attempt("write", path, () => this.#store.createDirectory(path, signal));
  }

  /** Some at a time; a failure to list `items` is reported as one of `operation` on `path`. */
  each<T>(
    operation: Operation,
    path: string,
    items: Iterable<T> | AsyncIterable<T>,
    work: (item: T, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { attempt, signal } = this.#options;
    return attempt(operation, path, () => runAll(items, PARALLEL, work, signal));
  }

  async downloadFile(
    entry: LakeEntry,
    localFile: string,
    signal: AbortSignal | undefined,
    how: Pick<DownloadFileOptions, "durable" | "interrupted"> & { overwrite?: boolean },
  ): Promise<FileVersion> {
    const { path } = entry;
    const { retryPolicy, overwrite, attempt } = this.#options;
    this.#tracker.expect(entry.size);
    const onBytes = (added: number) => this.#tracker.add(path, added);
    const version = await attempt("read", path, () =>
      downloadFile(this.#store, path, localFile, {
        retryPolicy,
        signal,
        overwrite,
        known: entry,
        onBytes,
        ...how,
      }),
    );
    this.#tracker.finish(path);
    return version;
  }

  async uploadFile(local: LocalEntry, path: string, signal?: AbortSignal): Promise<void> {
    const { localPath, size } = local;
    const file = await onDisk(localPath, () => open(localPath, "r"));
    const read = (position: number, length: number) =>
      onDisk(localPath, async () => {
        const { buffer, bytesRead } = await file.read(
          Buffer.allocUnsafe(length),
          0,
          length,
          position,
        );
        if (bytesRead === length) return buffer;
        throw Object.assign(new Error("the file is shorter than it was"), { code: "CHANGED" });
      });
    try {
      const { overwrite } = this.#options;
      await this.#put(path, size, async (onBytes) => {
        const resume = await this.#interrupted.resume(local, path, signal);
        const options = { overwrite, signal, resume, onBytes };
        await putFile(this.#store, path, { size, read }, options);
      });
    } finally {
      await file.close();
    }
  }

  async #copyFile(entry: LakeEntry, path: string, signal?: AbortSignal): Promise<void> {
    const { overwrite, retryPolicy, attempt } = this.#options;
    await this.#put(path, entry.size, async (onBytes) => {
      const options = { overwrite, signal, onBytes };
      const source = { store: this.#store, entry, retryPolicy, attempt };
      await placeFile(this.#store, path, options, (part) => copyFile(source, part, options));
    });
  }

  /** Reports the progress of a file of the lake while `put` makes it. */
  async #put(
    path: string,
    size: number,
    put: (onBytes: (added: number) => void) => Promise<void>,
  ): Promise<void> {
    this.#tracker.expect(size);
    const onBytes = (added: number) => this.#tracker.add(path, added);
    await this.#options.attempt("write", path, () => put(onBytes));
    this.#tracker.finish(path);
  }
}

/** The path of `child` from the directory `entry` that it lies in. */
function below(entry: LakeEntry, child: LakeEntry): string {
  return entry.path ? child.path.slice(entry.path.length + 1) : child.path;
}
