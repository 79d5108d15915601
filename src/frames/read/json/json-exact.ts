import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cachedSize } from "../../cache/cache-folder.ts";
import type { StagedFile } from "../../cache/stage.ts";
import { maxColumnsOf } from "../column-limit.ts";
import { isPacked, unpacked } from "../compressed-files.ts";
import { isJsonLines } from "../file-format.ts";
import { parseInThread } from "../parse-thread.ts";
import type { ReadOptions } from "../read-options.ts";
import { JsonScan } from "./json-scan.ts";
import { holdsRounded, type Slot } from "./json-slots.ts";

/** Part of the name of a copy with numbers as text. */
export const AS_TEXT = ".numbers-as-text";

/** Checked copies, and the file that the engine reads instead. */
const exact = new Map<string, string>();

// A small file is scanned faster than a thread starts.
const SMALL = 2 ** 20;

/**
 * JSON files that the engine reads exactly. Where it would round numbers, a copy is made beside the
 * file with those as text, and cached with it.
 *
 * @throws FrameError `BAD_ROW` with the line, `EMPTY_FILE`, `TOO_LARGE`
 */
export async function exactJson(
  files: readonly StagedFile[],
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<readonly StagedFile[]> {
  const exactFiles: StagedFile[] = [];
  for (const file of files) {
    const before = exact.get(file.localPath);
    // A copy may have been evicted.
    const isThere =
      before && (before === file.localPath || (await cachedSize(before)) !== undefined);
    const localPath = isThere ? before : await lookThrough(file, options, signal);
    exact.set(file.localPath, localPath);
    exactFiles.push(localPath === file.localPath ? file : { ...file, localPath });
  }
  return exactFiles;
}

async function lookThrough(
  file: StagedFile,
  options: ReadOptions,
  signal: AbortSignal | undefined,
): Promise<string> {
  const part = `${file.localPath}${AS_TEXT}.${randomUUID()}`;
  try {
    if (file.entry.size <= SMALL && !isPacked(file.localPath)) {
      return await exactCopy(file, part, options);
    }
    const task = { kind: "json", file, options, part } as const;
    const [localPath = file.localPath] = await parseInThread<string>(task, signal);
    return localPath;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/**
 * Scans a file.
 *
 * @param part path of the copy until it is complete
 * @returns path of the file that the engine is to read
 */
export async function exactCopy(
  file: StagedFile,
  part: string,
  options: ReadOptions,
): Promise<string> {
  const root = await readAll(file, new JsonScan(file.entry.path, maxColumnsOf(options)), () => {});
  return holdsRounded(root) ? quoteNumbers(file, root, part) : file.localPath;
}

async function readAll(
  file: StagedFile,
  scan: JsonScan,
  done: (bytes: Buffer) => void,
): Promise<Slot> {
  for await (const _ of pieces(file, scan, done));
  return scan.root;
}

async function* pieces(file: StagedFile, scan: JsonScan, done: (bytes: Buffer) => void) {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of unpacked(file.localPath)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : asBuffer(chunk);
    const end = scan.push(bytes);
    done(bytes.subarray(0, end));
    rest = bytes.subarray(end);
    yield;
  }
  if (scan.isInString) scan.end();
  const last = Buffer.concat([rest, Buffer.from("\n")]);
  scan.push(last);
  done(last);
  scan.end();
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
}

async function quoteNumbers(file: StagedFile, root: Slot, part: string): Promise<string> {
  const ending = isJsonLines(file.localPath) ? "ndjson" : "json";
  const localPath = `${file.localPath}${AS_TEXT}.${ending}`;
  if ((await cachedSize(localPath)) !== undefined) return localPath;
  await pipeline(
    Readable.from(quoted(file, root)),
    createWriteStream(part, { mode: 0o600, flags: "wx" }),
  );
  await rename(part, localPath);
  return localPath;
}

const MARK = Buffer.from('"');

async function* quoted(file: StagedFile, root: Slot): AsyncGenerator<Buffer> {
  let places: number[] = [];
  let out: Buffer[] = [];
  const scan = new JsonScan(file.entry.path, Infinity, root, (from, to) => places.push(from, to));
  const take = (bytes: Buffer) => {
    let at = 0;
    for (const place of places) {
      out.push(bytes.subarray(at, place), MARK);
      at = place;
    }
    out.push(bytes.subarray(at));
    places = [];
  };
  for await (const _ of pieces(file, scan, take)) {
    yield Buffer.concat(out);
    out = [];
  }
  yield Buffer.concat(out);
}
