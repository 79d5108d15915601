import { createHash } from "node:crypto";
import type { Refusal } from "../../service-refusal.ts";
import type { PathOperation } from "../access/operation.ts";
import { SMALL } from "../storage/byte-files.ts";
import type { Segment } from "../storage/bytes.ts";
import type { Store } from "../storage/lake-store.ts";
import { header } from "../wire/lake-call.ts";
import { rangeIn } from "../wire/ranges.ts";
import { refuse } from "../wire/refusals.ts";
import { type CopySource, copySourceOf } from "./copy-source.ts";

/** Runs of bytes in files of an account, held until they have a place. */
interface ReceivedParts {
  readonly parts: readonly Segment[];
  /** Lets go of them: what has no place by then goes. */
  release(): Promise<void>;
}

/**
 * Reads the range of `x-ms-copy-source` that `x-ms-source-range` names, or all of it.
 *
 * @param limit how large the range may be, and what refuses a larger one
 * @param keep gives the runs of bytes a place
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
    const received = await receiveParts(store, source, parts);
    try {
      await keep(received.parts, source);
    } finally {
      await received.release();
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

/**
 * Parts of a source as files of an account: shared when they lie in it, and from another account
 * copied on disk when that is all of a source, so that nothing large is read in.
 */
export async function receiveParts(
  store: Store,
  source: CopySource,
  parts: readonly Segment[],
): Promise<ReceivedParts> {
  if (source.store === store) return { parts, release: async () => undefined };
  const { files } = store.bytes;
  if (parts !== source.parts || source.node.size <= SMALL) {
    const { file, offset, length, release } = await files.store(
      source.store.bytes.readParts(parts),
    );
    return { parts: [{ start: 0, length, file, offset }], release };
  }
  const copies = new Map<number, number>();
  const releases: (() => Promise<void>)[] = [];
  const release = async () => {
    for (const letGo of releases) await letGo();
  };
  try {
    for (const { file } of parts) {
      if (copies.has(file)) continue;
      const copy = await files.adopt(source.store.bytes.files, file);
      copies.set(file, copy);
      releases.push(files.hold([copy]));
    }
  } catch (error) {
    await release();
    throw error;
  }
  const moved = parts.map((part) => ({ ...part, file: copies.get(part.file) ?? part.file }));
  return { parts: moved, release };
}
