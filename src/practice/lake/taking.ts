import { createHash } from "node:crypto";
import type { Refusal } from "../principal.ts";
import type { Segment } from "./bytes.ts";
import { header } from "./call.ts";
import type { PathOperation } from "./operation.ts";
import { rangeIn } from "./reading.ts";
import { refuse } from "./refusals.ts";
import { type CopySource, copySourceOf } from "./sources.ts";
import type { Store } from "./store.ts";

/**
 * Reads the range of `x-ms-copy-source` that `x-ms-source-range` names, or all of it.
 *
 * @param limit how large the range may be, and what refuses a larger one
 * @param keep gives the runs of bytes a place; what has none afterwards goes
 * @returns MD5 of the bytes in base64, if the request asks for the check of it
 */
export async function readSource(
  operation: PathOperation,
  limit: { readonly bytes: number; readonly refusal?: Refusal },
  keep: (parts: readonly Segment[], source: CopySource) => Promise<unknown>,
): Promise<string | undefined> {
  const { call, store } = operation;
  const source = await copySourceOf(operation);
  try {
    const range = rangeIn(header(call, "x-ms-source-range"), source.node.size);
    const size = range?.length ?? source.node.size;
    if (size > limit.bytes) throw limit.refusal ?? refuse("RequestBodyTooLarge");
    const parts = range
      ? source.store.bytes.parts(source.node.id, range.start, range.length)
      : source.parts;
    const md5 = await checkSourceMd5(source, parts);
    const taken = range ? await takeRange(store, source, parts) : await takeAll(store, source);
    try {
      await keep(taken, source);
    } finally {
      await store.bytes.files.drop(taken.map(({ file }) => file));
    }
    return md5;
  } finally {
    await source.release();
  }
}

/** Refuses a source that is not the one that `x-ms-source-content-md5` was made of. */
async function checkSourceMd5(
  { call, store }: CopySource,
  parts: readonly Segment[],
): Promise<string | undefined> {
  const given = header(call, "x-ms-source-content-md5");
  if (given === undefined) return undefined;
  const hash = createHash("md5");
  for await (const chunk of store.bytes.readParts(parts)) hash.update(chunk as Buffer);
  const digest = hash.digest("base64");
  if (digest !== given) throw refuse("Md5Mismatch");
  return digest;
}

/** All of a source as files of this account: shared with it, or copied on disk from another. */
export async function takeAll(store: Store, source: CopySource): Promise<readonly Segment[]> {
  if (source.store === store) return source.parts;
  const copies = new Map<number, number>();
  try {
    for (const { file } of source.parts) {
      if (copies.has(file)) continue;
      copies.set(file, await store.bytes.files.adopt(source.store.bytes.files, file));
    }
  } catch (error) {
    await store.bytes.files.drop(copies.values());
    throw error;
  }
  return source.parts.map((part) => ({ ...part, file: copies.get(part.file) ?? part.file }));
}

async function takeRange(
  store: Store,
  source: CopySource,
  parts: readonly Segment[],
): Promise<readonly Segment[]> {
  if (source.store === store) return parts;
  const { file, length } = await store.bytes.files.store(source.store.bytes.readParts(parts));
  return [{ start: 0, length, file, offset: 0 }];
}
