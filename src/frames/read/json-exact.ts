import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { keptSize } from "../kept-file.ts";
import type { StagedFile } from "../staging.ts";
import { unpacked } from "./compressed.ts";
import { isJsonLines } from "./format.ts";
import { holdsRounded, type Slot } from "./json-keys.ts";
import { JsonScan } from "./json-scan.ts";

/** Stands in the name of a copy whose numbers are kept as text. */
export const AS_TEXT = ".numbers-as-text";

const scanned = new Map<string, Promise<Slot>>();

/**
 * JSON files as the engine reads them without loss. Where it would round numbers, a copy is made
 * beside the file, in which those are text; it is kept with it.
 *
 * @throws FrameError `BAD_ROW` with the line, `EMPTY_FILE`, `TOO_LARGE`
 */
export async function exactJson(files: readonly StagedFile[]): Promise<readonly StagedFile[]> {
  const exact: StagedFile[] = [];
  for (const file of files) {
    const root = await scan(file);
    exact.push(holdsRounded(root) ? await quoteNumbers(file, root) : file);
  }
  return exact;
}

function scan(file: StagedFile): Promise<Slot> {
  const before = scanned.get(file.localPath);
  if (before) return before;
  const scanning = readAll(file, new JsonScan(file.entry.path), () => {});
  scanned.set(file.localPath, scanning);
  scanning.catch(() => scanned.delete(file.localPath));
  return scanning;
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

async function quoteNumbers(file: StagedFile, root: Slot): Promise<StagedFile> {
  const ending = isJsonLines(file.localPath) ? "ndjson" : "json";
  const localPath = `${file.localPath}${AS_TEXT}.${ending}`;
  const copy = { ...file, localPath };
  if ((await keptSize(localPath)) !== undefined) return copy;
  const part = `${localPath}.${randomUUID()}`;
  try {
    await pipeline(
      Readable.from(quoted(file, root)),
      createWriteStream(part, { mode: 0o600, flags: "wx" }),
    );
    await rename(part, localPath);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return copy;
}

const MARK = Buffer.from('"');

async function* quoted(file: StagedFile, root: Slot): AsyncGenerator<Buffer> {
  let places: number[] = [];
  let out: Buffer[] = [];
  const scan = new JsonScan(file.entry.path, root, (from, to) => places.push(from, to));
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
