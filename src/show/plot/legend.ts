import { escapeHtml } from "../escape-html.ts";
import { shorten } from "../table/column-text.ts";
import { PALETTE, textWidth } from "./draw.ts";
import { rampColour } from "./ramp.ts";

interface LegendItem {
  readonly label: string;
  readonly colour: string;
  readonly x: number;
}

/** Names of the colours of PALETTE in their order, in as many rows as they need. */
export function paletteLegend(names: readonly string[], width: number): string[] {
  const rows: LegendItem[][] = [];
  let x = Number.POSITIVE_INFINITY;
  names.forEach((name, i) => {
    const label = shorten(name, 30);
    const needed = textWidth(label) + 32;
    if (x + needed > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ label, colour: PALETTE[i % PALETTE.length] ?? PALETTE[0], x });
    x += needed;
  });
  return rows.map((items) => items.map(item).join(""));
}

function item({ label, colour, x }: LegendItem): string {
  return (
    `<rect x="${x}" y="-10" width="12" height="12" rx="2" fill="${colour}"/>` +
    `<text x="${x + 17}">${escapeHtml(label)}</text>`
  );
}

const RAMP_WIDTH = 160;
const RAMP_STEPS = 32;

/** A row with the colours from the smallest to the largest value of `name`. */
export function rampLegend(name: string, low: string, high: string): string[] {
  const title = escapeHtml(shorten(name, 30));
  const from = textWidth(shorten(name, 30)) + textWidth(low) + 20;
  const step = RAMP_WIDTH / RAMP_STEPS;
  // A gradient would need an id, which may be in the page twice.
  const steps = Array.from({ length: RAMP_STEPS }, (_, i) => {
    const colour = rampColour(i / (RAMP_STEPS - 1));
    return `<rect x="${from + i * step}" y="-10" width="${step + 0.5}" height="12" fill="${colour}"/>`;
  });
  return [
    `<text font-weight="600">${title}</text><text x="${from - 6}" text-anchor="end">${escapeHtml(low)}</text>` +
      `${steps.join("")}<text x="${from + RAMP_WIDTH + 6}">${escapeHtml(high)}</text>`,
  ];
}
