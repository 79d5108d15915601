import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import type { Cloud } from "../core/cloud.ts";
import { LakeError } from "../core/errors.ts";
import { readBlocks } from "./blocks.ts";
import type { Caller } from "./caller.ts";
import { type Attempt, type Deed, explainFailure, isDirectory, refuseTarget } from "./failure.ts";
import { parseGlob } from "./glob.ts";
import type {
  AclChanges,
  DownloadOptions,
  Lake,
  LakeAccess,
  LakeCallOptions,
  LakeContent,
  LakeEntry,
  LakeUsage,
  ReadOptions,
  RemoveOptions,
  SetAclOptions,
  TransferOptions,
  WriteOptions,
} from "./lake.ts";
import { listBelow, listDirectory, listGlob } from "./listing.ts";
import { describeLake, lakeUrl, parsePath } from "./location.ts";
import { describeNearby, nameSome } from "./nearby.ts";
import { readRange } from "./range-reader.ts";
import type { Patience } from "./retry.ts";
import type { Store } from "./store.ts";
import { Transfers } from "./transfers.ts";
import { type JoiningStore, joinFiles, putFile, SourceError, sourceOf } from "./upload.ts";
import { addUp, drawTree } from "./usage.ts";

/** What a StoredLake is made of. */
export interface LakeParts {
  readonly cloud: Cloud;
  readonly store: Store;
  readonly patience: Patience;
  /** What the service wants tokens to be issued for. */
  readonly audience: string;
  readonly caller: () => Promise<Caller>;
}

/** The Lake over any store: paths are checked and failures explained here, once for all. */
export class StoredLake implements Lake {
  readonly url: string;
  readonly account: string;
  readonly fileSystem: string;
  readonly #parts: LakeParts;
  readonly #store: Store;

  constructor(parts: LakeParts) {
    const { address } = parts.store;
    this.#parts = parts;
    this.#store = parts.store;
    this.url = lakeUrl(parts.cloud, address);
    this.account = address.account;
    this.fileSystem = address.fileSystem;
  }

  async createFileSystem({ signal }: LakeCallOptions = {}): Promise<void> {
    await this.#on("write", "", signal, () => this.#whole().createFileSystem(signal));
  }

  async deleteFileSystem({ signal }: LakeCallOptions = {}): Promise<void> {
    await this.#on("delete", "", signal, () => this.#whole().deleteFileSystem(signal));
  }

  async *list(pattern = "", { signal }: LakeCallOptions = {}): AsyncGenerator<LakeEntry> {
    const glob = parseGlob(pattern.includes("://") ? this.#path(pattern) : pattern);
    const base = this.#path(typeof glob === "string" ? glob : glob.base);
    try {
      const isPath = typeof glob === "string";
      const entry = isPath && base ? await this.#store.stat(base, signal) : undefined;
      if (entry?.kind === "file") {
        yield entry;
        return;
      }
      const entries = isPath
        ? listDirectory(this.#store, base, signal)
        : listGlob(this.#store, glob, signal);
      for await (const found of entries) yield found;
    } catch (error) {
      throw await this.#explain(error, "list", base, signal);
    }
  }

  stat(path: string, { signal }: LakeCallOptions = {}): Promise<LakeEntry> {
    return this.#on("read", path, signal, (clean) => this.#store.stat(clean, signal));
  }

  async exists(path: string, options: LakeCallOptions = {}): Promise<boolean> {
    try {
      return (await this.#find(path, options.signal)) !== undefined;
    } catch (error) {
      // Of a path inside it, a file system that is not there is a mistake; of itself, the answer.
      const isAnswer = error instanceof LakeError && error.code === "FILE_SYSTEM_NOT_FOUND";
      if (isAnswer && this.#path(path) === "") return false;
      throw error;
    }
  }

  async read(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const { signal, ...range } = checkRange(options);
    if (range.length === 0) return new Uint8Array();
    return this.#on("read", path, signal, async (clean) => {
      let all: Buffer | undefined;
      const { offset } = range;
      await readBlocks(
        this.#store,
        clean,
        range,
        (_block, { size }) => {
          const length = Math.min(range.length ?? size, size - offset);
          all ??= Buffer.allocUnsafeSlow(length);
          const target = all;
          return { write: (bytes, position) => target.set(bytes, position - offset) };
        },
        { patience: this.#parts.patience, signal },
      );
      return all ?? new Uint8Array();
    });
  }

  async readText(path: string, options: LakeCallOptions = {}): Promise<string> {
    return new TextDecoder().decode(await this.read(path, options));
  }

  stream(path: string, options: ReadOptions = {}): Readable {
    const { signal: outer, ...range } = checkRange(options);
    const left = new AbortController();
    const signal = outer ? AbortSignal.any([outer, left.signal]) : left.signal;
    const stream = new PassThrough({ highWaterMark: STREAM_BUFFER });
    stream.once("close", () => left.abort());
    const sink = async (bytes: Uint8Array) => {
      if (!stream.write(Buffer.from(bytes))) await once(stream, "drain", { signal });
    };
    const { patience } = this.#parts;
    const read = (clean: string) =>
      readRange(this.#store, clean, range, sink, { patience, signal });
    const done = range.length === 0 ? Promise.resolve() : this.#on("read", path, outer, read);
    done.then(
      () => stream.end(),
      (error) => stream.destroy(error),
    );
    return stream;
  }

  async download(
    path: string,
    localPath: string,
    { durable = true, ...options }: DownloadOptions = {},
  ): Promise<LakeEntry> {
    const entry = await this.stat(path, options);
    return this.#transfers(options).download(entry, localPath, durable);
  }

  async write(
    path: string,
    content: LakeContent,
    { overwrite = false, signal }: WriteOptions = {},
  ): Promise<LakeEntry> {
    // A stream that fails before it is asked for bytes would end the process: its reader is told.
    if (content instanceof Readable) content.on("error", () => {});
    await this.#refuseTarget(path, overwrite, signal);
    const source =
      typeof content === "string" || content instanceof Uint8Array ? sourceOf(content) : content;
    return this.#on("write", path, signal, async (clean) => {
      await putFile(this.#store, clean, source, { overwrite, signal });
      return this.#store.stat(clean, signal);
    });
  }

  async append(
    path: string,
    content: string | Uint8Array,
    { signal }: LakeCallOptions = {},
  ): Promise<LakeEntry> {
    const there = await this.#find(path, signal);
    if (there?.kind === "directory") throw isDirectory(this.#store.address, there.path);
    if (!there) return this.write(path, content, { ...(signal && { signal }) });
    const source = sourceOf(content);
    return this.#on("write", path, signal, async (clean) => {
      const bytes = await source.read(0, source.size);
      await this.#store.append(clean, there.size, bytes, signal);
      await this.#store.flush(clean, there.size + bytes.length, signal, there.etag);
      return this.#store.stat(clean, signal);
    });
  }

  async upload(localPath: string, path: string, options: TransferOptions = {}): Promise<LakeEntry> {
    await this.#transfers(options).upload(localPath, this.#file(path));
    return this.stat(path, options);
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<LakeEntry> {
    const entry = await this.stat(from, options);
    await this.#transfers(options).copy(entry, this.#file(to));
    return this.stat(to, options);
  }

  async move(
    from: string,
    to: string,
    { overwrite = false, signal }: WriteOptions = {},
  ): Promise<LakeEntry> {
    const source = this.#file(from);
    await this.#refuseTarget(to, overwrite, signal);
    await this.#on("read", source, signal, (clean) => this.#store.stat(clean, signal));
    return this.#on("write", to, signal, async (clean) => {
      await this.#store.rename(source, clean, overwrite, signal);
      return this.#store.stat(clean, signal);
    });
  }

  async concat(
    parts: readonly string[],
    to: string,
    { overwrite = false, signal }: WriteOptions = {},
  ): Promise<LakeEntry> {
    const sources = parts.map((part) => this.#file(part));
    if (sources.length === 0 || new Set(sources).size < sources.length) {
      throw new LakeError("BAD_PATH", `${to} needs parts, and each of them once`);
    }
    await this.#refuseTarget(to, overwrite, signal);
    for (const source of sources) {
      const { kind } = await this.stat(source, { ...(signal && { signal }) });
      if (kind === "directory") throw isDirectory(this.#store.address, source);
    }
    return this.#on("write", to, signal, async (clean) => {
      const store = this.#store;
      if (store.concat) {
        await joinFiles(store as JoiningStore, sources, clean, { overwrite, signal });
      } else {
        await putFile(store, clean, this.#streamAll(sources, signal), { overwrite, signal });
        for (const source of sources) {
          if (source !== clean) await store.remove(source, false, signal);
        }
      }
      return store.stat(clean, signal);
    });
  }

  async *#streamAll(
    paths: readonly string[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    for (const path of paths) {
      for await (const chunk of this.stream(path, { ...(signal && { signal }) })) yield chunk;
    }
  }

  async remove(path: string, { recursive = false, signal }: RemoveOptions = {}): Promise<void> {
    const clean = this.#file(path);
    await this.#on("delete", clean, signal, () => this.#store.remove(clean, recursive, signal));
  }

  async setExpiry(
    path: string,
    at: Date | undefined,
    { signal }: LakeCallOptions = {},
  ): Promise<LakeEntry> {
    if (at && !(at.getTime() > Date.now())) {
      throw new LakeError("BAD_REQUEST", `${path} cannot expire in the past`, {
        hint: "Give a Date that is yet to come, or undefined for never.",
      });
    }
    return this.#on("write", this.#file(path), signal, async (clean) => {
      const { kind } = await this.#store.stat(clean, signal);
      if (kind === "directory") throw isDirectory(this.#store.address, clean);
      await this.#store.setExpiry(clean, at, signal);
      return this.#store.stat(clean, signal);
    });
  }

  mkdir(path: string, { signal }: LakeCallOptions = {}): Promise<LakeEntry> {
    return this.#on("write", path, signal, async (clean) => {
      if (clean) await this.#store.createDirectory(clean, signal);
      return this.#store.stat(clean, signal);
    });
  }

  access(path: string, { signal }: LakeCallOptions = {}): Promise<LakeAccess> {
    return this.#on("read", path, signal, (clean) => this.#store.access(clean, signal));
  }

  setAcl(
    path: string,
    acl: readonly string[],
    { recursive = false, mode = "set", signal }: SetAclOptions = {},
  ): Promise<AclChanges> {
    const text = acl.join(",");
    return this.#on("change the access of", path, signal, async (clean) => {
      if (recursive) return this.#store.setAclBelow(clean, text, mode, signal);
      const { kind } = await this.#store.stat(clean, signal);
      await this.#store.setAcl(clean, text, signal);
      const directories = kind === "directory" ? 1 : 0;
      return { files: 1 - directories, directories, failures: [] };
    });
  }

  async du(path = "", { signal }: LakeCallOptions = {}): Promise<LakeUsage> {
    return this.#on("list", path, signal, (clean) => addUp(listBelow(this.#store, clean, signal)));
  }

  async tree(
    path = "",
    { depth = Number.POSITIVE_INFINITY, signal }: LakeCallOptions & { depth?: number } = {},
  ): Promise<string> {
    return this.#on("list", path, signal, async (clean) => {
      const level = (entry: string) =>
        entry.split("/").length - (clean ? clean.split("/").length : 0);
      const reach = (directory: string) => (level(directory) < depth ? "some" : "none");
      const glob = { base: clean, matches: () => true, reach };
      const entries: LakeEntry[] = [];
      for await (const entry of listGlob(this.#store, glob, signal)) entries.push(entry);
      return drawTree(clean || this.#name, clean, entries);
    });
  }

  #transfers({ overwrite = false, signal, onProgress }: TransferOptions): Transfers {
    const attempt = <T>(deed: Deed, path: string, work: () => Promise<T>) =>
      this.#on(deed, path, signal, work);
    const { patience } = this.#parts;
    return new Transfers(this.#store, { patience, overwrite, signal, onProgress, attempt });
  }

  /** What is at a path, or nothing. */
  async #find(path: string, signal: AbortSignal | undefined): Promise<LakeEntry | undefined> {
    try {
      return await this.stat(path, { ...(signal && { signal }) });
    } catch (error) {
      if (error instanceof LakeError && error.code === "NOT_FOUND") return;
      throw error;
    }
  }

  async #refuseTarget(path: string, overwrite: boolean, signal?: AbortSignal): Promise<void> {
    const target = this.#file(path);
    await this.#on("write", target, signal, () =>
      refuseTarget(this.#store, target, overwrite, signal),
    );
  }

  /** The store, when it can make and delete the file system itself. */
  #whole(): WholeStore {
    const store = this.#store;
    if (store.createFileSystem && store.deleteFileSystem) return store as Store & WholeStore;
    throw new LakeError("BAD_REQUEST", `${this.#name} is one file system for good`, {
      hint: "A Gen1 account is made and deleted as a whole: openAccounts does both.",
    });
  }

  get #name(): string {
    return describeLake(this.#store.address);
  }

  #path(text: string): string {
    return parsePath(this.#parts.cloud, this.#store.address, text);
  }

  /** The path of something that can be made, moved and removed, which the root cannot. */
  #file(text: string): string {
    const path = this.#path(text);
    if (path) return path;
    throw new LakeError("BAD_PATH", `this cannot be done to the root of ${this.#name}`);
  }

  /** Does something to a path, and explains its failure. */
  async #on<T>(
    deed: Deed,
    path: string,
    signal: AbortSignal | undefined,
    work: (clean: string) => Promise<T>,
  ): Promise<T> {
    const clean = this.#path(path);
    try {
      return await work(clean);
    } catch (error) {
      throw await this.#explain(error, deed, clean, signal);
    }
  }

  async #explain(error: unknown, deed: Deed, path: string, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) return signal.reason;
    if (error instanceof SourceError) return error.cause;
    const store = this.#store;
    const attempt: Attempt = {
      address: store.address,
      path,
      deed,
      audience: this.#parts.audience,
      caller: this.#parts.caller,
      nearby: () => describeNearby(store, path),
      fileSystems: async () => {
        const names = await store.fileSystems?.(signal).catch(() => []);
        return names?.length ? `It has: ${nameSome(names)}.` : undefined;
      },
    };
    return explainFailure(error, attempt);
  }
}

interface WholeStore {
  createFileSystem(signal?: AbortSignal): Promise<void>;
  deleteFileSystem(signal?: AbortSignal): Promise<void>;
}

/** Bytes that a stream holds for its reader. */
const STREAM_BUFFER = 1024 * 1024;

function checkRange({ offset = 0, length, signal }: ReadOptions) {
  const fits = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (fits(offset) && fits(length ?? 0)) {
    return { offset, ...(length !== undefined && { length }), signal };
  }
  throw new LakeError("BAD_RANGE", `offset ${offset} and length ${length} are not byte counts`);
}
