import { FileSink } from "../local/file-sink.ts";
import { writeNewFile } from "../local/new-file.ts";
import { type ReadingOptions, readBlocks, readRange, type Span } from "../read-range.ts";
import type { FileVersion, Store } from "../store.ts";
import type { InterruptedDownloads } from "./interrupted-downloads.ts";
import { PartFile } from "./part-file.ts";

/** Bytes up to which a file is fetched in one request and written at once. */
const SMALL = 256 * 1024;

/** How to download. */
export interface DownloadFileOptions extends ReadingOptions {
  /** Size and ETag from a listing or `stat`; the file may be another version by now. */
  readonly known: Pick<FileVersion, "size" | "etag">;
  /** Called with the bytes that each step added, and the file's size. */
  onBytes?(added: number, size: number): void;
  /** Whether it may replace a local file. */
  readonly overwrite: boolean;
  /** Where to look for an interrupted download; undefined where there cannot be one. */
  readonly interrupted: InterruptedDownloads | undefined;
  /** Whether to wait until the bytes are on the disk. */
  readonly durable: boolean;
}

/**
 * Downloads a file to `localFile`, under a temporary name at first. A note beside it says which bytes
 * are there, so that a later call, in another process too, fetches only what is missing, as long as
 * the file in the lake is the same version. Does not sync the folder: see `syncFolder`.
 */
export async function downloadFile(
  store: Store,
  path: string,
  localFile: string,
  options: DownloadFileOptions,
): Promise<FileVersion> {
  if (options.known.size <= SMALL) {
    const version = await downloadSmall(store, path, localFile, options);
    if (version) return version;
  }
  const source = `${store.address.account}/${store.address.fileSystem}/${path}`;
  const { overwrite, durable, interrupted } = options;
  const part = { localFile, source, overwrite, durable };
  const begun = interrupted && (await PartFile.reopen(part, interrupted));
  if (begun) {
    try {
      return await fill(store, path, begun, options);
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 412) throw error;
      await begun.discard(); // another version by now: from the beginning
    }
  }
  return fill(store, path, await PartFile.create(part), options);
}

/** @returns nothing when the file is not small any more */
async function downloadSmall(
  store: Store,
  path: string,
  localFile: string,
  { onBytes, overwrite, durable, ...options }: DownloadFileOptions,
): Promise<FileVersion | undefined> {
  let content: Buffer | undefined;
  const receive = (bytes: Uint8Array, position: number, { size }: FileVersion) => {
    content ??= Buffer.allocUnsafe(Math.min(size, SMALL));
    content.set(bytes, position);
  };
  const range = { offset: 0, length: SMALL, known: options.known };
  const version = await readRange(store, path, range, receive, options);
  const { size } = version;
  if (size > SMALL) return;
  onBytes?.(size, size);
  await writeNewFile(localFile, content ?? new Uint8Array(), { overwrite, durable });
  return version;
}

async function fill(
  store: Store,
  path: string,
  part: PartFile,
  { onBytes, ...options }: DownloadFileOptions,
): Promise<FileVersion> {
  const remainder = part.remainder();
  const openBlock = (block: Span, version: FileVersion) => {
    part.version ??= version;
    const { start } = block;
    const span = { start, end: Math.min(block.end, version.size) };
    const sink = new FileSink(part.file, part.localFile, span, (piece) => part.add(piece));
    if (!onBytes) return sink;
    return {
      write(bytes: Uint8Array) {
        onBytes(bytes.length, version.size);
        return sink.write(bytes);
      },
      close: () => sink.close(),
    };
  };
  if (remainder) onBytes?.(part.bytesDone, remainder.version.size);
  let version: FileVersion;
  try {
    const range = { offset: 0, known: options.known };
    version = await readBlocks(store, path, range, openBlock, options, remainder);
  } catch (error) {
    await part.leave();
    throw error;
  }
  await part.finish();
  return version;
}
