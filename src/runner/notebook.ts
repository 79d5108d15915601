import { readFile } from "node:fs/promises";
import { asNotebook, NotebookError } from "./notebook-format.ts";
import { replaceFile } from "./replace-file.ts";

/** One output of a cell, as nbformat 4.5 stores it. */
export type CellOutput =
  | { output_type: "stream"; name: "stdout" | "stderr"; text: string[] }
  | { output_type: "display_data"; data: OutputData; metadata: object }
  | {
      output_type: "execute_result";
      data: OutputData;
      execution_count: number | null;
      metadata: object;
    }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] };

/** MIME types to content: text as lines that keep their line ends. */
export type OutputData = Record<string, unknown>;

export interface NotebookCell {
  cell_type: string;
  id: string;
  metadata: { tags?: string[]; [key: string]: unknown };
  source: string | string[];
  outputs?: CellOutput[];
  execution_count?: number | null;
  [key: string]: unknown;
}

/** https://nbformat.readthedocs.io/en/latest/format_description.html */
export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
  [key: string]: unknown;
}

/**
 * Reads a notebook, whatever wrote it: see `asNotebook`.
 *
 * @throws NotebookError `UNREADABLE`, `NOT_A_NOTEBOOK`, `OTHER_FORMAT`
 */
export async function readNotebook(file: string): Promise<Notebook> {
  let parsed: unknown;
  try {
    const text = await readFile(file, "utf8");
    // Editors on Windows write a byte order mark, which is no JSON.
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const why = (cause as Error).message;
    throw new NotebookError("UNREADABLE", `${file} cannot be read as a notebook: ${why}`, {
      cause,
    });
  }
  return asNotebook(parsed, file);
}

/** As Jupyter writes it: keys sorted, one space a level, a line end at the end. */
export function formatNotebook(notebook: Notebook): string {
  return `${JSON.stringify(notebook, sortKeys, 1)}\n`;
}

/** Writes a notebook whole, or leaves the file as it was and throws the system's error. */
export function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  return replaceFile(file, formatNotebook(notebook));
}

export function cellSource({ source }: NotebookCell): string {
  return typeof source === "string" ? source : source.join("");
}

/** Text as nbformat stores it: lines that keep their line ends. */
export function toLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
