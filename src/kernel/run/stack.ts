import { dirname, isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutGeneration } from "./loader.ts";
import type { Position } from "./text-edits.ts";

/** Data to locate an error in a cell. */
export interface CellSource {
  readonly source: string;
  /** Maps a position in the compiled code to the cell. */
  readonly locate: (place: Position) => Position | undefined;
}

export interface CellPlace extends Position {
  /** `In[3]`. */
  readonly cell: string;
}

interface CellStack {
  /** Positions in cells, innermost first. */
  readonly places: readonly CellPlace[];
  /** Lines such as `    at total (In[3]:2:7)`, of cells and the user's own modules. */
  readonly frames: readonly string[];
}

const kernelFolder = dirname(dirname(fileURLToPath(import.meta.url)));
/** The package's own code, as opposed to notebooks and the user's modules. */
const packageFolder = dirname(kernelFolder);
const stacks = new WeakMap<object, CellStack>();

/** The cell frames in the stack of an error; empty when it has no stack of this process. */
export function errorStack(error: Error): CellStack {
  // Reading `stack` formats it, which records the positions.
  void error.stack;
  return stacks.get(error) ?? { places: [], frames: [] };
}

/** Sets the position in a cell of an error whose stack lacks it. */
export function placeError(error: unknown, place: CellPlace | undefined): void {
  if (!(error instanceof Error) || !place) return;
  const { places, frames } = errorStack(error);
  if (places.length === 0) stacks.set(error, { places: [place], frames });
}

/**
 * Makes all stack traces of this process refer to cells and their lines, and end where the kernel
 * begins. https://v8.dev/docs/stack-trace-api
 *
 * @param locateModule maps a position in one of the user's modules, by its URL, to its file
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
      // The frames below are the kernel's.
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
      if (!isUserFile(path)) {
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

/** `    at async Lake.read (lake.ts:3:7)`, with the given position. */
function frameOf(site: NodeJS.CallSite, place: string): string {
  const text = site.toString();
  const called = /^(.*?) \([^()]*\)$/.exec(text)?.[1];
  return called ? `    at ${called} (${place})` : `    at ${place}`;
}

/** Whether a file is the user's own: not of Node, a package, or notelake. */
function isUserFile(path: string): boolean {
  return (
    isAbsolute(path) && !path.startsWith(packageFolder) && !/[\\/]node_modules[\\/]/.test(path)
  );
}
