import { LakeError } from "../../core/errors.ts";
import { runAll } from "../../core/run-all.ts";
import { isPassing } from "../http/retry.ts";
import type { Store } from "../store.ts";
import { joinPath, nameOf, parentOf } from "../url/location.ts";

/** Bytes sent in one request. */
const PIECE = 4 * 1024 * 1024;
/** Requests for one file at once. */
const PARALLEL = 4;
/** Bytes between two flushes: what an interrupted upload has to send again at most. */
const STRETCH = 64 * 1024 * 1024;

/** Content of known size that can be read at any position. */
export interface Source {
  readonly size: number;
  read(position: number, length: number): Promise<Uint8Array>;
}

/** How to write a file. */
export interface PutOptions {
  readonly overwrite: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that each step added. */
  onBytes?(added: number): void;
  /** Without it, the upload starts anew, and what was sent is removed when it fails. */
  readonly resume?: Resumption;
}

/** Where an upload continues. */
export interface Resumption {
  /** Temporary name, which depends on the content. */
  readonly part: string;
  /** Bytes that it has; undefined when it does not exist. */
  readonly sent: number | undefined;
}

/** The content to write could not be read; `cause` says why. */
export class SourceError extends Error {}

/** Writes a file under a temporary name, and renames it once all bytes are there. */
export function putFile(
  store: Store,
  path: string,
  content: Source | AsyncIterable<Uint8Array>,
  options: PutOptions,
): Promise<void> {
  return placeFile(store, path, options, (part) =>
    "size" in content
      ? sendSource(store, part, content, options)
      : sendStream(store, part, content, options),
  );
}

/** Has `make` make a file under a temporary name, and renames it to `path`. */
export async function placeFile(
  store: Store,
  path: string,
  { overwrite, signal, resume }: PutOptions,
  make: (part: string) => Promise<void>,
): Promise<void> {
  const part = resume?.part ?? partPath(path, crypto.randomUUID());
  try {
    await make(part);
    await store.rename(part, path, overwrite, signal);
  } catch (error) {
    // A network that failed could not remove it either: the next upload resumes it.
    const stays = resume !== undefined && isPassing(error);
    // Without the caller's signal, to clean up after an abort too.
    if (!stays) await store.remove(part, false).catch(() => {});
    throw error;
  }
}

/**
 * Has the service join files under a temporary name, and renames the result.
 *
 * @returns false when the service cannot do that
 */
export async function joinFiles(
  store: Store,
  parts: readonly string[],
  path: string,
  { overwrite, signal }: PutOptions,
): Promise<boolean> {
  if (!store.concat) return false;
  const joined = partPath(path, crypto.randomUUID());
  await store.concat(parts, joined, signal);
  try {
    await store.rename(joined, path, overwrite, signal);
    return true;
  } catch {
    throw new LakeError("CONFLICT", `the parts could not be put in place as ${path}`, {
      hint: `They are gone, but joined in ${joined}: move that.`,
    });
  }
}

function partPath(path: string, tag: string): string {
  return `${partStart(path, tag)}part`;
}

/** Prefix of temporary names: Spark and other readers ignore names with a leading dot. */
export function partStart(path: string, tag: string): string {
  return joinPath(parentOf(path), `.${nameOf(path).slice(0, 200)}.${tag}.`);
}

/** Uploads a source to a file. */
export async function sendSource(
  store: Store,
  part: string,
  source: Source,
  { onBytes, signal, resume }: PutOptions,
): Promise<void> {
  const { size } = source;
  const isBegun = resume?.sent !== undefined && resume.sent <= size;
  if (!isBegun) await store.createFile(part, signal);
  let sent = isBegun ? resume.sent : 0;
  if (sent > 0) onBytes?.(sent);
  while (sent < size) {
    const end = Math.min(size, sent + STRETCH);
    const send = async (position: number, live: AbortSignal) => {
      const bytes = await source.read(position, Math.min(PIECE, end - position));
      await store.append(part, position, bytes, live);
      onBytes?.(bytes.length);
    };
    await runAll(positions(sent, end), store.parallelAppends ? PARALLEL : 1, send, signal);
    await store.flush(part, end, signal);
    sent = end;
  }
}

function* positions(start: number, end: number): Generator<number> {
  for (let at = start; at < end; at += PIECE) yield at;
}

async function sendStream(
  store: Store,
  part: string,
  stream: AsyncIterable<Uint8Array>,
  { onBytes, signal }: PutOptions,
): Promise<void> {
  await store.createFile(part, signal);
  let sent = 0;
  for await (const piece of gather(readSource(stream))) {
    await store.append(part, sent, piece, signal);
    sent += piece.length;
    onBytes?.(piece.length);
  }
  if (sent > 0) await store.flush(part, sent, signal);
}

async function* readSource(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk;
  } catch (cause) {
    throw new SourceError("the content to write broke off", { cause });
  }
}

/** Chunks of any length as pieces of `PIECE` bytes. */
async function* gather(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + PIECE - length);
      chunks.push(part);
      length += part.length;
      at += part.length;
      if (length < PIECE) continue;
      yield Buffer.concat(chunks);
      chunks = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(chunks);
}

/** Text or bytes as a source. */
export function sourceOf(content: string | Uint8Array): Source {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return {
    size: bytes.length,
    read: async (position, length) => bytes.subarray(position, position + length),
  };
}
