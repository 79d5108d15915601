import { randomBytes } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FrameError, LakeError } from "../../core/errors.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import { onDisk } from "../../lake/local/local-failure.ts";
import { placeIn } from "../../lake/local/local-names.ts";
import { NewFile } from "../../lake/local/new-file.ts";
import type { LakeFiles } from "../lake-files.ts";

interface DownloadOptions {
  /** Called with the bytes so far. */
  readonly onBytes: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

// Not the process id: containers that share a cache may have the same ones.
const THIS_PROCESS = randomBytes(8).toString("hex");

/** Running work by copy. */
const underWay = new Map<string, Promise<unknown>>();

/** Runs `work` on a copy, one at a time in this process. */
export function withCopyLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = underWay.get(folder) ?? Promise.resolve();
  const mine = before.then(work, work);
  underWay.set(folder, mine);
  return mine.finally(() => {
    if (underWay.get(folder) === mine) underWay.delete(folder);
  });
}

/**
 * Downloads the version of a file that was listed, into `folder`. Until it is complete it is in a
 * folder of this process, as two processes that write one file would leave holes. A later call of
 * this process resumes it.
 *
 * @throws FrameError `CHANGED` when the lake has another version; LakeError
 */
export async function downloadCopy(
  lake: LakeFiles,
  entry: LakeEntry,
  folder: string,
  { onBytes, signal }: DownloadOptions,
): Promise<void> {
  const own = `${folder}-${THIS_PROCESS}`;
  const [part, whole] = [placeIn(own, entry.path), placeIn(folder, entry.path)];
  for (const path of [part, whole]) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const onProgress = ({ bytes }: { bytes: number }) => onBytes(bytes);
  const copied = await lake
    .download(entry.path, part, {
      overwrite: true,
      durable: false,
      entry,
      onProgress,
      signal,
    })
    .catch((cause) => {
      throw cause instanceof LakeError && /^(NOT_FOUND|CONFLICT)$/.test(cause.code)
        ? changedWhileLoading(entry, cause)
        : cause;
    });
  if (copied.etag !== entry.etag) {
    await rm(own, { recursive: true, force: true });
    throw changedWhileLoading(entry);
  }
  await rename(part, whole);
  await rm(own, { recursive: true, force: true });
}

export async function writeCopy(localPath: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(localPath), { recursive: true, mode: 0o700 });
  const copy = await NewFile.create(localPath, { mode: 0o600 });
  try {
    await onDisk(localPath, () => copy.handle.writeFile(content));
    await copy.place({ overwrite: true, durable: false });
  } finally {
    await copy.discard();
  }
}

export function changedWhileLoading({ path }: LakeEntry, cause?: LakeError): FrameError {
  return new FrameError("CHANGED", `${path} was replaced or removed while it was loaded`, {
    hint: "Load again, to have all files as they are together now.",
    cause,
  });
}
