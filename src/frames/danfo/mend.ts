import type { DanfoModule, DataFrame } from "./danfo.ts";
import { describe } from "./describe.ts";
import { addDisplay } from "./display-hook.ts";
import { mendArithmetic } from "./mends/arithmetic.ts";
import { mendComparing } from "./mends/comparing.ts";
import { mendConcatenating } from "./mends/concatenating.ts";
import { mendConverting } from "./mends/converting.ts";
import { mendDates } from "./mends/dates.ts";
import { mendDistinct } from "./mends/distinct.ts";
import { mendGrouping } from "./mends/grouping.ts";
import type { Inside, Methods } from "./mends/inside.ts";
import { mendMerging } from "./mends/merging.ts";
import { mendSelecting } from "./mends/selecting.ts";
import { mendSharing } from "./mends/sharing.ts";
import { mendSorting } from "./mends/sorting.ts";
import { mendTexts } from "./mends/texts.ts";
import { mendTypes } from "./mends/types.ts";
import { mendWriting } from "./mends/writing.ts";

interface Frames {
  readonly columns: string[];
  describe(): DataFrame;
  $setInternalColumnDataProperty(column?: string): void;
}

/**
 * Mends Danfo answers that are wrong without a sign, or makes them errors; each file in `mends`
 * says what. `describe` passes over nulls and leaves out columns that are not numbers. A column
 * called `shape` or `head` no longer replaces the frame's own member of that name.
 */
export function mendDanfo(danfo: DanfoModule, inside: Inside): DanfoModule {
  const frames = Object.getPrototypeOf(danfo.DataFrame.prototype) as Frames;
  const series = Object.getPrototypeOf(danfo.Series.prototype) as object;
  const [ofFrames, ofSeries] = [frames as unknown as Methods, series as Methods];
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
  mendWriting(inside);
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
  addDisplay(frames);
  addDisplay(series);
  return danfo;
}
