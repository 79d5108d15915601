import { isMissing } from "../../../core/missing.ts";
import {
  type MathCall,
  type Methods,
  type NDframe,
  notDefinedFor,
  type PatchTarget,
  valuesOf,
  withValues,
} from "./danfo-internals.ts";

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  mod: modulo,
  pow: (a, b) => a ** b,
  minimum: Math.min,
  maximum: Math.max,
};

/**
 * The remainder with the sign of the divisor, as in pandas and in Danfo's own frames. It is exact,
 * as `a - b * Math.floor(a / b)` is not: 0.5 modulo 0.1 is 0.09999999999999998.
 */
function modulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return 0;
  return rest < 0 === b < 0 ? rest : rest + b;
}

const RUNNING: Readonly<Record<string, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  min: Math.min,
  max: Math.max,
};

/** Whatever is done to null is null. */
export function patchArithmetic({ danfo, internals, frames, series }: PatchTarget): void {
  internals.arithmetic._genericMathOp = ({ ndFrame, other, operation }: MathCall) => {
    const compute = OPERATIONS[operation];
    const list = valuesOf(ndFrame);
    const right = Array.isArray(other) ? other : isSeries(other) ? valuesOf(other) : undefined;
    if (!compute || (right === undefined && typeof other !== "number")) {
      throw notDefinedFor(operation, `what is neither a number, a list nor a series`);
    }
    if (right && right.length !== list.length) {
      throw new Error(`${operation}: ${list.length} values and ${right.length} do not pair up`);
    }
    return list.map((value, row) => {
      const operand = right ? right[row] : other;
      if (isMissing(value) || isMissing(operand)) return null;
      return compute(numberOf(value, operation), numberOf(operand, operation));
    });
  };

  series.cumOps = function cumulated(this: NDframe, name: string, { inplace }: Inplace) {
    const values = running(valuesOf(this), name);
    return inplace ? this.$setValues(values) : withValues(danfo, this, values);
  } as Methods[string];

  frames.cumOps = function cumulated(this: NDframe, name: string, axis: 0 | 1, inplace?: boolean) {
    const rows = this.values as unknown[][];
    const lines = (axis === 1 ? rows : transposed(rows)).map((line) => running(line, name));
    const values = axis === 1 ? lines : transposed(lines);
    return inplace ? this.$setValues(values) : withValues(danfo, this, values);
  } as Methods[string];
}

interface Inplace {
  readonly inplace?: boolean;
}

function isSeries(value: unknown): value is NDframe {
  return typeof value === "object" && value !== null && "$isSeries" in value;
}

function numberOf(value: unknown, operation: string): number {
  if (typeof value === "number" || typeof value === "boolean") return Number(value);
  throw notDefinedFor(operation, value instanceof Date ? "dates" : `${typeof value} values`);
}

/** A running total skips a null, and is null there. */
function running(values: readonly unknown[], name: string): (number | null)[] {
  const compute = RUNNING[name];
  let total: number | undefined;
  return values.map((value) => {
    if (isMissing(value) || !compute) return null;
    const next = numberOf(value, `running ${name}`);
    total = total === undefined ? next : compute(total, next);
    return total;
  });
}

function transposed(rows: readonly unknown[][]): unknown[][] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]));
}
