import type { DanfoModule } from "../danfo-module.ts";
import type { Methods, NDframe, PatchTarget } from "./danfo-internals.ts";
import { dateText } from "./value-keys.ts";

/** Frames are printed with dates in UTC, and a text function of null gives null. */
export function patchText({ danfo, frames, series }: PatchTarget): void {
  for (const methods of [frames, series] as Record<"toString", Methods[string]>[]) {
    const original = methods.toString as Methods[string];
    methods.toString = function printed(this: NDframe) {
      const isDated = this.dtypes.includes("datetime");
      return original.call((isDated ? dated(danfo, this) : this) as never);
    } as Methods[string];
  }
  const words = danfo.Str.prototype as unknown as Methods;
  for (const name of Object.getOwnPropertyNames(words).filter((each) => each !== "constructor")) {
    const original = words[name];
    words[name] = function worded(this: { series: NDframe }, ...options: never[]) {
      const made = original?.apply(this as never, options) as NDframe | undefined;
      const target = made ?? this.series;
      const values = target.values as unknown[];
      if (values.some((value) => Number.isNaN(value))) {
        target.$setValues(values.map((value) => (Number.isNaN(value) ? null : value)));
      }
      return made;
    } as Methods[string];
  }
}

// More rows than Danfo prints.
const PRINTED = 100;

function dated(danfo: DanfoModule, data: NDframe): unknown {
  const plain = (value: unknown) => (value instanceof Date ? dateText(value) : value);
  const index = data.index.slice(0, PRINTED);
  const { columns } = data;
  const rows = (data.values as unknown[]).slice(0, PRINTED);
  if (data.$isSeries) return new danfo.Series(rows.map(plain) as never[], { columns, index });
  const values = (rows as unknown[][]).map((row) => row.map(plain)) as never[];
  return new danfo.DataFrame(values, { columns, index });
}
