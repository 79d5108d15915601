import { describe, expect, it } from "vitest";
import { PALETTE } from "../../src/show/plot/draw.ts";

type Triple = readonly [number, number, number];

/** Light of a colour, 0 to 1 a channel. */
function lightOf(colour: string): Triple {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [red ?? 0, green ?? 0, blue ?? 0];
}

function luminanceOf([red, green, blue]: Triple): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** As WCAG 2.2 measures it. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [one, other]
    .map((colour) => luminanceOf(lightOf(colour)) + 0.05)
    .sort((a, b) => b - a);
  return light / dark;
}

/** What light becomes for others: Machado, Oliveira and Fernandes (2009), severity 1. */
const EYES: Readonly<Record<string, readonly Triple[]>> = {
  "most people": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "those blind to red": [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  "those blind to green": [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  "those blind to blue": [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seen(colour: string, matrix: readonly Triple[]): Triple {
  const [red, green, blue] = lightOf(colour);
  const [x = 0, y = 0, z = 0] = matrix.map((row) =>
    Math.min(1, Math.max(0, row[0] * red + row[1] * green + row[2] * blue)),
  );
  return [x, y, z];
}

/** CIE L*a*b* under D65. */
function labOf([red, green, blue]: Triple): Triple {
  const [x = 0, y = 0, z = 0] = [
    (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047,
    0.2126729 * red + 0.7151522 * green + 0.072175 * blue,
    (0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883,
  ].map((part) => (part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** How different two colours look: CIE76, of which 2.3 can just be seen side by side. */
function difference(one: Triple, other: Triple): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}

describe("the colours of series", () => {
  it.each(PALETTE)("stand out on a white and on a dark page: %s", (colour) => {
    expect(contrast(colour, "#ffffff")).toBeGreaterThanOrEqual(3);
    expect(contrast(colour, "#111111")).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.keys(EYES))("are told apart by %s, the first four easily", (eyes) => {
    const found = PALETTE.map((colour) => labOf(seen(colour, EYES[eyes] ?? [])));
    const close: string[] = [];
    for (const [index, one] of found.entries()) {
      for (const [before, other] of found.slice(0, index).entries()) {
        const least = index < 4 ? 20 : 11;
        const apart = difference(one, other);
        if (apart < least) close.push(`${PALETTE[before]} ${PALETTE[index]}: ${apart.toFixed(1)}`);
      }
    }
    expect(close).toEqual([]);
  });
});
