import { basename } from "node:path";
// The whole module: see refuse-old-node.ts.
import util from "node:util";
import { alignNumbers } from "./align-numbers.ts";
import { type Normalization, normalize } from "./normalize.ts";
import { type CellOutput, cellSource, type Notebook, type NotebookCell } from "./notebook.ts";
import { pictureDifference } from "./picture-difference.ts";

/** Outputs of a cell with this tag are neither compared nor rewritten. */
export const CHANGES = "output-changes";

export interface CompareOptions {
  /** Compare exactly, including ports, times and the metadata of outputs. Default false. */
  strict?: boolean;
  /** Further patterns that differ from run to run. */
  normalize?: readonly Normalization[];
}

/** A cell whose outputs differ from the stored ones. */
export interface OutputDifference {
  /** From 0, counting every cell. */
  readonly index: number;
  readonly id: string;
  /** A diff: lines with `-` are stored ones, lines with `+` are fresh. */
  readonly lines: readonly string[];
}

/** The cells whose outputs differ after normalization. Both notebooks must have the same cells. */
export function compareOutputs(
  stored: Notebook,
  fresh: Notebook,
  options: CompareOptions = {},
): OutputDifference[] {
  return stored.cells.flatMap((cell, index) => {
    const other = fresh.cells[index];
    if (!other || isSame(cell, other, options)) return [];
    const { before, after } = readable(cell, other, options);
    return [{ index, id: cell.id, lines: difference(before, after) }];
  });
}

/**
 * The notebook to write: fresh outputs where they differ after normalization, else the stored ones,
 * so that a rerun without changes leaves the file as it was.
 */
export function mergeOutputs(
  stored: Notebook,
  fresh: Notebook,
  options: CompareOptions = {},
): Notebook {
  const cells = fresh.cells.map((cell, index) => {
    const before = stored.cells[index];
    if (before?.cell_type !== "code" || !isSame(before, cell, options)) return cell;
    // Also when outputs are not compared, the first ones are stored.
    if (isVolatile(cell) && !before.outputs?.length) return cell;
    return { ...cell, outputs: before.outputs ?? [] };
  });
  return { ...fresh, cells };
}

/** The differences of one notebook as a text. */
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
  const { before, after } = readable(a, b, options);
  return before.length === after.length && before.every((line, at) => line === after[at]);
}

/**
 * The lines of all MIME types of two cells' outputs, each with its MIME type as a prefix; lines
 * that are equal after normalization are equal here.
 */
function readable(
  stored: NotebookCell,
  fresh: NotebookCell,
  options: CompareOptions,
): { before: string[]; after: string[] } {
  const [before, after] = [stored, fresh].map(({ outputs = [] }) =>
    outputs.flatMap((output) => formats(output, options)),
  ) as [Format[], Format[]];
  if (!options.strict) {
    for (const [at, [name, content]] of after.entries()) {
      const [other, was] = before[at] ?? [];
      if (name !== PNG || other !== PNG) continue;
      const [left, right] = [was, content].map((text) => String(text).replace(/\s/g, "")) as [
        string,
        string,
      ];
      const apart = pictureDifference(left, right) ?? [PNG, PNG];
      before[at] = [PNG, apart[0]];
      after[at] = [PNG, apart[1]];
    }
  }
  const lines = toTextLines(before, options);
  const others = toTextLines(after, options);
  return { before: lines, after: options.strict ? others : alignNumbers(lines, others) };
}

type Format = readonly [name: string, content: unknown];
const PNG = "image/png";

function toTextLines(formats: readonly Format[], { normalize: extra, strict }: CompareOptions) {
  return formats.flatMap(([name, content]) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    const lines = (strict ? text : normalize(text, extra)).split("\n");
    return lines.map((line) => `${name}: ${line}`);
  });
}

function formats(output: CellOutput, { strict }: CompareOptions): Format[] {
  switch (output.output_type) {
    case "stream":
      return [[output.name, join(output.text)]];
    case "error":
      return [["error", [output.ename, output.evalue, ...output.traceback].join("\n")]];
    default: {
      const metadata = Object.keys(output.metadata ?? {}).length > 0;
      const all = Object.entries(output.data)
        .map(([mime, content]): Format => [mime, join(content)])
        .sort(([a], [b]) => (a < b ? -1 : 1));
      return strict && metadata ? [...all, ["metadata", output.metadata]] : all;
    }
  }
}

/** nbformat stores text as lines, and accepts it as one string. */
function join(content: unknown): unknown {
  return Array.isArray(content) ? content.join("") : content;
}

const MOST_LINES = 12;
const MOST_COLUMNS = 140;

/** The hunks in which two texts differ, with positions; long lines are shortened. */
function difference(stored: readonly string[], fresh: readonly string[]): string[] {
  const differences: string[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  let equal = 0;
  const flush = () => {
    const cut = firstDifference(removed[0] ?? "", added[0] ?? "");
    const lines = [...marked("-", removed, cut), ...marked("+", added, cut)];
    if (lines.length > 0 && differences.length > 0) differences.push(`… ${equal} the same`);
    differences.push(...lines);
    if (lines.length > 0) equal = 0;
    removed = [];
    added = [];
  };
  for (const [side, line] of changes(stored, fresh)) {
    if (side === 0) {
      flush();
      equal++;
    } else if (side > 0) removed.push(line);
    else added.push(line);
  }
  flush();
  const most = 4 * MOST_LINES;
  if (differences.length <= most) return differences;
  return [...differences.slice(0, most), `… ${differences.length - most} more lines`];
}

/** Above this number of lines, the differing range is reported as one hunk. */
const MOST_COMPARED = 2000;

/** Each line with 1 when it is only in `stored`, -1 when only in `fresh`, 0 when in both. */
function changes(
  stored: readonly string[],
  fresh: readonly string[],
): (readonly [number, string])[] {
  let start = 0;
  while (start < stored.length && start < fresh.length && stored[start] === fresh[start]) start++;
  let end = 0;
  const shorter = Math.min(stored.length, fresh.length) - start;
  while (end < shorter && stored.at(-1 - end) === fresh.at(-1 - end)) end++;
  const removed = stored.slice(start, stored.length - end);
  const added = fresh.slice(start, fresh.length - end);
  const count = removed.length + added.length;
  // `util.diff` throws when both are empty.
  if (count > 0 && count <= MOST_COMPARED) return util.diff(removed, added);
  return [
    ...removed.map((line) => [1, line] as const),
    ...added.map((line) => [-1, line] as const),
  ];
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
