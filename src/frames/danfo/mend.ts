import { describe } from "./describe.ts";
import { addDisplay } from "./display-hook.ts";
import type { DanfoModule, DataFrame } from "./load-danfo.ts";
import { mendArithmetic } from "./patches/arithmetic.ts";
import { mendComparing } from "./patches/comparing.ts";
import { mendConcatenating } from "./patches/concatenating.ts";
import { mendConverting } from "./patches/converting.ts";
import type { Inside, Methods } from "./patches/danfo-internals.ts";
import { mendDates } from "./patches/dates.ts";
import { mendDistinct } from "./patches/distinct.ts";
import { mendTypes } from "./patches/dtypes.ts";
import { mendGrouping } from "./patches/grouping.ts";
import { mendWriting } from "./patches/local-files.ts";
import { mendMerging } from "./patches/merging.ts";
import { mendSelecting } from "./patches/selecting.ts";
import { mendSharing } from "./patches/sharing.ts";
import { mendSorting } from "./patches/sorting.ts";
import { mendTexts } from "./patches/text-output.ts";

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
