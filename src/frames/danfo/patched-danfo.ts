import type { DanfoModule } from "./danfo-module.ts";
import { addDisplay } from "./display-hook.ts";
import { internals, danfo as published } from "./library.ts";
import { patchArithmetic } from "./patches/arithmetic.ts";
import { patchAsType } from "./patches/as-type.ts";
import { patchColumnAccess } from "./patches/column-access.ts";
import { patchComparison } from "./patches/comparison.ts";
import { patchConcat } from "./patches/concat.ts";
import { patchCopyRows } from "./patches/copy-rows.ts";
import type { Methods, PatchTarget } from "./patches/danfo-internals.ts";
import { patchDateAccessor } from "./patches/date-accessor.ts";
import { patchDistinct } from "./patches/distinct.ts";
import { patchDtypes } from "./patches/dtypes.ts";
import { patchFileOutput } from "./patches/file-output.ts";
import { patchGroupBy } from "./patches/group-by.ts";
import { patchMerge } from "./patches/merge.ts";
import { patchRefusals } from "./patches/refusals.ts";
import { patchSortValues } from "./patches/sort-values.ts";
import { patchDescribe } from "./patches/statistics.ts";
import { patchText } from "./patches/text.ts";

/**
 * Danfo gives some answers that are wrong without a sign. Each of these corrects one kind of them,
 * or makes it an error. The order matters to the first two: both wrap `fillNa`, and the types are
 * those of the copy that the first one makes.
 */
const PATCHES: readonly ((target: PatchTarget) => void)[] = [
  patchCopyRows, // a change of one frame is none of another
  patchDtypes, // types come from all values, not from the first ten
  patchGroupBy, // groups are told apart by the values of their keys, not by their texts put together
  patchSortValues, // nulls come last, where Danfo takes null for 0
  patchComparison, // nothing is smaller or larger than null, or equal to it
  patchArithmetic, // whatever is done to null is null
  patchRefusals, // texts and dates are no numbers, and charts are not Danfo's
  patchDistinct, // equal dates are one value, and the text 5 is not the number
  patchAsType, // null stays null, and what was converted stays as it was
  patchDateAccessor, // `dt` reads UTC, not this machine's time zone
  patchMerge, // rows join whose keys are equal values of one type
  patchConcat, // frames are put together, and left as they are
  patchText, // dates are printed in UTC
  patchFileOutput, // fields of CSV are quoted, and files are whole or not there
  patchColumnAccess, // a column called `shape` does not replace the frame's shape
  patchDescribe, // statistics pass over nulls
];

function patch(danfo: DanfoModule): DanfoModule {
  const frames = Object.getPrototypeOf(danfo.DataFrame.prototype) as Methods;
  const series = Object.getPrototypeOf(danfo.Series.prototype) as Methods;
  for (const apply of PATCHES) apply({ danfo, internals, frames, series });
  addDisplay(frames);
  addDisplay(series);
  return danfo;
}

/** The dataframe library, with its known wrong answers patched; to be loaded when it is needed. */
export const danfo = patch(published as DanfoModule);
