import { type Column, columnsOf, isMissing, type Tabular } from "./columns.ts";

/** What one column holds. */
export interface ColumnSummary {
  readonly name: string;
  readonly type: string;
  /** Cells with a value. */
  readonly count: number;
  /** Cells without one: null, undefined, NaN or an invalid date. */
  readonly nulls: number;
  /** Different values; undefined when there are more than 100,000. */
  readonly distinct: number | undefined;
  /** The most frequent value and how often it is there; undefined when none is there twice. */
  readonly top: { readonly value: unknown; readonly count: number } | undefined;
  /** Statistics of a column of nothing but numbers. */
  readonly numbers: NumberSummary | undefined;
  /** First and last of a column of nothing but dates. */
  readonly dates: { readonly min: Date; readonly max: Date } | undefined;
}

/** Where the numbers of a column lie. */
export interface NumberSummary {
  readonly mean: number;
  /** Standard deviation of a sample (divided by count - 1); undefined for a single value. */
  readonly std: number | undefined;
  readonly min: number;
  /** Quartiles between two values are interpolated, as pandas and NumPy do. */
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly max: number;
}

const DISTINCT_LIMIT = 100_000;

/** Summarises every column in two passes over its values. */
export function summarize(data: Tabular): ColumnSummary[] {
  return columnsOf(data).columns.map(summarizeColumn);
}

function summarizeColumn({ name, type, values }: Column): ColumnSummary {
  const frequency = new Map<unknown, number>();
  const positions = new Float64Array(values.length);
  const kinds = new Set<"number" | "date" | "other">();
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (isMissing(value)) continue;
    const kind = kindOf(value);
    kinds.add(kind);
    if (kind !== "other") positions[count] = Number(value);
    count++;
    if (frequency.size <= DISTINCT_LIMIT) {
      const key = value instanceof Date ? value.getTime() : value;
      frequency.set(key, (frequency.get(key) ?? 0) + 1);
    }
  }
  const [kind] = kinds.size === 1 ? kinds : [];
  const sorted = positions.subarray(0, count).sort();
  const counted = frequency.size <= DISTINCT_LIMIT;
  return {
    name,
    type,
    count,
    nulls: values.length - count,
    distinct: counted ? frequency.size : undefined,
    top: counted ? topOf(frequency, kind === "date") : undefined,
    numbers: kind === "number" ? statistics(sorted) : undefined,
    dates:
      kind === "date"
        ? { min: new Date(sorted[0] ?? 0), max: new Date(sorted[count - 1] ?? 0) }
        : undefined,
  };
}

function kindOf(value: unknown): "number" | "date" | "other" {
  if (typeof value === "number" || typeof value === "bigint") return "number";
  return value instanceof Date ? "date" : "other";
}

function topOf(frequency: ReadonlyMap<unknown, number>, dates: boolean): ColumnSummary["top"] {
  let top: { value: unknown; count: number } | undefined;
  for (const [value, count] of frequency) {
    if (count > (top?.count ?? 1)) top = { value, count };
  }
  return top && dates ? { ...top, value: new Date(Number(top.value)) } : top;
}

function statistics(sorted: Float64Array): NumberSummary {
  const count = sorted.length;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const at = (share: number) => {
    const position = share * (count - 1);
    const low = sorted[Math.floor(position)] ?? Number.NaN;
    const high = sorted[Math.ceil(position)] ?? Number.NaN;
    return low === high ? low : low + (high - low) * (position - Math.floor(position));
  };
  return {
    mean,
    std: count > 1 ? Math.sqrt(squares / (count - 1)) : undefined,
    min: at(0),
    q1: at(0.25),
    median: at(0.5),
    q3: at(0.75),
    max: at(1),
  };
}
