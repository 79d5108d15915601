/** `58,665`, but `2013`: four digits may be a year. */
function grouped(value: number, digits: Intl.NumberFormatOptions): string {
  const useGrouping = Math.abs(value) >= 9999.5;
  return new Intl.NumberFormat("en-US", { ...digits, useGrouping }).format(value);
}

const TICK = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 6 });
const SMALL = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 7, useGrouping: false });

/** A number in a text: six digits at most. */
export function brief(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-6
    ? value.toExponential(2)
    : grouped(value, { maximumSignificantDigits: 6 });
}

/** Numbers that stand below each other: `brief`, with as many decimals for all of them. */
export function briefColumn(values: readonly number[]): string[] {
  const texts = values.map(brief);
  const tiny = texts.some((text) => text.includes("e"));
  const whole = Math.max(...values.map((value) => Math.trunc(Math.abs(value)).toString().length));
  const requested = Math.max(...texts.map((text) => text.split(".")[1]?.length ?? 0));
  const decimals = Math.max(0, Math.min(requested, 6 - whole));
  if (tiny || decimals === 0) return texts;
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return values.map((value) => grouped(value, digits));
}

/** A number at an axis: `0.05`, `2013`, `15K`, `1.25M`. */
export function tick(value: number): string {
  if (Math.abs(value) >= 10_000) return TICK.format(value);
  return value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(0) : SMALL.format(value);
}

/** Smallest and largest number that is one. */
export function extent(values: ArrayLike<number>): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
