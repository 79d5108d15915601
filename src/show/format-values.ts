const MOST_DECIMALS = 6;

/**
 * The values of a column as text that lines up: numbers with as many decimals as the most exact of
 * them needs, up to six; dates and times in ISO 8601 and UTC. Null stays null.
 */
export function formatColumn(values: readonly unknown[], type: string): (string | null)[] {
  const decimals = Math.max(0, ...values.map(decimalsOf));
  return values.map((value) => {
    if (value === null || value === undefined) return null;
    if (typeof value === "number") return formatNumber(value, decimals);
    if (value instanceof Date) return formatDate(value, type);
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
}

function formatNumber(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 10 ** -MOST_DECIMALS)) return value.toPrecision(6);
  return value.toFixed(decimals);
}

function decimalsOf(value: unknown): number {
  if (typeof value !== "number" || Number.isInteger(value) || !Number.isFinite(value)) return 0;
  const [, decimals = "", exponent = "0"] =
    /\.?(\d*)(?:e([-+]\d+))?$/.exec(String(value).replace(/^-?\d+/, "")) ?? [];
  return Math.min(MOST_DECIMALS, Math.max(0, decimals.length - Number(exponent)));
}

function formatDate(date: Date, type: string): string {
  if (Number.isNaN(date.getTime())) return "invalid date";
  const iso = date.toISOString();
  if (type === "date") return iso.slice(0, 10);
  return iso
    .slice(0, -1)
    .replace("T", " ")
    .replace(/\.000$/, "");
}
