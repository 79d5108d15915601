import { FrameError } from "../core/errors.ts";
import { isKnown } from "./danfo/missing.ts";

/** The SQL type of a dataframe's column. */
export type ColumnType = "text" | "boolean" | "int" | "bigint" | "double" | "date" | "timestamp";

const DAY = 86_400_000;

/** Engines, and most that reads what they write, do not tell `A` from `a`. @throws FrameError `BAD_COLUMN` */
export function refuseAlike(columns: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of columns) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      throw new FrameError("BAD_COLUMN", `columns ${other} and ${name} differ in case only`, {
        hint: `Rename one: df.rename({ ${JSON.stringify(name)}: … }, { axis: 1 }).`,
      });
    }
    seen.set(name.toLowerCase(), name);
  }
}

/** The narrowest type that holds all values of a column. @throws FrameError `MIXED_COLUMN` */
export function columnTypeOf(values: readonly unknown[], name: string): ColumnType {
  const known = values.filter((value) => value !== null && value !== undefined);
  const all = (test: (value: unknown) => boolean) => known.every(test);
  if (known.length === 0 || all((value) => typeof value === "string")) return "text";
  if (all((value) => typeof value === "number")) return numberType(known as number[]);
  if (all((value) => typeof value === "boolean")) return "boolean";
  if (all((value) => typeof value === "bigint")) return "bigint";
  if (all((value) => value instanceof Date && isKnown(value.getTime()))) {
    return all((value) => (value as Date).getTime() % DAY === 0) ? "date" : "timestamp";
  }
  const types = [...new Set(known.map((value) => typeof value))].join(" and ");
  throw new FrameError("MIXED_COLUMN", `column ${name} holds ${types} values`, {
    hint: "Give each column of the dataframe values of one type.",
  });
}

function numberType(values: readonly number[]): ColumnType {
  // -0 is no integer to keep, as an integer column would lose its sign.
  const isWhole = values.every((value) => Number.isSafeInteger(value) && !Object.is(value, -0));
  if (!isWhole) return "double";
  return values.every((value) => value === (value | 0)) ? "int" : "bigint";
}
