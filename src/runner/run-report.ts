import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type CellReport, describeStillRunning } from "./cell-report.ts";
import type { Notebook } from "./notebook.ts";
import { replaceFile } from "./replace-file.ts";

/** Result of one notebook. */
export interface NotebookReport {
  readonly file: string;
  readonly status: "passed" | "failed";
  /** Milliseconds. */
  readonly duration: number;
  readonly cells: readonly CellReport[];
  /** Why it failed, when no cell did. */
  readonly error?: string;
  /** Number of cells whose stored outputs were replaced. */
  readonly changed?: number;
  /** With the outputs of this run; absent when it did not start. */
  readonly notebook?: Notebook;
}

/** Formats of the report file. */
export const REPORTERS: Readonly<Record<string, (reports: readonly NotebookReport[]) => string>> = {
  json: toJson,
  junit: toJunit,
};

export async function writeReport(
  kind: string,
  file: string,
  reports: readonly NotebookReport[],
): Promise<void> {
  const write = REPORTERS[kind];
  if (!write) throw new RangeError(`there is no report ${kind}`);
  await mkdir(dirname(file), { recursive: true });
  await replaceFile(file, write(reports));
}

function toJson(reports: readonly NotebookReport[]): string {
  const notebooks = reports.map(({ file, status, duration, cells, error }) => ({
    file,
    status,
    duration: Math.round(duration),
    ...(error !== undefined && { error }),
    cells: cells.map(({ error: failed, ...cell }) => ({
      ...cell,
      index: cell.index + 1,
      duration: Math.round(cell.duration),
      ...(failed && {
        error: {
          name: failed.ename,
          message: failed.message,
          ...(failed.line && { line: failed.line }),
        },
      }),
    })),
  }));
  const success = reports.every(({ status }) => status === "passed");
  return `${JSON.stringify({ success, notebooks }, null, 2)}\n`;
}

/** JUnit XML as pytest and Vitest write it: a suite for each notebook, a case for each cell. */
function toJunit(reports: readonly NotebookReport[]): string {
  const suites = reports.map((report) => {
    const { file, duration, cells, error } = report;
    const cases = cells.map((cell) => {
      const { name, status, duration: took, reason, error: failed } = cell;
      const attributes = `classname="${xml(file)}" name="${xml(name)}" time="${seconds(took)}"`;
      const notice = describeStillRunning(cell);
      if (status === "passed" && notice) {
        return `    <testcase ${attributes}><system-err>${xml(notice)}</system-err></testcase>`;
      }
      if (status === "passed") return `    <testcase ${attributes}/>`;
      const inner =
        status === "skipped"
          ? `<skipped message="${xml(reason ?? "")}"/>`
          : `<failure type="${xml(failed?.ename ?? "")}" message="${xml(failed?.evalue.split("\n")[0] ?? "")}">${xml(failed?.message ?? "")}</failure>`;
      return `    <testcase ${attributes}>${inner}</testcase>`;
    });
    if (error !== undefined) {
      const [message = ""] = error.split("\n");
      const attributes = `classname="${xml(file)}" name="${xml(file)}" time="${seconds(duration)}"`;
      cases.push(
        `    <testcase ${attributes}><error message="${xml(message)}">${xml(error)}</error></testcase>`,
      );
    }
    return [
      `  <testsuite name="${xml(file)}" ${counts([report])} time="${seconds(duration)}">`,
      ...cases,
      "  </testsuite>",
    ].join("\n");
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="notelake run" ${counts(reports)}>`,
    ...suites,
    "</testsuites>\n",
  ].join("\n");
}

function counts(reports: readonly NotebookReport[]): string {
  const cells = reports.flatMap((report) => report.cells);
  const errors = reports.filter(({ error }) => error !== undefined).length;
  const count = (status: CellReport["status"]) =>
    cells.filter((cell) => cell.status === status).length;
  const tests = cells.length + errors;
  return `tests="${tests}" failures="${count("failed")}" errors="${errors}" skipped="${count("skipped")}"`;
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Escapes text for XML and HTML, and removes what XML cannot contain, such as terminal colours. */
export function xml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
      .replace(/\u001b\[[\d;]*m|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
      .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")
      .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "")
  );
}
