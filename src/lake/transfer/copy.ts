import { isRestError } from "@azure/core-rest-pipeline";
import type { Operation } from "../explain-failure.ts";
import { isPassing, type RetryPolicy } from "../http/retry.ts";
import type { LakeEntry } from "../lake.ts";
import { readRange } from "../read-range.ts";
import type { Store } from "../store.ts";
import { type PutOptions, sendSource } from "./upload.ts";

/** A file to copy, and how to read it. */
export interface CopySource {
  readonly store: Store;
  /** The version to copy: another one is refused. */
  readonly entry: LakeEntry;
  readonly retryPolicy: RetryPolicy;
  /** Explains the failure of what is done to one path. */
  attempt<T>(operation: Operation, path: string, work: () => Promise<T>): Promise<T>;
}

/** Copies a file within the service, or through this machine where the service refuses to. */
export async function copyFile(
  { store, entry, retryPolicy, attempt }: CopySource,
  to: string,
  options: PutOptions,
): Promise<void> {
  const { signal, onBytes } = options;
  const { path: from, size, etag } = entry;
  const isDone = await attempt("read", from, () => copyByService(store, entry, to, signal));
  if (isDone) {
    onBytes?.(size);
    return;
  }
  const read = (offset: number, length: number) =>
    attempt("read", from, async () => {
      const piece = Buffer.allocUnsafe(length);
      const sink = (bytes: Uint8Array, at: number) => piece.set(bytes, at - offset);
      await readRange(store, from, { offset, length, etag }, sink, { retryPolicy, signal });
      return piece;
    });
  await sendSource(store, to, { size, read }, options);
  await store.copyProperties?.(from, to, signal);
}

/** @returns false when the service cannot do that or refuses to */
async function copyByService(
  store: Store,
  from: LakeEntry,
  to: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (!store.copy) return false;
  try {
    await store.copy(from, to, signal);
    return true;
  } catch (error) {
    const isRefused = isRestError(error) && error.statusCode !== undefined && !isPassing(error);
    if (!isRefused || error.statusCode === 412) throw error; // 412: the file has changed
    return false;
  }
}
