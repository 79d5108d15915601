import type { MergeOptions, NDframe, PatchTarget } from "./danfo-internals.ts";
import { keyOfAll } from "./value-keys.ts";

type Row = readonly unknown[];

/**
 * Joins rows whose keys are equal values of one type, and not their texts put together. Rows come
 * in the order of the left frame, then of the right one; what has no partner gets nulls.
 */
export function patchMerge({ danfo, internals }: PatchTarget): void {
  const merge = ({ left, right, on, how }: MergeOptions) => {
    refuse(left, right, on);
    const [a, b] = [sideOf(left, on), sideOf(right, on)];
    const data: Row[] = [];
    const first = how === "right" ? b : a;
    const second = how === "right" ? a : b;
    const put = (keys: Row, one: Row | undefined, other: Row | undefined) => {
      const [ofLeft, ofRight] = how === "right" ? [other, one] : [one, other];
      data.push([...keys, ...(ofLeft ?? a.none), ...(ofRight ?? b.none)]);
    };
    const used = new Set<string>();
    for (const { key, keys, rest } of first.rows) {
      const partners = second.byKey.get(key);
      used.add(key);
      if (partners) for (const partner of partners) put(keys, rest, partner.rest);
      else if (how !== "inner") put(keys, rest, undefined);
    }
    if (how === "outer") {
      const unmatched = second.rows.filter(({ key }) => !used.has(key));
      for (const { keys, rest } of unmatched) put(keys, undefined, rest);
    }
    const columns = distinct([...on, ...a.columns, ...b.columns], on.length);
    return new danfo.DataFrame(data as never[], { columns });
  };
  internals.merging.default = merge;
  internals.exported.merge = merge;
}

interface SideRow {
  readonly key: string;
  readonly keys: Row;
  readonly rest: Row;
}

interface Side {
  readonly rows: readonly SideRow[];
  readonly byKey: ReadonlyMap<string, readonly SideRow[]>;
  /** Columns that are no keys. */
  readonly columns: readonly string[];
  readonly none: Row;
}

function sideOf(frame: NDframe, on: readonly string[]): Side {
  const places = on.map((name) => frame.columns.indexOf(name));
  const columns = frame.columns.filter((_, place) => !places.includes(place));
  const byKey = new Map<string, SideRow[]>();
  const rows = (frame.values as Row[]).map((row) => {
    const keys = places.map((place) => row[place]);
    const rest = row.filter((_, place) => !places.includes(place));
    const made = { key: keyOfAll(keys), keys, rest };
    const alike = byKey.get(made.key);
    if (alike) alike.push(made);
    else byKey.set(made.key, [made]);
    return made;
  });
  return { rows, byKey, columns, none: columns.map(() => null) };
}

const NUMBERS = new Set(["int32", "float32"]);

function refuse(left: NDframe, right: NDframe, on: readonly string[]): void {
  if (on.length === 0) throw new Error("merge needs columns to join on: { on: [name] }");
  for (const name of on) {
    const types = [left, right].map((frame) => {
      const place = frame.columns.indexOf(name);
      if (place >= 0) return frame.dtypes[place] ?? "";
      throw new Error(`no column ${name} to join on; there are ${frame.columns.join(", ")}`);
    });
    const [a = "", b = ""] = types;
    if (a === b || (NUMBERS.has(a) && NUMBERS.has(b))) continue;
    if (left.shape[0] === 0 || right.shape[0] === 0) continue;
    throw new Error(
      `column ${name} is ${a} on the left and ${b} on the right: convert one of them`,
    );
  }
}

/** A name that is there already gets a number, keys aside, as Danfo has it: `total`, `total_1`. */
function distinct(names: readonly string[], keys: number): string[] {
  const times = new Map<string, number>();
  return names.map((name, place) => {
    if (place < keys) return name;
    const before = times.get(name) ?? 0;
    times.set(name, before + 1);
    return before === 0 ? name : `${name}_${before}`;
  });
}
