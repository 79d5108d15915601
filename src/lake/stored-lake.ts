import { randomUUID } from "node:crypto";
import type { Cloud } from "../core/cloud.ts";
import { LakeError } from "../core/errors.ts";
import type { Caller } from "./caller.ts";
import { type Attempt, type Deed, explainFailure } from "./failure.ts";
import { parseGlob } from "./glob.ts";
import type { Lake, LakeCallOptions, LakeEntry, ReadOptions, WriteOptions } from "./lake.ts";
import { listDirectory, listGlob } from "./listing.ts";
import { fillLocalFile, local } from "./local-file.ts";
import { describeLake, joinPath, lakeUrl, nameOf, parentOf, parsePath } from "./location.ts";
import { describeNearby, nameSome } from "./nearby.ts";
import { readRange } from "./range-reader.ts";
import type { Patience } from "./retry.ts";
import type { Store } from "./store.ts";

/** Bytes sent in one request. */
const PIECE = 8 * 1024 * 1024;

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

  async *list(pattern = "", { signal }: LakeCallOptions = {}): AsyncGenerator<LakeEntry> {
    const glob = parseGlob(pattern.includes("://") ? this.#path(pattern) : pattern);
    const base = this.#path(typeof glob === "string" ? glob : glob.base);
    try {
      if (typeof glob !== "string") {
        yield* listGlob(this.#store, glob, signal);
        return;
      }
      const entry = base ? await this.#store.stat(base, signal) : undefined;
      if (entry?.kind === "file") yield entry;
      else yield* listDirectory(this.#store, base, signal);
    } catch (error) {
      throw await this.#explain(error, "list", base, signal);
    }
  }

  async stat(path: string, { signal }: LakeCallOptions = {}): Promise<LakeEntry> {
    const clean = this.#path(path);
    return this.#try("read", clean, signal, () => this.#store.stat(clean, signal));
  }

  async exists(path: string, options: LakeCallOptions = {}): Promise<boolean> {
    try {
      await this.stat(path, options);
      return true;
    } catch (error) {
      if (error instanceof LakeError && error.code === "NOT_FOUND") return false;
      throw error;
    }
  }

  async read(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const clean = this.#path(path);
    const { offset = 0, length, signal } = options;
    checkRange(offset, length);
    if (length === 0) return new Uint8Array();
    let bytes: Buffer | undefined;
    const range = { offset, ...(length !== undefined && { length }) };
    await this.#read(clean, range, signal, (chunk, position, { size }) => {
      bytes ??= Buffer.allocUnsafeSlow(Math.min(length ?? size, size - offset));
      bytes.set(chunk, position - offset);
    });
    return bytes ?? new Uint8Array();
  }

  async readText(path: string, options: LakeCallOptions = {}): Promise<string> {
    return new TextDecoder().decode(await this.read(path, options));
  }

  async download(
    path: string,
    localFile: string,
    { signal }: LakeCallOptions = {},
  ): Promise<LakeEntry> {
    const clean = this.#path(path);
    const version = await fillLocalFile(localFile, (file) =>
      this.#read(clean, { offset: 0 }, signal, async (chunk, position) => {
        await local(localFile, () => file.write(chunk, 0, chunk.length, position));
      }),
    );
    return { path: clean, kind: "file", ...version };
  }

  async write(
    path: string,
    content: string | Uint8Array,
    { overwrite = false, signal }: WriteOptions = {},
  ): Promise<LakeEntry> {
    const clean = this.#path(path);
    await this.#refuseTarget(clean, overwrite, signal);
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    // Readers of directories, Spark among them, pass over names that begin with a dot.
    const name = `.${nameOf(clean).slice(0, 200)}.${randomUUID()}.part`;
    const part = joinPath(parentOf(clean), name);
    return this.#try("write", clean, signal, async () => {
      try {
        await this.#fill(part, bytes, signal);
        await this.#store.rename(part, clean, overwrite, signal);
      } catch (error) {
        // Without the caller's signal: what was begun is tidied up even when it was given up.
        await this.#store.remove(part, false).catch(() => {});
        throw error;
      }
      return this.#store.stat(clean, signal);
    });
  }

  async #fill(part: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    await this.#store.createFile(part, signal);
    for (let position = 0; position < bytes.length; position += PIECE) {
      const piece = bytes.subarray(position, position + PIECE);
      await this.#store.append(part, position, piece, signal);
    }
    if (bytes.length > 0) await this.#store.flush(part, bytes.length, signal);
  }

  /** Refuses early what the rename at the end would refuse, or would do to a directory. */
  async #refuseTarget(path: string, overwrite: boolean, signal?: AbortSignal): Promise<void> {
    if (!path) throw new LakeError("BAD_PATH", `the root of ${this.#name} is not a file`);
    const there = await this.stat(path, { ...(signal && { signal }) }).catch((error) => {
      if (error instanceof LakeError && error.code === "NOT_FOUND") return undefined;
      throw error;
    });
    if (there?.kind === "directory") {
      throw new LakeError("CONFLICT", `${path} in ${this.#name} is a directory`);
    }
    if (there && !overwrite) {
      throw new LakeError("EXISTS", `${path} in ${this.#name} exists already`, {
        hint: "Pass { overwrite: true } to replace it.",
      });
    }
  }

  #read(
    path: string,
    range: { offset: number; length?: number },
    signal: AbortSignal | undefined,
    sink: Parameters<typeof readRange>[3],
  ) {
    const { patience } = this.#parts;
    return this.#try("read", path, signal, () =>
      readRange(this.#store, path, range, sink, { patience, signal }),
    );
  }

  get #name(): string {
    return describeLake(this.#store.address);
  }

  #path(text: string): string {
    return parsePath(this.#parts.cloud, this.#store.address, text);
  }

  async #try<T>(
    deed: Deed,
    path: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.#explain(error, deed, path, signal);
    }
  }

  async #explain(error: unknown, deed: Deed, path: string, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) return signal.reason;
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

function checkRange(offset: number, length: number | undefined): void {
  const fits = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (fits(offset) && fits(length ?? 0)) return;
  throw new LakeError("BAD_RANGE", `offset ${offset} and length ${length} are not byte counts`);
}
