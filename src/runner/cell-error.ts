import { basename } from "node:path";
import type { KernelExit } from "./kernel-process.ts";
import { cellSource, type NotebookCell } from "./notebook.ts";

/** An error in a cell, without notebook and cell number. */
export interface CellProblem {
  /** Class of the error, or one of `KernelDied`, `TimeLimit`, `NothingRaised`. */
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
  /** Present when the kernel's process ended. */
  readonly exit?: KernelExit;
}

/** Line of the kernel's traceback that names the failing line of the cell. */
const PLACE = /^In\[\d+\], line (\d+)$/;
/** The same in a stack frame. */
const FRAME = /\bIn\[\d+\]:(\d+):\d+\)?$/;

/** The error with which a notebook failed: cell, line and cause. */
export class CellError extends Error {
  override readonly name = "CellError";
  readonly file: string;
  /** From 0, counting every cell. */
  readonly index: number;
  readonly id: string;
  /** Line in the cell, from 1; absent when unknown. */
  readonly line?: number;
  readonly source: string;
  readonly ename: string;
  readonly evalue: string;
  readonly exit?: KernelExit;

  constructor(file: string, index: number, cell: NotebookCell, problem: CellProblem) {
    const source = cellSource(cell);
    const { ename, evalue, traceback, exit } = problem;
    const line = firstLine(traceback);
    const place = `${basename(file)}, cell ${index + 1} (id ${cell.id})`;
    const head = `${place}${line ? `, line ${line}` : ""}: ${ename}: ${evalue.split("\n")[0]}`;
    const shown = traceback.some((text) => PLACE.test(text))
      ? traceback
      : [...traceback, ...numbered(source)];
    const streams = lastLines(cell);
    super([head, ...[...shown, ...streams].map((text) => `  ${text}`)].join("\n"));
    this.file = file;
    this.index = index;
    this.id = cell.id;
    if (line) this.line = line;
    this.source = source;
    this.ename = ename;
    this.evalue = evalue;
    if (exit) this.exit = exit;
    // The runner's own stack says nothing about the notebook.
    this.stack = `${this.name}: ${this.message}`;
  }
}

function firstLine(traceback: readonly string[]): number | undefined {
  for (const pattern of [PLACE, FRAME]) {
    for (const text of traceback) {
      const line = pattern.exec(text)?.[1];
      if (line) return Number(line);
    }
  }
  return undefined;
}

const SHOWN_LINES = 10;

/** The last lines that the cell printed before it failed. */
function lastLines({ outputs = [] }: NotebookCell): string[] {
  return (["stdout", "stderr"] as const).flatMap((name) => {
    const text = outputs
      .flatMap((output) =>
        output.output_type === "stream" && output.name === name ? output.text : [],
      )
      .join("")
      .trimEnd();
    if (text === "") return [];
    const lines = text.split("\n");
    const remaining =
      lines.length > SHOWN_LINES ? [`… ${lines.length - SHOWN_LINES} more lines`] : [];
    return [`${name}:`, ...[...remaining, ...lines.slice(-SHOWN_LINES)].map((line) => `  ${line}`)];
  });
}

function numbered(source: string): string[] {
  const lines = source.split("\n");
  const width = String(lines.length).length;
  return lines.map((text, index) => `${String(index + 1).padStart(width)} | ${text}`.trimEnd());
}
