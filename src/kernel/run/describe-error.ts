import { inspect } from "node:util";
import type { CellDiagnostic } from "../check/cell-checker.ts";
import { type CellPlace, type CellSource, errorStack } from "./stack.ts";

/** Columns of traceback lines: JupyterLab at 800 pixels breaks longer ones within words. */
const WIDTH = 76;

/** Content of a Jupyter `error` message. No ANSI colours: logs show it, too. */
export interface CellFailure {
  /** Class of the error. */
  readonly ename: string;
  /** Its message. */
  readonly evalue: string;
  /** Lines to show; in cells of several lines, `In[3], line 2` gives the position. */
  readonly traceback: readonly string[];
}

/** Limits cyclic chains of `cause`. */
const MAX_CAUSES = 6;

export class CellInterrupted extends Error {
  override readonly name = "CellInterrupted";

  constructor() {
    super("the cell was interrupted before it finished");
  }
}

/** The `error` message for a thrown value. */
export function describeError(
  thrown: unknown,
  cells: ReadonlyMap<string, CellSource>,
  preface?: string,
): CellFailure {
  const before = preface ? [preface] : [];
  if (!isError(thrown)) {
    const text = inspect(thrown);
    const line = `Thrown: ${text} (a value that is no Error)`;
    return { ename: "Thrown", evalue: text, traceback: [...before, line] };
  }
  const ename = String(thrown.name || "Error");
  const evalue = String(thrown.message);
  if (thrown instanceof CellInterrupted) {
    return { ename, evalue, traceback: [...before, `${ename}: ${evalue}`] };
  }
  const text = headline(thrown);
  const { places, frames } = errorStack(thrown);
  const shown = frameAt(places[0], cells);
  const traceback = [...before, ...wrapLines(text), ...causesOf(thrown, text), ...shown];
  // Omit a single frame that repeats the code frame above it.
  const [place] = places;
  const only = place && frames.length === 1 && frames[0]?.endsWith(` ${placeText(place)}`);
  if (shown.length === 0 || !only) traceback.push(...withoutRepeats(frames));
  return { ename, evalue, traceback };
}

/** The `error` message for type errors in a cell. */
export function describeDiagnostics(
  name: string,
  source: string,
  diagnostics: readonly CellDiagnostic[],
): CellFailure {
  const traceback: string[] = [];
  let at = -1;
  for (const { start, message, code, line, column, suggestion } of diagnostics) {
    const hint = suggestion ? [`  ${suggestion}`] : [];
    if (start === at) {
      traceback.push(...wrapLines(`  ${message}`), ...hint);
      continue;
    }
    at = start;
    traceback.push(...codeFrame(name, source, { line, column }));
    traceback.push(...wrapLines(`TS${code}: ${message}`), ...hint);
  }
  const [first] = diagnostics;
  const more = new Set(diagnostics.map(({ start }) => start)).size - 1;
  const others = more > 0 ? ` (and ${more} more)` : "";
  return {
    ename: "TypeScriptError",
    evalue: `${first?.message ?? "the cell does not compile"}${others}`,
    traceback,
  };
}

/** The causes of an error, a line each, without those whose text it repeats. */
function causesOf(error: Error, text: string): string[] {
  const lines: string[] = [];
  let said = text;
  const queue: unknown[] = [error.cause, ...partsOf(error)];
  for (let count = 1; queue.length > 0 && count < MAX_CAUSES; count++) {
    const cause = queue.shift();
    if (!isError(cause)) continue;
    const [line = ""] = headline(cause).split("\n");
    // A wrapping error often repeats only the first line of its cause.
    const [first = ""] = String(cause.message).split("\n");
    if (!said.includes(first) || !first) {
      lines.push(...wrapLines(`  caused by ${line}`));
      said += line;
    }
    queue.push(cause.cause, ...partsOf(cause));
  }
  return lines;
}

/** The errors in an AggregateError or a SuppressedError (of `using`). */
function partsOf(error: Error): unknown[] {
  if (error instanceof AggregateError) return error.errors;
  return "suppressed" in error && "error" in error ? [error.error, error.suppressed] : [];
}

const placeText = ({ cell, line, column }: CellPlace): string => `${cell}:${line}:${column}`;

function withoutRepeats(frames: readonly string[]): string[] {
  return frames.filter((frame, index) => frame !== frames[index - 1]);
}

function frameAt(place: CellPlace | undefined, cells: ReadonlyMap<string, CellSource>): string[] {
  const cell = place && cells.get(place.cell);
  return cell ? codeFrame(place.cell, cell.source, place) : [];
}

function headline(error: Error): string {
  const text = String(error);
  return text === "[object Object]" ? `${error.name}: ${error.message}` : text;
}

/** Source lines around a position, with a caret under it; empty for a cell of one line. */
function codeFrame(
  name: string,
  source: string,
  { line, column }: { line: number; column: number },
): string[] {
  const lines = source.trimEnd().split("\n");
  if (lines.length === 1) return [];
  const first = Math.max(1, line - 2);
  const last = Math.min(Math.max(lines.length, line), line + 2);
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

/** `instanceof` fails for errors of another realm. */
function isError(value: unknown): value is Error {
  return (
    value instanceof Error ||
    (typeof value === "object" && value !== null && "message" in value && "stack" in value)
  );
}

/**
 * The lines of a text, long ones broken between words and the rest indented as their beginning.
 *
 *     wrapLines("  a hint of many words", 14)   // ["  a hint of", "  many words"]
 */
function wrapLines(text: string, width = WIDTH): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line.replace(/\r$/, ""), width));
}

function wrapLine(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = "";
  // Tables, and commands to copy, stay as they are.
  const isLaidOut = /\S {2,}\S| \\$/.test(line);
  for (const word of isLaidOut ? [line.trimStart()] : line.trimStart().split(" ")) {
    if (current && indent.length + current.length + 1 + word.length > width) {
      lines.push(indent + current);
      current = word;
    } else current = current ? `${current} ${word}` : word;
  }
  return [...lines, (indent + current).trimEnd()];
}
