import { dirname, isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { CellPosition } from "./source-maps.ts";

/** What is needed to tell where in a cell something happened. */
export interface CellSource {
  readonly source: string;
  readonly locate: (line: number, column: number) => CellPosition | undefined;
}

export interface CellPlace extends CellPosition {
  /** `In[3]`. */
  readonly cell: string;
}

interface CellStack {
  /** Places in cells, innermost first. */
  readonly places: readonly CellPlace[];
  /** Lines such as `    at total (In[3]:2:7)`: cells and the reader's own modules. */
  readonly frames: readonly string[];
}

const kernelFolder = dirname(fileURLToPath(import.meta.url));
/** What the package consists of, as opposed to the notebooks and the reader's own modules. */
const packageFolder = dirname(kernelFolder);
const stacks = new WeakMap<object, CellStack>();

/** What the stack of an error says about cells; empty when it has no stack of this process. */
export function errorStack(error: Error): CellStack {
  // Reading the stack formats it, which is when the places are noted.
  void error.stack;
  return stacks.get(error) ?? { places: [], frames: [] };
}

/**
 * Makes every stack trace of this process speak of cells and their lines, and end where the
 * kernel begins. https://v8.dev/docs/stack-trace-api
 */
export function installStackTraces(cells: ReadonlyMap<string, CellSource>): void {
  Error.prepareStackTrace = (error, sites) => {
    const places: CellPlace[] = [];
    const frames: string[] = [];
    const all: string[] = [];
    for (const site of sites) {
      const file = site.getFileName() ?? "";
      const cell = cells.get(file);
      const path = file.startsWith("file:") ? fileURLToPath(file) : file;
      if (!cell) {
        if (path.startsWith(kernelFolder)) continue;
        // What cells declare is kept behind a proxy, and so called on it.
        const frame = `    at ${site}`.replace("at Proxy.", "at ");
        all.push(frame);
        if (isReaders(path)) frames.push(frame.replace(file, relative(process.cwd(), path)));
        continue;
      }
      const at = cell.locate(site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1);
      if (!at) continue;
      places.push({ cell: file, ...at });
      const place = `${file}:${at.line}:${at.column}`;
      const name = site.getFunctionName();
      const frame = name ? `    at ${name} (${place})` : `    at ${place}`;
      frames.push(frame);
      all.push(frame);
    }
    stacks.set(error, { places, frames });
    return [Error.prototype.toString.call(error), ...all].join("\n");
  };
}

/** Whether a file is the reader's own: neither Node, nor a package, nor this one. */
function isReaders(path: string): boolean {
  return (
    isAbsolute(path) && !path.startsWith(packageFolder) && !/[\\/]node_modules[\\/]/.test(path)
  );
}
