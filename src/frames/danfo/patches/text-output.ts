import type { DanfoModule } from "../load-danfo.ts";
import { isKnown } from "../missing.ts";
import { writeLocal } from "../write-local.ts";
import type { CsvOptions, Inside, Methods, Values } from "./danfo-internals.ts";
import { dateText, labelOf } from "./value-keys.ts";

/**
 * Texts of frames: CSV whose fields are quoted where they have to be, dates in UTC, and null where
 * a text function had null.
 */
export function mendTexts(
  danfo: DanfoModule,
  { csv }: Inside,
  frames: Methods,
  series: Methods,
): void {
  csv.$toCSV = (data: Values, options: CsvOptions = {}) => {
    const { sep = ",", header = true, filePath } = options;
    const rows = data.$isSeries
      ? (data.values as unknown[]).map((value) => [value])
      : (data.values as unknown[][]);
    const lines = header ? [data.columns, ...rows] : rows;
    const text = lines
      .map((line) => `${line.map((cell) => field(cell, sep)).join(sep)}\n`)
      .join("");
    if (filePath === undefined) return text;
    writeLocal(filePath, ".csv", text);
    return undefined;
  };
  for (const methods of [frames, series] as Record<"toString", Methods[string]>[]) {
    const original = methods.toString as Methods[string];
    methods.toString = function printed(this: Values) {
      const isDated = this.dtypes.includes("datetime");
      return original.call((isDated ? dated(danfo, this) : this) as never);
    } as Methods[string];
  }
  const words = danfo.Str.prototype as unknown as Methods;
  for (const name of Object.getOwnPropertyNames(words).filter((each) => each !== "constructor")) {
    const original = words[name];
    words[name] = function worded(this: { series: Values }, ...options: never[]) {
      const made = original?.apply(this as never, options) as Values | undefined;
      const target = made ?? this.series;
      const values = target.values as unknown[];
      if (values.some((value) => Number.isNaN(value))) {
        target.$setValues(values.map((value) => (Number.isNaN(value) ? null : value)));
      }
      return made;
    } as Methods[string];
  }
}

/** As RFC 4180 has it; null is an empty field and empty text is `""`. */
function field(value: unknown, separator: string): string {
  if (!isKnown(value)) return "";
  const text = String(labelOf(value));
  const isQuoted = text === "" || /["\r\n]/.test(text) || text.includes(separator);
  return isQuoted ? `"${text.replaceAll('"', '""')}"` : text;
}

// More rows than Danfo prints.
const PRINTED = 100;

function dated(danfo: DanfoModule, data: Values): unknown {
  const plain = (value: unknown) => (value instanceof Date ? dateText(value) : value);
  const index = data.index.slice(0, PRINTED);
  const { columns } = data;
  const rows = (data.values as unknown[]).slice(0, PRINTED);
  if (data.$isSeries) return new danfo.Series(rows.map(plain) as never[], { columns, index });
  const values = (rows as unknown[][]).map((row) => row.map(plain)) as never[];
  return new danfo.DataFrame(values, { columns, index });
}
