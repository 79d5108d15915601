import { isMissing } from "../../../core/missing.ts";
import type { Methods, NDframe, PatchTarget } from "./danfo-internals.ts";

/**
 * The type of values. Danfo looks at the first ten or so, takes texts of digits for numbers, and
 * dates beside a null for numbers too.
 */
function dtypeOf(values: readonly unknown[]): string {
  let common: string | undefined;
  let isWhole = true;
  for (const value of values) {
    if (isMissing(value)) {
      isWhole = false;
      continue;
    }
    const type = value instanceof Date ? "datetime" : typeof value;
    if (type === "number" && !Number.isInteger(value)) isWhole = false;
    if (common !== undefined && common !== type) return "string";
    common = type;
  }
  if (common === "datetime" || common === "boolean") return common;
  if (common === undefined) return "float32";
  if (common !== "number" && common !== "bigint") return "string";
  return isWhole ? "int32" : "float32";
}

/** The types of the columns of rows, or of a single list. */
export function dtypesOf(data: readonly unknown[]): string[] {
  if (!Array.isArray(data[0])) return [dtypeOf(data)];
  const rows = data as readonly (readonly unknown[])[];
  const width = Math.max(...rows.slice(0, 1).map((row) => row.length));
  return Array.from({ length: width }, (_, column) => dtypeOf(rows.map((row) => row[column])));
}

/** Answers of methods that keep the types of what they were made from, whatever became of it. */
const STALE = ["fillNa", "applyMap", "replace", "addColumn", "$MathOps", "$logicalOps"] as const;

/** Types come from all values, also after values have changed. */
export function patchDtypes({ danfo, frames }: PatchTarget): void {
  const utils = danfo.Utils.prototype as unknown as Methods;
  utils.inferDtype = (data: readonly unknown[]) => dtypesOf(data);
  utils.is1DArray = (data: unknown) => {
    const first = Array.isArray(data) ? data[0] : undefined;
    return (
      first === null || first instanceof Date || !["object", "undefined"].includes(typeof first)
    );
  };
  utils.createNdframeFromNewDataWithOldProps = ({ ndFrame, newData, isSeries }: MadeFrom) => {
    const { index, columns, config } = ndFrame;
    const options = { index: [...index], columns: [...columns], config: { ...config } };
    return isSeries ? new danfo.Series(newData, options) : new danfo.DataFrame(newData, options);
  };
  for (const name of STALE) {
    const original = frames[name];
    if (!original) continue;
    frames[name] = function typed(this: never, ...options: never[]) {
      const made = original.apply(this, options) as NDframe | undefined;
      if (made) made.$dtypes = dtypesOf(made.values as unknown[]);
      return made;
    };
  }
}

interface MadeFrom {
  readonly ndFrame: NDframe;
  readonly newData: never[];
  readonly isSeries: boolean;
}
