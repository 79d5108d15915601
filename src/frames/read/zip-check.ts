import { crc32, inflateRawSync } from "node:zlib";

// See 4.3 of APPNOTE.TXT, the description of the ZIP format.
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;

/**
 * Compares every file in a ZIP archive with its checksum, which the reader of workbooks does not.
 *
 * @throws Error that says what is damaged
 */
export function checkZip(bytes: Uint8Array): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(buffer);
  const count = buffer.readUInt16LE(end + 10);
  let at = buffer.readUInt32LE(end + 16);
  // Larger counts and offsets stand elsewhere; no workbook needs them.
  if (at === 0xffffffff || count === 0xffff) return;
  for (let entry = 0; entry < count; entry++) {
    if (buffer.readUInt32LE(at) !== ENTRY) throw new Error("its list of files is damaged");
    const nameBytes = buffer.readUInt16LE(at + 28);
    const name = buffer.toString("utf8", at + 46, at + 46 + nameBytes);
    const content = contentAt(buffer, at, name);
    const sum = buffer.readUInt32LE(at + 16);
    if (content && crc32(content) !== sum) throw new Error(`${name} in it is damaged`);
    at += 46 + nameBytes + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
  }
}

/** Undefined for a method of compression that is not known here. */
function contentAt(buffer: Buffer, entry: number, name: string): Buffer | undefined {
  const method = buffer.readUInt16LE(entry + 10);
  const packed = buffer.readUInt32LE(entry + 20);
  const start = buffer.readUInt32LE(entry + 42);
  if (buffer.readUInt32LE(start) !== LOCAL) throw new Error(`${name} in it is damaged`);
  const from = start + 30 + buffer.readUInt16LE(start + 26) + buffer.readUInt16LE(start + 28);
  const content = buffer.subarray(from, from + packed);
  if (method === 0) return content;
  return method === 8 ? inflateRawSync(content) : undefined;
}

/** Where the last record begins, which a comment may follow. */
function endOf(buffer: Buffer): number {
  const furthest = Math.max(0, buffer.length - END_BYTES - 0xffff);
  for (let at = buffer.length - END_BYTES; at >= furthest; at--) {
    if (buffer.readUInt32LE(at) === END) return at;
  }
  throw new Error("its end is missing");
}
