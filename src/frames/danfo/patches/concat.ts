import type { ConcatOptions, NDframe, PatchTarget } from "./danfo-internals.ts";

/**
 * Puts frames below or beside each other, and leaves them as they are: Danfo's own appends to the
 * columns of the first. What one of them lacks is null.
 */
export function patchConcat({ danfo, internals }: PatchTarget): void {
  const concat = ({ dfList, axis }: ConcatOptions) => {
    const columns = axis === 1 ? beside(dfList) : below(dfList);
    const [only] = columns.values();
    // As in Danfo, one column below another is a series.
    if (axis !== 1 && columns.size === 1) return new danfo.Series(only as never[]);
    return new danfo.DataFrame(Object.fromEntries(columns));
  };
  internals.concatenating.default = concat;
  internals.exported.concat = concat;
}

type Columns = Map<string, unknown[]>;

function below(frames: readonly NDframe[]): Columns {
  const names = new Set(frames.flatMap(({ columns }) => columns));
  const made: Columns = new Map();
  for (const name of names) {
    const parts = frames.map((frame) => {
      const place = frame.columns.indexOf(name);
      return place < 0 ? nulls(rowsOf(frame)) : columnOf(frame, place);
    });
    made.set(name, parts.flat());
  }
  return made;
}

/** A name that is there already gets a number, as Danfo has it: `total`, `total1`. */
function beside(frames: readonly NDframe[]): Columns {
  const rows = Math.max(...frames.map(rowsOf));
  const made: Columns = new Map();
  for (const frame of frames) {
    for (const [place, name] of frame.columns.entries()) {
      let free = name;
      for (let times = 1; made.has(free); times++) free = `${name}${times}`;
      made.set(free, [...columnOf(frame, place), ...nulls(rows - rowsOf(frame))]);
    }
  }
  return made;
}

function rowsOf({ shape }: NDframe): number {
  return shape[0] ?? 0;
}

function columnOf(frame: NDframe, place: number): unknown[] {
  const held = frame.$isSeries ? [frame.values] : frame.getColumnData;
  return (held as unknown[][])[place] ?? [];
}

function nulls(count: number): null[] {
  return Array.from({ length: count }, () => null);
}
