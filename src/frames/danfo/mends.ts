import type { DataFrame } from "danfojs-node";
import type { DanfoModule } from "./danfo.ts";
import { describe } from "./describe.ts";
import { addDisplay } from "./display-hook.ts";
import { isKnown } from "./missing.ts";

interface Frames {
  readonly columns: string[];
  readonly shape: readonly number[];
  sortValues(...options: unknown[]): unknown;
  groupby(...options: unknown[]): unknown;
  describe(): DataFrame;
  $setInternalColumnDataProperty(column?: string): void;
}

/** Danfo's groups, as far as they are mended; see Groupby in danfojs-node 1.2.0. */
interface Groups {
  groupMathLog(values: unknown[], operation: string): unknown[];
}

/**
 * Mends Danfo answers that are wrong without a sign. As in pandas, the sums, means and the like of
 * a group now pass over nulls, where Danfo took null for 0 and counted it, and are null for a group
 * that has nothing else. `describe` does so too, and leaves out columns that are not numbers. A
 * column called `shape` or `head` no longer replaces the frame's own member of that name.
 */
export function mendDanfo(danfo: DanfoModule): DanfoModule {
  const sample = new danfo.DataFrame([[1]], { columns: ["a"] });
  const groups = Object.getPrototypeOf(sample.groupby(["a"])) as Groups;
  const { groupMathLog } = groups;
  groups.groupMathLog = function mended(this: Groups, values, operation) {
    const known = values.filter(isKnown);
    if (operation === "count") return [known.length];
    if (operation.startsWith("cum")) return running(this, groupMathLog, values, operation);
    if (known.length === 0) return [operation === "sum" ? 0 : null];
    return groupMathLog.call(this, known, operation);
  };
  const frames = Object.getPrototypeOf(danfo.DataFrame.prototype) as Frames;
  frames.describe = function described(this: DataFrame) {
    return describe(danfo, this);
  };
  const { $setInternalColumnDataProperty: giveProperty } = frames;
  frames.$setInternalColumnDataProperty = function given(this: Frames, column) {
    for (const name of column === undefined ? this.columns : [column]) {
      if (!(name in frames)) giveProperty.call(this, name);
    }
  };
  noteWhenLarge(frames);
  addDisplay(frames);
  addDisplay(Object.getPrototypeOf(danfo.Series.prototype));
  return danfo;
}

// Danfo sorts 100,000 rows in some 10 s, and a million not in minutes.
const LARGE = { sortValues: 50_000, groupby: 500_000 } as const;

/** Says where a large frame is sorted or grouped in a second, before Danfo takes minutes over it. */
function noteWhenLarge(frames: Frames): void {
  for (const name of ["sortValues", "groupby"] as const) {
    const original = frames[name];
    frames[name] = function noted(this: Frames, ...options) {
      const rows = this.shape[0] ?? 0;
      if (rows > LARGE[name]) console.warn(noteOn(name, rows));
      return original.apply(this, options);
    };
  }
}

function noteOn(name: "sortValues" | "groupby", rows: number): string {
  const clause = name === "groupby" ? "a, sum(b) from df group by a" : "* from df order by a";
  return `Danfo's ${name} is slow on ${rows.toLocaleString("en")} rows. The engine does it at once: await query(lake, "select ${clause}", { frames: { df } })`;
}

/** A running total skips a null and is null there. */
function running(
  groups: Groups,
  compute: Groups["groupMathLog"],
  values: readonly unknown[],
  operation: string,
): unknown[] {
  const totals = compute.call(groups, values.filter(isKnown), operation).values();
  return values.map((value) => (isKnown(value) ? totals.next().value : null));
}
