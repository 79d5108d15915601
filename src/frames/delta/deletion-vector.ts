import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { FrameError } from "../../core/errors.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import { stage } from "../cache/stage.ts";
import { entryOf, type TableFolder } from "./data-path.ts";
import type { AddedFile, VectorDescriptor } from "./delta-actions.ts";
import { decodeRoaring, type RowRange } from "./roaring.ts";

const UUID_LENGTH = 20;
const FILE_VERSION = 1;

/**
 * The deleted rows of each of some files, as their deletion vectors have them; none for a file
 * without one.
 *
 * @throws FrameError `BAD_TABLE` for a vector that is missing, damaged, or holds another number of
 *   rows than the log says: its file is not read then
 */
export async function readVectors(
  folder: TableFolder,
  files: readonly AddedFile[],
): Promise<(readonly RowRange[])[]> {
  const entries = new Map<string, LakeEntry>();
  for (const { deletionVector } of files) {
    const path = deletionVector && pathOf(folder, deletionVector);
    if (path && !entries.has(path)) entries.set(path, await entryOf(folder, path));
  }
  const { lake, signal } = folder;
  const staged = await stage(lake, [...entries.values()], { signal });
  const contents = new Map<string, Buffer>();
  for (const [index, path] of [...entries.keys()].entries()) {
    contents.set(path, await readFile(staged[index]?.localPath ?? ""));
  }
  return files.map(({ path, deletionVector: vector }) => {
    if (!vector) return [];
    try {
      return rowsOf(vector, contents.get(pathOf(folder, vector) ?? ""));
    } catch (cause) {
      throw damaged(folder, path, cause);
    }
  });
}

/** Path of the file that a vector is in, percent-encoded; undefined if it is in the log itself. */
function pathOf({ place }: TableFolder, vector: VectorDescriptor): string | undefined {
  const { storageType, pathOrInlineDv: text } = vector;
  if (storageType === "i") return undefined;
  if (storageType === "p") return text;
  const uuid = decodeZ85(text.slice(-UUID_LENGTH))?.toString("hex");
  if (storageType !== "u" || uuid?.length !== 32) {
    throw new FrameError("BAD_TABLE", `the Delta table ${place} names a deletion vector wrongly`, {
      hint: `Of storage type ${storageType}: ${text}`,
    });
  }
  const name = uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const prefix = text.slice(0, -UUID_LENGTH);
  return encodeURI(`${prefix && `${prefix}/`}deletion_vector_${name}.bin`);
}

/** @throws Error whose message says what is wrong with the vector */
function rowsOf(vector: VectorDescriptor, file: Buffer | undefined): RowRange[] {
  const bytes = file ? stored(vector, file) : inline(vector);
  const ranges = decodeRoaring(bytes);
  const rows = ranges.reduce((sum, range) => sum + range.rows, 0);
  if (rows !== vector.cardinality) {
    throw new RangeError(`it deletes ${rows} rows, the log says ${vector.cardinality}`);
  }
  return ranges;
}

function inline({ pathOrInlineDv, sizeInBytes }: VectorDescriptor): Buffer {
  const bytes = decodeZ85(pathOrInlineDv);
  if (!bytes || bytes.length < sizeInBytes) throw new RangeError("its text is not Z85");
  return bytes.subarray(0, sizeInBytes);
}

/** A vector in a file: after a byte for the format, its size, its bytes and their CRC-32. */
function stored({ offset, sizeInBytes }: VectorDescriptor, file: Buffer): Buffer {
  const start = offset ?? 0;
  const [version] = file;
  if (version !== FILE_VERSION) throw new RangeError(`its file is of format ${version}`);
  const size = file.readInt32BE(start);
  if (size !== sizeInBytes) {
    throw new RangeError(`it has ${size} bytes, the log says ${sizeInBytes}`);
  }
  const bytes = file.subarray(start + 4, start + 4 + size);
  if (file.readUInt32BE(start + 4 + size) !== crc32(bytes)) {
    throw new RangeError("its checksum does not agree");
  }
  return bytes;
}

function damaged({ place }: TableFolder, path: string, cause: unknown): FrameError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FrameError(
    "BAD_TABLE",
    `the deletion vector of ${place}/${path} cannot be read: ${why}`,
    {
      hint: "Without it deleted rows would come back, so the file is not read. Ask for an earlier version, or have the table repaired where it is written.",
      cause,
    },
  );
}

const ALPHABET =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/**
 * Decodes Z85 (ZeroMQ RFC 32): five characters for four bytes. The last group may be of fewer
 * bytes: the Rust library `z85`, which delta-rs uses, then has `#` for each missing one, in place
 * of a leading zero.
 *
 * @returns undefined when `text` is not Z85
 */
export function decodeZ85(text: string): Buffer | undefined {
  if (text.length % 5 !== 0) return undefined;
  const bytes = Buffer.alloc((text.length / 5) * 4);
  const missing = /^#{0,3}/.exec(text.slice(-5))?.[0].length ?? 0;
  for (let at = 0; at < text.length; at += 5) {
    const absent = at + 5 === text.length ? missing : 0;
    let value = 0;
    for (const character of text.slice(at + absent, at + 5)) {
      const digit = ALPHABET.indexOf(character);
      if (digit < 0) return undefined;
      value = value * 85 + digit;
    }
    if (value >= 256 ** (4 - absent)) return undefined;
    bytes.writeUIntBE(value, (at / 5) * 4, 4 - absent);
  }
  return bytes.subarray(0, bytes.length - missing);
}
