/** An entry of a history reply: session, number, source, and output if requested. */
type HistoryItem = readonly [session: number, line: number, source: string | readonly unknown[]];

interface Cell {
  readonly line: number;
  readonly source: string;
  output: string | null;
}

/** The only session: cells may hold secrets, so history is never stored on disk. */
const SESSION = 1;

/** The cells that this kernel ran, for `history_request`. */
export class SessionHistory {
  readonly #cells: Cell[] = [];

  /** @returns a function that records the cell's value as text */
  add(line: number, source: string): (output: string) => void {
    const cell: Cell = { line, source, output: null };
    this.#cells.push(cell);
    return (output) => {
      cell.output = output;
    };
  }

  /** Entries for a request of any access type: `range`, `tail` or `search`. */
  find(request: Record<string, unknown>): HistoryItem[] {
    const { output = false } = request;
    return this.#select(request).map(({ line, source, output: value }) => [
      SESSION,
      line,
      output ? [source, value] : source,
    ]);
  }

  #select(request: Record<string, unknown>): Cell[] {
    const { hist_access_type: type, n, pattern = "*", unique = false } = request;
    switch (type) {
      case "range": {
        // 0 and negative numbers are relative to the current session.
        const { session = 0, start = 1, stop } = request;
        if (session !== 0 && session !== SESSION) return [];
        const end = typeof stop === "number" ? stop : Number.POSITIVE_INFINITY;
        return this.#cells.filter(({ line }) => line >= Number(start) && line < end);
      }
      case "search": {
        const glob = globToRegExp(String(pattern));
        let matches = this.#cells.filter(({ source }) => glob.test(source));
        if (unique) {
          matches = matches.filter(
            ({ source }, index) =>
              matches.findLastIndex((cell) => cell.source === source) === index,
          );
        }
        return last(matches, n);
      }
      default:
        return last(this.#cells, n);
    }
  }
}

function last(cells: Cell[], n: unknown): Cell[] {
  return typeof n === "number" ? cells.slice(Math.max(0, cells.length - n)) : cells;
}

/** `*` matches any text, `?` any character. */
function globToRegExp(glob: string): RegExp {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`, "s");
}
