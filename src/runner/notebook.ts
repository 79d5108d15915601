import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { NotelakeError } from "../core/errors.ts";
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

/** Content by MIME type; text as lines with their line ends. */
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
 * Reads a notebook; see `asNotebook`.
 *
 * @throws NotebookError `UNREADABLE`, `NOT_A_NOTEBOOK`, `OTHER_FORMAT`
 */
export async function readNotebook(file: string): Promise<Notebook> {
  let parsed: unknown;
  try {
    const text = await readFile(file, "utf8");
    // Some editors write a byte order mark, which JSON.parse rejects.
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const why = (cause as Error).message;
    throw new NotebookError("UNREADABLE", `${file} cannot be read as a notebook: ${why}`, {
      cause,
    });
  }
  return asNotebook(parsed, file);
}

/** The JSON as Jupyter writes it: sorted keys, one space of indentation, a final line end. */
export function formatNotebook(notebook: Notebook): string {
  return `${JSON.stringify(notebook, sortKeys, 1)}\n`;
}

/**
 * Writes a notebook atomically. On failure the file is unchanged.
 *
 * @throws the system's error
 */
export function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  return replaceFile(file, formatNotebook(notebook));
}

export function cellSource({ source }: NotebookCell): string {
  return typeof source === "string" ? source : source.join("");
}

/** Text as nbformat stores it: lines with their line ends. */
export function toLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A file is not a notebook that can be run here. */
export class NotebookError extends NotelakeError {
  override readonly name = "NotebookError";
}

/** Cell ids that nbformat allows. */
const CELL_ID = /^[\w-]{1,64}$/;

/**
 * The notebook in a parsed file, with missing parts added: metadata of notebook and cells, sources,
 * outputs, and unique cell ids.
 *
 * @throws NotebookError `NOT_A_NOTEBOOK`, `OTHER_FORMAT`
 */
export function asNotebook(parsed: unknown, file: string): Notebook {
  const { nbformat, nbformat_minor: minor, cells, ...rest } = asObject(parsed) ?? {};
  if (typeof nbformat === "number" && nbformat >= 1 && nbformat < 4) {
    throw new NotebookError(
      "OTHER_FORMAT",
      `${file} is of nbformat ${nbformat}, which is too old`,
      {
        hint: `Bring it to nbformat 4: jupyter nbconvert --to notebook --nbformat 4 --inplace ${file}`,
      },
    );
  }
  if (typeof nbformat === "number" && nbformat > 4) {
    throw new NotebookError(
      "OTHER_FORMAT",
      `${file} is of nbformat ${nbformat}, which is too new`,
      {
        hint: "This version of notelake reads nbformat 4: look for a newer notelake.",
      },
    );
  }
  if (nbformat !== 4 || !Array.isArray(cells)) {
    throw new NotebookError("NOT_A_NOTEBOOK", `${file} is no notebook of nbformat 4`, {
      hint: "A notebook is a JSON object with `nbformat`: 4 and a list of `cells`.",
    });
  }
  const taken = new Set<string>();
  const all = cells.map((cell, index) => asCell(cell, { file, index, taken }));
  const metadata = asObject(rest.metadata) ?? {};
  // Ids came with 4.5.
  return {
    ...rest,
    cells: all,
    metadata,
    nbformat,
    nbformat_minor: Math.max(5, Number(minor) || 0),
  };
}

interface CellPlace {
  readonly file: string;
  readonly index: number;
  readonly taken: Set<string>;
}

function asCell(parsed: unknown, { file, index, taken }: CellPlace): NotebookCell {
  const cell = asObject(parsed);
  const type = cell?.cell_type;
  if (!cell || typeof type !== "string") {
    throw new NotebookError("NOT_A_NOTEBOOK", `cell ${index + 1} of ${file} has no cell_type`);
  }
  const { id, metadata, source, ...rest } = cell;
  const text = Array.isArray(source) ? source.map(String) : String(source ?? "");
  const code = type === "code" && {
    outputs: Array.isArray(cell.outputs) ? cell.outputs : [],
    execution_count: typeof cell.execution_count === "number" ? cell.execution_count : null,
  };
  const own = typeof id === "string" && CELL_ID.test(id) && !taken.has(id) ? id : undefined;
  const unique = own ?? newId(`${index}\n${[text].flat().join("")}`, taken);
  taken.add(unique);
  return {
    ...rest,
    ...code,
    cell_type: type,
    id: unique,
    metadata: asObject(metadata) ?? {},
    source: text,
  };
}

/** Derived from the cell's content, so that reading a file twice gives the same ids. */
function newId(seed: string, taken: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt++) {
    const id = hash("sha256", `${attempt}\n${seed}`).slice(0, 8);
    if (!taken.has(id)) return id;
  }
}

/** Names of TypeScript kernels, for notebooks that declare no language. */
const OUR_KERNELS = /notelake|tslab|typescript|deno/i;

/**
 * Refuses a notebook of another language. One that declares no kernel is taken for TypeScript.
 *
 * @throws NotebookError `FOREIGN_KERNEL`
 */
export function refuseForeignKernel({ metadata }: Notebook, file: string): void {
  const spec = asObject(metadata.kernelspec) ?? {};
  const language = spec.language ?? asObject(metadata.language_info)?.name;
  const name = [spec.display_name, spec.name].find((text) => typeof text === "string");
  const isOurs =
    typeof language === "string"
      ? /^typescript$/i.test(language)
      : name === undefined || OUR_KERNELS.test(`${spec.display_name} ${spec.name}`);
  if (isOurs) return;
  const kernel = [name && `the kernel ${name}`, language && `the language ${language}`];
  throw new NotebookError(
    "FOREIGN_KERNEL",
    `${file} is written for ${kernel.filter(Boolean).join(" and ")}, not for TypeScript`,
    {
      hint:
        `Run it with its own kernel: jupyter execute ${file}\n` +
        'If its cells are TypeScript, choose the kernel "TypeScript (notelake)" in it and save it.',
    },
  );
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
