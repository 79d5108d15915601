import type { DanfoModule } from "../load-danfo.ts";
import type { ConcatOptions, Inside, Values } from "./danfo-internals.ts";

/**
 * Puts frames below or beside each other, and leaves them as they are: Danfo's own appends to the
 * columns of the first. What one of them lacks is null.
 */
export function mendConcatenating(danfo: DanfoModule, { concatenating, shown }: Inside): void {
  const concat = ({ dfList, axis }: ConcatOptions) => {
    const columns = axis === 1 ? beside(dfList) : below(dfList);
    const [only] = columns.values();
    // As in Danfo, one column below another is a series.
    if (axis !== 1 && columns.size === 1) return new danfo.Series(only as never[]);
    return new danfo.DataFrame(Object.fromEntries(columns));
  };
  concatenating.default = concat;
  shown.concat = concat;
}

type Columns = Map<string, unknown[]>;

function below(frames: readonly Values[]): Columns {
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
function beside(frames: readonly Values[]): Columns {
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

function rowsOf({ shape }: Values): number {
  return shape[0] ?? 0;
}

function columnOf(frame: Values, place: number): unknown[] {
  const held = frame.$isSeries ? [frame.values] : frame.getColumnData;
  return (held as unknown[][])[place] ?? [];
}

function nulls(count: number): null[] {
  return Array.from({ length: count }, () => null);
}
