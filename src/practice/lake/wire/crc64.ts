/**
 * CRC64 of Azure Storage (`x-ms-content-crc64`), known as CRC-64/NVME. 64-bit numbers are two
 * halves; eight bytes are processed at a time.
 */
const POLYNOMIAL = [0x9a6c9329, 0xac4bc9b5] as const;
const STEPS = 8;

/** For each step and byte: the high and the low half. Computed at the first use. */
let tables: { readonly high: Uint32Array; readonly low: Uint32Array } | undefined;

function makeTables() {
  const high = new Uint32Array(STEPS * 256);
  const low = new Uint32Array(STEPS * 256);
  for (let byte = 0; byte < 256; byte++) {
    let [top, bottom] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = bottom & 1;
      bottom = ((bottom >>> 1) | (top << 31)) >>> 0;
      top >>>= 1;
      if (isOdd) {
        top = (top ^ POLYNOMIAL[0]) >>> 0;
        bottom = (bottom ^ POLYNOMIAL[1]) >>> 0;
      }
    }
    high[byte] = top;
    low[byte] = bottom;
  }
  for (let at = 256; at < STEPS * 256; at++) {
    const [top, bottom] = [high[at - 256] ?? 0, low[at - 256] ?? 0];
    const byte = bottom & 255;
    high[at] = (top >>> 8) ^ (high[byte] ?? 0);
    low[at] = ((bottom >>> 8) | (top << 24)) ^ (low[byte] ?? 0);
  }
  return { high, low };
}

export class Crc64 {
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(bytes: Uint8Array): this {
    tables ??= makeTables();
    const { high, low } = tables;
    let [top, bottom] = [this.#high, this.#low];
    let at = 0;
    for (const end = bytes.length - STEPS; at <= end; at += STEPS) {
      // All indexes are within bounds: eight bytes are left, and tables have 256 rows.
      const a = (bottom ^ (bytes[at] as number)) & 255;
      const b = ((bottom >>> 8) ^ (bytes[at + 1] as number)) & 255;
      const c = ((bottom >>> 16) ^ (bytes[at + 2] as number)) & 255;
      const d = ((bottom >>> 24) ^ (bytes[at + 3] as number)) & 255;
      const e = (top ^ (bytes[at + 4] as number)) & 255;
      const f = ((top >>> 8) ^ (bytes[at + 5] as number)) & 255;
      const g = ((top >>> 16) ^ (bytes[at + 6] as number)) & 255;
      const h = ((top >>> 24) ^ (bytes[at + 7] as number)) & 255;
      top = fold(high, a, b, c, d, e, f, g, h);
      bottom = fold(low, a, b, c, d, e, f, g, h);
    }
    for (; at < bytes.length; at++) {
      const byte = (bottom ^ (bytes[at] as number)) & 255;
      bottom = ((bottom >>> 8) | (top << 24)) ^ (low[byte] as number);
      top = (top >>> 8) ^ (high[byte] as number);
    }
    this.#high = top;
    this.#low = bottom;
    return this;
  }

  /** In base64, least significant byte first. */
  digest(): string {
    return this.bytes().toString("base64");
  }

  /** Eight bytes, least significant first. */
  bytes(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(~this.#low >>> 0, 0);
    bytes.writeUInt32LE(~this.#high >>> 0, 4);
    return bytes;
  }
}

function fold(
  table: Uint32Array,
  ...[a, b, c, d, e, f, g, h]: [number, number, number, number, number, number, number, number]
): number {
  return (
    (table[1792 + a] as number) ^
    (table[1536 + b] as number) ^
    (table[1280 + c] as number) ^
    (table[1024 + d] as number) ^
    (table[768 + e] as number) ^
    (table[512 + f] as number) ^
    (table[256 + g] as number) ^
    (table[h] as number)
  );
}
