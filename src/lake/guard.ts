import type { Cloud } from "../core/cloud.ts";
import { LakeError } from "../core/errors.ts";
import { nameSome } from "../core/near-names.ts";
import type { Caller } from "./caller.ts";
import { type Attempt, explainFailure, ignoreNotFound, type Operation } from "./explain-failure.ts";
import type { RetryPolicy } from "./http/retry.ts";
import type { LakeEntry } from "./lake.ts";
import { isOneLake, refuseManaged } from "./onelake.ts";
import type { Store } from "./store.ts";
import { SourceError } from "./transfer/upload.ts";
import { parsePath } from "./url/lake-url.ts";
import { describeLake, nameOf, parentOf } from "./url/location.ts";

/** Directories above a missing path that are tried. */
const LEVELS = 4;

/** What a lake is made of. */
export interface LakeParts {
  readonly cloud: Cloud;
  readonly store: Store;
  readonly retryPolicy: RetryPolicy;
  /** Audience of the tokens that the service accepts. */
  readonly audience: string;
  readonly caller: () => Promise<Caller>;
  /** Names of the accounts that the caller may see, for the hint of one that is not there. */
  readonly accounts?: (() => Promise<readonly string[]>) | undefined;
}

/** Names of some file systems of the account. */
async function firstFileSystems(store: Store, signal?: AbortSignal): Promise<string[]> {
  for await (const page of store.fileSystems?.list(signal, 100) ?? []) {
    return page.map(({ name }) => name);
  }
  return [];
}

/** Checks the paths that are given to a store, and explains its failures. */
export class Guard {
  readonly store: Store;
  readonly retryPolicy: RetryPolicy;
  readonly #parts: LakeParts;

  constructor(parts: LakeParts) {
    this.store = parts.store;
    this.retryPolicy = parts.retryPolicy;
    this.#parts = parts;
  }

  /** `raw @ contosolake`, for messages. */
  get name(): string {
    return describeLake(this.store.address);
  }

  /** The path that a path or URL means. */
  path(text: string): string {
    return parsePath(this.#parts.cloud, this.store.address, text);
  }

  /** The same of something that can be created, moved and removed, which the root cannot. */
  file(text: string): string {
    const path = this.path(text);
    if (path) {
      refuseManaged(this.store.address, path);
      return path;
    }
    throw new LakeError("BAD_PATH", `this cannot be done to the root of ${this.name}`);
  }

  /** Runs `work` with the path that `path` means, and explains its failure. */
  async attempt<T>(
    operation: Operation,
    path: string,
    signal: AbortSignal | undefined,
    work: (clean: string) => Promise<T>,
  ): Promise<T> {
    const clean = this.path(path);
    try {
      return await work(clean);
    } catch (error) {
      throw await this.explain(error, operation, clean, signal);
    }
  }

  /** The entry at a path; undefined when nothing is there. */
  find(path: string, signal: AbortSignal | undefined): Promise<LakeEntry | undefined> {
    return this.attempt("read", path, signal, (clean) =>
      this.store.stat(clean, signal).catch(ignoreNotFound),
    );
  }

  /** What to throw in place of `error`. */
  async explain(
    error: unknown,
    operation: Operation,
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    if (signal?.aborted) return signal.reason;
    if (error instanceof SourceError) return error.cause;
    const { store } = this;
    const attempt: Attempt = {
      address: store.address,
      path,
      operation,
      audience: this.#parts.audience,
      caller: this.#parts.caller,
      nearby: () => describeNearby(store, path),
      fileSystems: async () => {
        if (isOneLake(store.address)) return undefined; // OneLake does not list workspaces
        const names = await firstFileSystems(store, signal).catch(() => []);
        return names.length ? `It has: ${nameSome(names, store.address.fileSystem)}.` : undefined;
      },
    };
    const { accounts } = this.#parts;
    return explainFailure(error, { ...attempt, ...(accounts && { accounts }) });
  }
}

/** Names in the nearest directory above a missing path, for the hint of an error. */
async function describeNearby(store: Store, path: string): Promise<string | undefined> {
  let missing = path;
  for (let level = 0; level < LEVELS && missing; level++) {
    const directory = parentOf(missing);
    try {
      const names = await firstNames(store, directory);
      const where = directory || "The lake";
      if (names.length === 0) return `${where} is empty.`;
      return `${where} has: ${nameSome(names, nameOf(missing))}.`;
    } catch {
      missing = directory; // missing too, or not to be listed
    }
  }
  return;
}

async function firstNames(store: Store, directory: string): Promise<string[]> {
  for await (const { entries } of store.listPages(directory, { recursive: false })) {
    return entries.map(({ path }) => nameOf(path));
  }
  return [];
}
