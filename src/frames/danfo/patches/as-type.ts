import { isMissing } from "../../../core/missing.ts";
import {
  type Methods,
  type NDframe,
  type PatchTarget,
  placeOf,
  valuesOf,
} from "./danfo-internals.ts";
import { WITH_COMMA } from "./text-column.ts";

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
    return withTypes(this, convert(valuesOf(this), dtype), [dtype], options);
  } as Methods[string];

  frames.asType = function converted(
    this: Copied,
    column: string,
    dtype: string,
    options?: Inplace,
  ) {
    const at = placeOf(this, column);
    const rows = this.values as unknown[][];
    const cells = rows.map((row) => row[at]);
    const values = convert(cells, dtype).map((value, row) => (rows[row] ?? []).with(at, value));
    return withTypes(this, values, this.dtypes.with(at, dtype), options);
  } as Methods[string];
}

function withTypes(data: Copied, values: unknown[], dtypes: string[], options?: Inplace): unknown {
  const target = options?.inplace ? data : data.copy();
  target.$setValues(values, false);
  target.$dtypes = dtypes;
  return options?.inplace ? undefined : target;
}

interface Copied extends NDframe {
  copy(): NDframe;
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
  const text = JSON.stringify(String(value).slice(0, 40));
  const remedy = WITH_COMMA.test(text.slice(1, -1))
    ? 'where files have decimal commas, load them with { decimal: "," }'
    : `where it means that there is no value, load the file with { nulls: [${text}] }`;
  throw new Error(`${text} is no number: ${remedy}`);
}
