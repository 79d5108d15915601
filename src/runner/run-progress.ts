import { type CellReport, describeStillRunning } from "./cell-report.ts";
import type { NotebookReport } from "./run-report.ts";

/**
 * Prints the progress of a run: a line for each cell, then one for its notebook. On a terminal, the
 * last line shows the running cell.
 */
export function createProgress() {
  const running = new Map<string, string>();
  const isTerminal = process.stdout.isTTY === true;
  const print = (text: string) => {
    const status =
      isTerminal && running.size > 0 ? `run   ${[...running.values()].join(", ")}` : "";
    process.stdout.write((isTerminal ? "\r\x1b[K" : "") + text + status);
  };
  return {
    start(file: string) {
      running.set(file, file);
      if (isTerminal) print("");
    },
    cell(file: string, index: number, cells: number) {
      running.set(file, `${file} cell ${index + 1} of ${cells}`);
      if (isTerminal) print("");
    },
    report(file: string, { name, status, duration, reason }: CellReport) {
      const word = { passed: "ok  ", failed: "FAIL", skipped: "skip" }[status];
      const more = status === "skipped" ? `(${reason})` : seconds(duration);
      print(`  ${word}  ${file} > ${name}  ${more}\n`);
    },
    finish({ file, status, duration, cells, error, changed = 0 }: NotebookReport) {
      running.delete(file);
      const took = seconds(duration);
      for (const cell of cells) {
        const notice = describeStillRunning(cell);
        if (!notice) continue;
        if (isTerminal) process.stdout.write("\r\x1b[K");
        process.stderr.write(`note  ${file} > ${cell.name}  ${notice}\n`);
      }
      if (status === "passed") {
        const ran = cells.filter((cell) => cell.status !== "skipped").length;
        const written = changed > 0 ? `, ${changed} written anew` : "";
        print(`ok    ${file}  ${ran} code cells${written}  ${took}\n`);
        return;
      }
      const why = [...cells.map((cell) => cell.error?.message), error].filter(Boolean);
      print(`FAIL  ${file}  ${took}\n${why.join("\n")}\n`);
    },
  };
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
