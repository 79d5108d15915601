import { extent } from "../number-text.ts";
import { shorten } from "../table/column-text.ts";
import { displayWidth, pad } from "../table/text-table.ts";

const EIGHTHS = " ▏▎▍▌▋▊▉█";
const LEVELS = "▁▂▃▄▅▆▇█";

/**
 * Horizontal bars with their labels and values. All together are `width` cells wide; those of
 * negative numbers go to the left of a common zero.
 */
export function textBars(
  bars: readonly { label: string; value: number; text: string }[],
  width = 40,
): string[] {
  const values = bars.map(({ value }) => value);
  const lowest = Math.min(0, ...values);
  const scale = width / (Math.max(0, ...values) - lowest || 1);
  const left = Math.ceil(-lowest * scale);
  const labels = bars.map(({ label }) => shorten(label, 24));
  const labelWidth = Math.max(...labels.map(displayWidth));
  const valueWidth = Math.max(...bars.map(({ text }) => text.length));
  return bars.map(({ value, text }, i) => {
    const bar =
      value < 0
        ? pad("█".repeat(Math.round(-value * scale)), left, "right")
        : " ".repeat(left) + eighths(value * scale);
    const label = pad(labels[i] ?? "", labelWidth, "left");
    return `${label}  ${pad(text, valueWidth, "right")}  ${bar}`.trimEnd();
  });
}

function eighths(cells: number): string {
  const parts = Math.round(cells * 8);
  return "█".repeat(parts >> 3) + (parts & 7 ? EIGHTHS[parts & 7] : "");
}

/** `values` as one line of at most `width` blocks; a step without a value is blank. */
export function sparkline(values: ArrayLike<number>, width = 60): string {
  const [low, high] = extent(values);
  const steps = Math.min(width, values.length);
  return Array.from({ length: steps }, (_, step) => {
    const from = Math.floor((step * values.length) / steps);
    const to = Math.max(from + 1, Math.floor(((step + 1) * values.length) / steps));
    let [sum, count] = [0, 0];
    for (let i = from; i < to; i++) {
      const value = values[i] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    if (count === 0) return " ";
    const level = high > low ? ((sum / count - low) / (high - low)) * (LEVELS.length - 1) : 0;
    return LEVELS[Math.round(level)] ?? " ";
  })
    .join("")
    .trimEnd();
}

/** Bits of the eight dots of a Braille sign, by column and row (Unicode block 2800). */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** Points as Braille dots on `columns` × `rows` characters, the smallest x and y bottom left. */
export function brailleDots(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { columns, rows }: { columns: number; rows: number },
): string[] {
  const cells = new Uint8Array(columns * rows);
  const across = step(extent(x), columns * 2);
  const up = step(extent(y), rows * 4);
  for (let i = 0; i < x.length; i++) {
    const column = across(x[i] ?? Number.NaN);
    const row = rows * 4 - 1 - up(y[i] ?? Number.NaN);
    if (Number.isNaN(column + row)) continue;
    const cell = (row >> 2) * columns + (column >> 1);
    cells[cell] = (cells[cell] ?? 0) | (DOTS[column & 1 ? 1 : 0][row & 3] ?? 0);
  }
  return Array.from({ length: rows }, (_, row) =>
    Array.from(cells.subarray(row * columns, (row + 1) * columns), (bits) =>
      bits ? String.fromCodePoint(0x2800 + bits) : " ",
    )
      .join("")
      .trimEnd(),
  );
}

function step([low, high]: readonly [number, number], steps: number): (value: number) => number {
  const span = high - low || 1;
  return (value) => Math.min(steps - 1, Math.floor(((value - low) / span) * steps));
}
