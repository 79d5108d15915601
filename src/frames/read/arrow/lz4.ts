const MAGIC = 0x184d2204;
const SHORTEST_MATCH = 4;

/**
 * Unpacks an LZ4 frame of an Arrow file; see lz4_Frame_format.md and lz4_Block_format.md of LZ4.
 * Checksums are not verified.
 *
 * @throws Error when the frame is damaged
 */
export function unpackLz4(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw damaged();
  const flags = view.getUint8(4);
  const hasBlockChecksum = (flags & 0x10) !== 0;
  // Magic, flags, block size, size of the content, dictionary, checksum of the header.
  let at = 6 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0) + 1;
  // The largest block is 64 KiB, 256 KiB, 1 MiB or 4 MiB.
  const largest = 4 ** ((view.getUint8(5) >> 4) & 7) * 256;
  const out = new Uint8Array(countBlocks(view, at, hasBlockChecksum) * largest);
  let end = 0;
  for (let word = view.getUint32(at, true); word !== 0; word = view.getUint32(at, true)) {
    const length = word & 0x7fffffff;
    const block = frame.subarray(at + 4, at + 4 + length);
    if (block.length !== length) throw damaged();
    if (word >>> 31 === 1) {
      if (end + length > out.length) throw damaged();
      out.set(block, end);
      end += length;
    } else {
      end = unpackBlock(block, out, end);
    }
    at += 4 + length + (hasBlockChecksum ? 4 : 0);
  }
  return out.subarray(0, end);
}

function countBlocks(view: DataView, from: number, hasChecksum: boolean): number {
  let count = 0;
  for (let at = from, word = view.getUint32(at, true); word !== 0; count++) {
    at += 4 + (word & 0x7fffffff) + (hasChecksum ? 4 : 0);
    word = view.getUint32(at, true);
  }
  return count;
}

/** @returns end of the unpacked bytes in `out` */
function unpackBlock(block: Uint8Array, out: Uint8Array, from: number): number {
  let at = 0;
  let end = from;
  const lengthFrom = (nibble: number) => {
    let length = nibble;
    for (let more = nibble === 15 ? 255 : 0; more === 255; length += more) {
      more = block[at++] ?? 0;
    }
    return length;
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = lengthFrom(token >> 4);
    if (at + literals > block.length || end + literals > out.length) throw damaged();
    out.set(block.subarray(at, at + literals), end);
    at += literals;
    end += literals;
    // The last sequence has no match.
    if (at === block.length) return end;
    const distance = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const length = lengthFrom(token & 15) + SHORTEST_MATCH;
    if (distance === 0 || distance > end || end + length > out.length) throw damaged();
    // A match may overlap the bytes it makes: copy byte by byte.
    for (let index = 0; index < length; index++)
      out[end + index] = out[end + index - distance] ?? 0;
    end += length;
  }
  return end;
}

function damaged(): Error {
  return new Error("a block of LZ4 is damaged");
}
