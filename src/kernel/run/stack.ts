import { dirname, isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutGeneration } from "./loader.ts";
import type { Position } from "./text-edits.ts";

/** What is needed to tell where in a cell something happened. */
export interface CellSource {
  readonly source: string;
  /** Leads a place of the code that ran back to the cell. */
  readonly locate: (place: Position) => Position | undefined;
}

export interface CellPlace extends Position {
  /** `In[3]`. */
  readonly cell: string;
}

interface CellStack {
  /** Places in cells, innermost first. */
  readonly places: readonly CellPlace[];
  /** Lines such as `    at total (In[3]:2:7)`: cells and the reader's own modules. */
  readonly frames: readonly string[];
}

const kernelFolder = dirname(dirname(fileURLToPath(import.meta.url)));
/** What the package consists of, as opposed to the notebooks and the reader's own modules. */
const packageFolder = dirname(kernelFolder);
const stacks = new WeakMap<object, CellStack>();

/** What the stack of an error says about cells; empty when it has no stack of this process. */
export function errorStack(error: Error): CellStack {
  // Reading the stack formats it, which is when the places are noted.
  void error.stack;
  return stacks.get(error) ?? { places: [], frames: [] };
}

/** Notes where in a cell an error belongs whose own stack does not say so. */
export function placeError(error: unknown, place: CellPlace | undefined): void {
  if (!(error instanceof Error) || !place) return;
  const { places, frames } = errorStack(error);
  if (places.length === 0) stacks.set(error, { places: [place], frames });
}

/**
 * Makes every stack trace of this process speak of cells and their lines, and end where the
 * kernel begins. https://v8.dev/docs/stack-trace-api
 *
 * @param locateModule leads a place in one of the reader's modules, by its URL, back to its file
 */
export function installStackTraces(
  cells: ReadonlyMap<string, CellSource>,
  locateModule: (url: string, place: Position) => Position,
): void {
  Error.prepareStackTrace = (error, sites) => {
    const places: CellPlace[] = [];
    const frames: string[] = [];
    const all: string[] = [];
    for (const site of sites) {
      const file = site.getScriptNameOrSourceURL() ?? "";
      // What follows is how the kernel runs a cell.
      if (file === "node:inspector" && places.length > 0) break;
      const at = { line: site.getLineNumber() ?? 1, column: site.getColumnNumber() ?? 1 };
      const cell = cells.get(file);
      if (cell) {
        const place = cell.locate(at);
        if (!place) continue;
        places.push({ cell: file, ...place });
        const frame = frameOf(site, `${file}:${place.line}:${place.column}`);
        frames.push(frame);
        all.push(frame);
        continue;
      }
      const path = file.startsWith("file:") ? fileURLToPath(withoutGeneration(file)) : file;
      if (path.startsWith(kernelFolder)) continue;
      if (!isReaders(path)) {
        all.push(`    at ${site}`);
        continue;
      }
      const { line, column } = locateModule(file, at);
      frames.push(frameOf(site, `${relative(process.cwd(), path)}:${line}:${column}`));
      all.push(frameOf(site, `${path}:${line}:${column}`));
    }
    stacks.set(error, { places, frames });
    return [Error.prototype.toString.call(error), ...all].join("\n");
  };
}

/** `    at async Lake.read (lake.ts:3:7)`, with the place as given. */
function frameOf(site: NodeJS.CallSite, place: string): string {
  const text = site.toString();
  const called = /^(.*?) \([^()]*\)$/.exec(text)?.[1];
  return called ? `    at ${called} (${place})` : `    at ${place}`;
}

/** Whether a file is the reader's own: neither Node, nor a package, nor this one. */
function isReaders(path: string): boolean {
  return (
    isAbsolute(path) && !path.startsWith(packageFolder) && !/[\\/]node_modules[\\/]/.test(path)
  );
}
