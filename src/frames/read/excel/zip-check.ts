import { crc32, inflateRawSync } from "node:zlib";

// See 4.3 of APPNOTE.TXT, the description of the ZIP format.
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;

/** Limits of an archive. */
export interface ZipBudget {
  /** Of all files together, unpacked. */
  readonly bytes: number;
  /** Called with each file. */
  readonly visit?: (name: string, content: Buffer) => void;
}

/**
 * Compares every file in a ZIP archive with its checksum, which the workbook library does not.
 *
 * @throws Error whose message says what is damaged; RangeError when more than `budget.bytes` are
 *   unpacked
 */
export function checkZip(bytes: Uint8Array, budget: ZipBudget): void {
  let room = budget.bytes;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(buffer);
  const count = buffer.readUInt16LE(end + 10);
  let at = buffer.readUInt32LE(end + 16);
  // ZIP64 has larger counts and offsets; no workbook needs them.
  if (at === 0xffffffff || count === 0xffff) return;
  for (let entry = 0; entry < count; entry++) {
    if (buffer.readUInt32LE(at) !== ENTRY) throw new Error("its list of files is damaged");
    const nameBytes = buffer.readUInt16LE(at + 28);
    const name = buffer.toString("utf8", at + 46, at + 46 + nameBytes);
    const content = contentAt(buffer, at, name, room);
    room -= content?.length ?? 0;
    if (content) budget.visit?.(name, content);
    const sum = buffer.readUInt32LE(at + 16);
    if (content && crc32(content) !== sum) throw new Error(`${name} in it is damaged`);
    at += 46 + nameBytes + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
  }
}

/** Undefined for an unknown compression method. */
function contentAt(buffer: Buffer, entry: number, name: string, room: number): Buffer | undefined {
  const method = buffer.readUInt16LE(entry + 10);
  const packed = buffer.readUInt32LE(entry + 20);
  const start = buffer.readUInt32LE(entry + 42);
  if (buffer.readUInt32LE(start) !== LOCAL) throw new Error(`${name} in it is damaged`);
  const from = start + 30 + buffer.readUInt16LE(start + 26) + buffer.readUInt16LE(start + 28);
  const content = buffer.subarray(from, from + packed);
  const unpacked = method === 0 ? content : method === 8 ? inflate(content, room) : undefined;
  if ((unpacked?.length ?? 0) > room) throw new RangeError("too large");
  return unpacked;
}

/** Stops when there is no more room, whatever sizes the archive declares. */
function inflate(content: Buffer, room: number): Buffer {
  try {
    return inflateRawSync(content, { maxOutputLength: Math.max(1, room) });
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_BUFFER_TOO_LARGE") throw error;
    throw new RangeError("too large", { cause: error });
  }
}

/** Position of the last record, after which a comment may follow. */
function endOf(buffer: Buffer): number {
  const furthest = Math.max(0, buffer.length - END_BYTES - 0xffff);
  for (let at = buffer.length - END_BYTES; at >= furthest; at--) {
    if (buffer.readUInt32LE(at) === END) return at;
  }
  throw new Error("its end is missing");
}
