import type { DataFrame } from "danfojs-node";
import type { DanfoModule } from "./danfo.ts";
import { describe } from "./describe.ts";
import { addDisplay } from "./display-hook.ts";
import { mendArithmetic } from "./mends/arithmetic.ts";
import { mendComparing } from "./mends/comparing.ts";
import { mendConcatenating } from "./mends/concatenating.ts";
import { mendConverting } from "./mends/converting.ts";
import { mendDates } from "./mends/dates.ts";
import { mendDistinct } from "./mends/distinct.ts";
import { mendGrouping } from "./mends/grouping.ts";
import { insideDanfo, type Methods } from "./mends/inside.ts";
import { mendMerging } from "./mends/merging.ts";
import { mendSelecting } from "./mends/selecting.ts";
import { mendSharing } from "./mends/sharing.ts";
import { mendSorting } from "./mends/sorting.ts";
import { mendTexts } from "./mends/texts.ts";
import { mendTypes } from "./mends/types.ts";

interface Frames {
  readonly columns: string[];
  readonly shape: readonly number[];
  groupby(...options: unknown[]): unknown;
  describe(): DataFrame;
  $setInternalColumnDataProperty(column?: string): void;
}

/**
 * Mends Danfo answers that are wrong without a sign, or makes them errors; each file in `mends`
 * says what. `describe` passes over nulls and leaves out columns that are not numbers. A column
 * called `shape` or `head` no longer replaces the frame's own member of that name.
 */
export function mendDanfo(danfo: DanfoModule): DanfoModule {
  const frames = Object.getPrototypeOf(danfo.DataFrame.prototype) as Frames;
  const series = Object.getPrototypeOf(danfo.Series.prototype) as object;
  const [ofFrames, ofSeries] = [frames as unknown as Methods, series as Methods];
  const inside = insideDanfo();
  mendSharing(ofFrames);
  mendTypes(danfo, ofFrames);
  mendGrouping(danfo, ofFrames);
  mendSorting(danfo, ofFrames, ofSeries);
  mendComparing(danfo, ofSeries);
  mendArithmetic(danfo, inside, ofFrames, ofSeries);
  mendDistinct(danfo, ofFrames, ofSeries);
  mendConverting(ofFrames, ofSeries);
  mendDates(danfo);
  mendMerging(danfo, inside);
  mendConcatenating(danfo, inside);
  mendTexts(danfo, inside, ofFrames, ofSeries);
  mendSelecting(ofFrames);
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
  addDisplay(series);
  return danfo;
}

// Danfo groups a million rows in some 3 s.
const LARGE = 500_000;

/** Says where a large frame is grouped in a moment, before Danfo takes long over it. */
function noteWhenLarge(frames: Frames): void {
  const { groupby } = frames;
  frames.groupby = function noted(this: Frames, ...options) {
    const rows = this.shape[0] ?? 0;
    if (rows > LARGE) {
      console.warn(
        `Danfo's groupby is slow on ${rows.toLocaleString("en")} rows. The engine does it at once: await query(lake, "select a, sum(b) from df group by a", { frames: { df } })`,
      );
    }
    return groupby.apply(this, options);
  };
}
