import { inspect } from "node:util";
import type { Diagnostic } from "tslab/dist/converter.js";
import { type CellPlace, type CellSource, errorStack } from "./stack.ts";

/** Content of a Jupyter `error` message. No ANSI colours: it is read in logs as well. */
export interface CellFailure {
  /** Class of the error. */
  readonly ename: string;
  /** Its message. */
  readonly evalue: string;
  /** Lines to show; `In[3], line 2` names the place whenever there is one. */
  readonly traceback: readonly string[];
}

/** Chains of causes can be cyclic. */
const MAX_CAUSES = 6;

/** Thrown into a cell that is interrupted. */
export class CellInterrupted extends Error {
  override readonly name = "CellInterrupted";

  constructor() {
    super("the cell was interrupted before it finished");
  }
}

/** The failure that a thrown value shows as. */
export function describeError(
  thrown: unknown,
  cells: ReadonlyMap<string, CellSource>,
  preface?: string,
): CellFailure {
  if (!isError(thrown)) {
    const text = inspect(thrown);
    return {
      ename: "Thrown",
      evalue: text,
      traceback: [...(preface ? [preface] : []), `Thrown: ${text} (a value that is no Error)`],
    };
  }
  const ename = String(thrown.name || "Error");
  const traceback = preface ? [preface] : [];
  if (thrown instanceof CellInterrupted) {
    return { ename, evalue: thrown.message, traceback: [`${ename}: ${thrown.message}`] };
  }
  const { places, frames } = errorStack(thrown);
  traceback.push(...headline(thrown).split("\n"), ...frameAt(places[0], cells), ...frames);
  let { cause } = thrown;
  for (let depth = 1; isError(cause) && depth < MAX_CAUSES; depth++) {
    const [place] = errorStack(cause).places;
    traceback.push(`caused by ${headline(cause).split("\n")[0]}`);
    // A cause from elsewhere in the cells is a place of its own; most come from the same call.
    if (place?.line !== places[0]?.line) traceback.push(...frameAt(place, cells));
    cause = cause.cause;
  }
  return { ename, evalue: String(thrown.message), traceback };
}

/** The failure that a cell's type errors show as. */
export function describeDiagnostics(
  name: string,
  source: string,
  diagnostics: readonly Diagnostic[],
): CellFailure {
  const traceback: string[] = [];
  let at = -1;
  for (const { start, messageText, code } of diagnostics) {
    if (start.offset === at) {
      traceback.push(`  ${messageText}`);
      continue;
    }
    at = start.offset;
    const place = { line: start.line + 1, column: start.character + 1 };
    traceback.push(...codeFrame(name, source, place), `TS${code}: ${messageText}`);
  }
  const [first] = diagnostics;
  const more = new Set(diagnostics.map(({ start }) => start.offset)).size - 1;
  const others = more > 0 ? ` (and ${more} more)` : "";
  return {
    ename: "TypeScriptError",
    evalue: `${first?.messageText ?? "the cell does not compile"}${others}`,
    traceback,
  };
}

function frameAt(place: CellPlace | undefined, cells: ReadonlyMap<string, CellSource>): string[] {
  const cell = place && cells.get(place.cell);
  return cell ? codeFrame(place.cell, cell.source, place) : [];
}

function headline(error: Error): string {
  const text = String(error);
  return text === "[object Object]" ? `${error.name}: ${error.message}` : text;
}

/** A few source lines around a place, with a caret under it. */
function codeFrame(
  name: string,
  source: string,
  { line, column }: { line: number; column: number },
): string[] {
  const lines = source.split("\n");
  const first = Math.max(1, line - 2);
  const last = Math.min(lines.length, line + 2);
  const width = String(last).length;
  const frame = [`${name}, line ${line}`];
  for (let number = first; number <= last; number++) {
    const text = lines[number - 1] ?? "";
    const label = String(number).padStart(width);
    frame.push(`${number === line ? ">" : " "} ${label} | ${text}`.trimEnd());
    if (number === line) frame.push(`  ${" ".repeat(width)} | ${" ".repeat(column - 1)}^`);
  }
  return frame;
}

/** Errors of another realm or of a worker are no instances of this one's Error. */
function isError(value: unknown): value is Error {
  return (
    value instanceof Error ||
    (typeof value === "object" && value !== null && "message" in value && "stack" in value)
  );
}
