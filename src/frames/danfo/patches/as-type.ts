import { isMissing } from "../../../core/missing.ts";
import { type FrameOrSeries, type Methods, type PatchTarget, placeOf } from "./danfo-internals.ts";

interface Inplace {
  readonly inplace?: boolean;
}

const CONVERSIONS: Readonly<Record<string, (value: unknown) => unknown>> = {
  float32: numberOf,
  // `| 0` would wrap, and `+ 0` makes 0 of -0.
  int32: (value) => Math.trunc(numberOf(value)) + 0,
  string: (value) => (value instanceof Date ? value.toISOString() : String(value)),
  boolean: Boolean,
};

/** What is null stays null, whatever it is turned into; what was converted stays as it was. */
export function patchAsType({ frames, series }: PatchTarget): void {
  series.asType = function converted(this: Copied, dtype: string, options?: Inplace) {
    const values = convert(this.values as unknown[], dtype);
    const target = options?.inplace ? this : this.copy();
    target.$setValues(values, false);
    target.$dtypes = [dtype];
    return options?.inplace ? undefined : target;
  } as Methods[string];

  frames.asType = function converted(
    this: Copied,
    column: string,
    dtype: string,
    options?: Inplace,
  ) {
    const at = placeOf(this, column);
    const rows = this.values as unknown[][];
    const values = convert(
      rows.map((row) => row[at]),
      dtype,
    );
    const target = options?.inplace ? this : this.copy();
    const dtypes = target.dtypes.map((each, place) => (place === at ? dtype : each));
    target.$setValues(
      rows.map((row, place) => row.map((each, j) => (j === at ? values[place] : each))),
    );
    target.$dtypes = dtypes;
    return options?.inplace ? undefined : target;
  } as Methods[string];
}

interface Copied extends FrameOrSeries {
  copy(): FrameOrSeries;
}

function convert(values: readonly unknown[], dtype: string): unknown[] {
  const conversion = CONVERSIONS[dtype];
  if (!conversion) {
    throw new Error(`cannot convert to ${dtype}; there are ${Object.keys(CONVERSIONS).join(", ")}`);
  }
  return values.map((value) => (!isMissing(value) ? conversion(value) : null));
}

function numberOf(value: unknown): number {
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (!Number.isNaN(number)) return number;
  throw new Error(`"${String(value).slice(0, 40)}" is no number`);
}
