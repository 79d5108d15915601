import { readPng } from "./png.ts";

/** Tolerance for a colour sample (0–255): renderers round differently. */
const TOLERANCE = 16;
/** Pixels per thousand that may differ by more: edges of glyphs and lines do. */
const MOST_OF_THOUSAND = 1;

/** Describes the difference of two PNG files in base64; undefined if they look the same. */
export function pictureDifference(
  stored: string,
  fresh: string,
): readonly [stored: string, fresh: string] | undefined {
  if (stored === fresh) return undefined;
  const [before, after] = [stored, fresh].map((text) => readPng(Buffer.from(text, "base64")));
  if (!before || !after) return [`${stored.length} characters`, `${fresh.length} others`];
  const sizes = [before, after].map(({ width, height }) => `${width} × ${height} pixels`);
  const [was = "", is = ""] = sizes;
  if (was !== is) return [was, is];
  let different = 0;
  for (let at = 0; at < before.rgba.length; at += 4) {
    for (let i = at; i < at + 4; i++) {
      if (Math.abs((before.rgba[i] ?? 0) - (after.rgba[i] ?? 0)) <= TOLERANCE) continue;
      different++;
      break;
    }
  }
  const all = before.rgba.length / 4;
  if (different * 1000 <= all * MOST_OF_THOUSAND) return undefined;
  return [was, `${is}, of which ${different} are others`];
}
