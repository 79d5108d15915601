const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;
/** Relative tolerance for numbers with a fraction: processors round differently. */
const TOLERANCE = 1e-6;

/**
 * `fresh`, with each line that differs from the stored one only in the last digits of fractions
 * replaced by that stored line. Integers are counts and must be equal.
 */
export function alignNumbers(stored: readonly string[], fresh: readonly string[]): string[] {
  const byShape = new Map<string, string[]>();
  for (const line of stored) {
    const shape = line.replace(NUMBER, "#");
    byShape.set(shape, [...(byShape.get(shape) ?? []), line]);
  }
  return fresh.map((line, at) => {
    const alike = (other: string) => other === line || areAlike(other, line);
    const same = stored[at];
    if (same !== undefined && alike(same)) return same;
    return byShape.get(line.replace(NUMBER, "#"))?.find(alike) ?? line;
  });
}

function areAlike(a: string, b: string): boolean {
  if (a.replace(NUMBER, "#") !== b.replace(NUMBER, "#")) return false;
  const others = b.match(NUMBER) ?? [];
  return (a.match(NUMBER) ?? []).every((text, at) => {
    const other = others[at] ?? "";
    if (text === other) return true;
    if (!/[.e]/i.test(text) || !/[.e]/i.test(other)) return false;
    const [x, y] = [Number(text), Number(other)];
    return Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y));
  });
}
