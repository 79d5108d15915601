import type { ReadCell } from "./cell-reader.ts";

/** Whether a console may run a code, or should continue on the next line. */
export interface Completeness {
  readonly status: "complete" | "incomplete" | "invalid";
  /** Indentation of the next line, when it is incomplete. */
  readonly indent?: string;
}

/** `"abc` and `'abc` cannot be fixed on the next line. */
const UNTERMINATED_STRING = 1002;

/** A code is incomplete when its syntax error is at its end. */
export function completenessOf({ cell, syntax }: ReadCell): Completeness {
  const { code, offset } = cell;
  if (syntax.length === 0) return { status: "complete" };
  const end = offset + code.trimEnd().length;
  const first = syntax[0];
  if (!first || first.pos < end || first.code === UNTERMINATED_STRING) {
    return { status: "invalid" };
  }
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const margin = /^\s*/.exec(line)?.[0] ?? "";
  return { status: "incomplete", indent: /[{([]$|=>$/.test(line) ? `${margin}  ` : margin };
}
