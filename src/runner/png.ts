import { inflateSync } from "node:zlib";

/** An RGBA image, four bytes a pixel. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

const SIGNATURE = "\x89PNG\r\n\x1a\n";
/** Samples per pixel, by colour type (PNG specification, 11.2.1). */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Larger images are not decoded, to limit memory. */
const MOST_PIXELS = 50_000_000;

/**
 * Decodes a PNG with 8 bits per sample and no interlacing, as charting libraries write. Undefined
 * for any other, and for a damaged one.
 *
 * @see https://www.w3.org/TR/png-3/
 */
export function readPng(file: Uint8Array): Pixels | undefined {
  const bytes = Buffer.from(file);
  if (bytes.toString("latin1", 0, 8) !== SIGNATURE || bytes.length < 33) return undefined;
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const [depth, color = 9, , , interlace] = bytes.subarray(24, 29);
  const samples = SAMPLES[color];
  if (depth !== 8 || !samples || interlace !== 0 || width * height > MOST_PIXELS) return undefined;
  const chunks = new Map<string, Buffer[]>();
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    chunks.set(type, [...(chunks.get(type) ?? []), bytes.subarray(at + 8, at + 8 + length)]);
    at += 12 + length;
  }
  try {
    const size = (width * samples + 1) * height;
    const packed = Buffer.concat(chunks.get("IDAT") ?? []);
    const lines = inflateSync(packed, { maxOutputLength: size });
    if (lines.length !== size) return undefined;
    const values = unfilter(lines, width * samples, samples);
    const palette = chunks.get("PLTE")?.[0];
    const alpha = chunks.get("tRNS")?.[0];
    return { width, height, rgba: toRgba(values, color, samples, { palette, alpha }) };
  } catch {
    return undefined;
  }
}

/** Reverses the filters of scanlines (PNG specification, 9.2). */
function unfilter(lines: Uint8Array, stride: number, step: number): Uint8Array {
  const height = lines.length / (stride + 1);
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const kind = lines[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= step ? (out[at - step] ?? 0) : 0;
      const up = y > 0 ? (out[at - stride] ?? 0) : 0;
      const corner = x >= step && y > 0 ? (out[at - stride - step] ?? 0) : 0;
      const by = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][kind ?? 9] ?? 0;
      out[at] = (lines[y * (stride + 1) + 1 + x] ?? 0) + by;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value)) as [
    number,
    number,
    number,
  ];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function toRgba(
  values: Uint8Array,
  color: number,
  samples: number,
  { palette, alpha }: { palette: Uint8Array | undefined; alpha: Uint8Array | undefined },
): Uint8Array {
  const count = values.length / samples;
  const rgba = new Uint8Array(count * 4).fill(255);
  for (let pixel = 0; pixel < count; pixel++) {
    const from = pixel * samples;
    const first = values[from] ?? 0;
    if (color === 3) {
      for (let i = 0; i < 3; i++) rgba[pixel * 4 + i] = palette?.[first * 3 + i] ?? 0;
      rgba[pixel * 4 + 3] = alpha?.[first] ?? 255;
      continue;
    }
    const isGrey = color === 0 || color === 4;
    for (let i = 0; i < 3; i++) rgba[pixel * 4 + i] = values[isGrey ? from : from + i] ?? 0;
    if (color === 4 || color === 6) rgba[pixel * 4 + 3] = values[from + samples - 1] ?? 255;
  }
  return rgba;
}
