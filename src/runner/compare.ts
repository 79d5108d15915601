import { basename } from "node:path";
import { type Normalization, normalize } from "./normalize.ts";
import { type CellOutput, cellSource, type Notebook, type NotebookCell } from "./notebook.ts";

/** Outputs of a cell with this tag may be anything: they are neither compared nor rewritten. */
export const CHANGES = "output-changes";

export interface CompareOptions {
  /** What else differs from run to run. */
  normalize?: readonly Normalization[];
}

/** A cell whose outputs are not those that are stored. */
export interface OutputDifference {
  /** From 0, counting every cell. */
  readonly index: number;
  readonly id: string;
  /** Lines with `-` for what is stored and `+` for what came out. */
  readonly lines: readonly string[];
}

/** Cells whose outputs differ by more than what always differs. The notebooks have equal cells. */
export function compareOutputs(
  stored: Notebook,
  fresh: Notebook,
  options: CompareOptions = {},
): OutputDifference[] {
  return stored.cells.flatMap((cell, index) => {
    const other = fresh.cells[index];
    if (!other || isSame(cell, other, options)) return [];
    const lines = difference(readable(cell, options), readable(other, options));
    return [{ index, id: cell.id, lines }];
  });
}

/**
 * The notebook to write: fresh outputs where they differ, the stored ones where only what always
 * differs does. So a rerun of what has not changed leaves the file as it was.
 */
export function mergeOutputs(
  stored: Notebook,
  fresh: Notebook,
  options: CompareOptions = {},
): Notebook {
  const cells = fresh.cells.map((cell, index) => {
    const before = stored.cells[index];
    if (before?.cell_type !== "code" || !isSame(before, cell, options)) return cell;
    // The first run of a cell whose outputs are not compared still has to be kept.
    if (isVolatile(cell) && !before.outputs?.length) return cell;
    return { ...cell, outputs: before.outputs ?? [] };
  });
  return { ...fresh, cells };
}

/** What a person reads about the differences of one notebook. */
export function describeDifferences(
  file: string,
  differences: readonly OutputDifference[],
): string {
  return differences
    .map(({ index, id, lines }) => {
      const head = `${basename(file)}, cell ${index + 1} (id ${id}): the output is not the one stored`;
      return [head, ...lines.map((line) => `  ${line}`)].join("\n");
    })
    .join("\n");
}

function isVolatile(cell: NotebookCell): boolean {
  return cell.metadata.tags?.includes(CHANGES) ?? false;
}

function isSame(a: NotebookCell, b: NotebookCell, options: CompareOptions): boolean {
  if (a.cell_type !== "code" || isVolatile(b)) return true;
  if (cellSource(a) !== cellSource(b)) return false;
  return comparable(a, options) === comparable(b, options);
}

function comparable(cell: NotebookCell, options: CompareOptions): string {
  return readable(cell, options).join("\n");
}

/** Every line of every format of a cell's outputs, each with the format's name before it. */
function readable({ outputs = [] }: NotebookCell, { normalize: extra }: CompareOptions): string[] {
  return outputs.flatMap((output) =>
    formats(output).flatMap(([name, content]) => {
      const text = typeof content === "string" ? content : JSON.stringify(content);
      return normalize(text, extra)
        .split("\n")
        .map((line) => `${name}: ${line}`);
    }),
  );
}

function formats(output: CellOutput): [name: string, content: unknown][] {
  switch (output.output_type) {
    case "stream":
      return [[output.name, join(output.text)]];
    case "error":
      return [["error", [output.ename, output.evalue, ...output.traceback].join("\n")]];
    default:
      return Object.entries(output.data)
        .map(([mime, content]): [string, unknown] => [mime, join(content)])
        .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** nbformat stores text as lines, and accepts it as one string. */
function join(content: unknown): unknown {
  return Array.isArray(content) ? content.join("") : content;
}

const MOST_LINES = 12;
const MOST_COLUMNS = 140;

/** The stretch in which two texts differ, long lines cut to where they do. */
function difference(stored: readonly string[], fresh: readonly string[]): string[] {
  let start = 0;
  while (start < stored.length && start < fresh.length && stored[start] === fresh[start]) start++;
  let end = 0;
  const shorter = Math.min(stored.length, fresh.length) - start;
  while (end < shorter && stored.at(-1 - end) === fresh.at(-1 - end)) end++;
  const removed = stored.slice(start, stored.length - end);
  const added = fresh.slice(start, fresh.length - end);
  const cut = firstDifference(removed[0] ?? "", added[0] ?? "");
  return [...marked("-", removed, cut), ...marked("+", added, cut)];
}

function marked(sign: string, lines: readonly string[], cut: number): string[] {
  const from = Math.max(0, cut - MOST_COLUMNS / 2);
  const shown = lines.slice(0, MOST_LINES).map((line) => {
    if (line.length <= MOST_COLUMNS) return `${sign} ${line}`;
    const name = line.slice(0, line.indexOf(":") + 1);
    return `${sign} ${name} …${line.slice(from, from + MOST_COLUMNS)}…`;
  });
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `${sign} … ${more} more lines`] : shown;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
