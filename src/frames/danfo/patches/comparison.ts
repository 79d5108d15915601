import { isMissing } from "../../../core/missing.ts";
import {
  type Methods,
  type NDframe,
  notDefinedFor,
  type PatchTarget,
  valuesOf,
} from "./danfo-internals.ts";

const TESTS: Readonly<Record<string, (order: number) => boolean>> = {
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
};

/** Nothing is smaller or larger than null, or equal to it; texts and dates compare too. */
export function patchComparison({ danfo, series }: PatchTarget): void {
  series.boolOps = function compared(this: NDframe, other: unknown, test: string) {
    const list = valuesOf(this);
    const others = othersOf(other, list.length);
    const holds = TESTS[test] ?? (() => false);
    const answers = list.map((value, row) => {
      const right = others(row);
      if (isMissing(value) || isMissing(right)) return test === "ne";
      return holds(orderOf(value, right, test));
    });
    return new danfo.Series(answers, { index: this.index, config: { ...this.config } });
  } as Methods[string];
}

function othersOf(other: unknown, rows: number): (row: number) => unknown {
  const isSeries = typeof other === "object" && other !== null && "$isSeries" in other;
  const list = isSeries ? valuesOf(other as NDframe) : other;
  if (!Array.isArray(list)) return () => list;
  if (list.length === rows) return (row) => list[row];
  throw new Error(`${rows} values cannot be compared with ${list.length}`);
}

function orderOf(left: unknown, right: unknown, test: string): number {
  const [a, b] = [plain(left), plain(right)];
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  if (test === "eq" || test === "ne") return 1;
  throw notDefinedFor(test, `${typeof left} and ${typeof right} values`);
}

function plain(value: unknown): number | string {
  return typeof value === "string" ? value : Number(value);
}
