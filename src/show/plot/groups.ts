import type { Column } from "../table/columns.ts";
import { labelsOf } from "./fields.ts";

/** More colours than this are not told apart. */
const LIMIT = 10;
const OTHER = "other";

/** Rows sorted into a few groups, each to be drawn in a colour of its own. */
export interface Groups {
  /** Names in the order of their colours; the rest of a long list is one group, `other`. */
  readonly names: readonly string[];
  /** The group of every row, as an index into `names`. */
  readonly of: Uint8Array;
  /** How many groups `other` stands for. */
  readonly folded: number;
}

/** One group a value of `column`, the most frequent first when they are too many to tell apart. */
export function groupsOf(column: Column): Groups {
  const labels = labelsOf(column);
  const sizes = new Map<string, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const bySize = [...sizes].sort(([, a], [, b]) => b - a).map(([label]) => label);
  const fold = bySize.length > LIMIT;
  const names = fold ? [...bySize.slice(0, LIMIT - 1), OTHER] : [...sizes.keys()].sort(natural);
  const index = new Map(names.map((name, i) => [name, i]));
  const other = names.length - 1;
  return {
    names,
    of: Uint8Array.from(labels, (label) => index.get(label) ?? other),
    folded: fold ? bySize.length - (LIMIT - 1) : 0,
  };
}

/** Numbers in texts by their size: `9` before `10`; the same order on every machine. */
export function natural(a: string, b: string): number {
  return ORDER.compare(a, b);
}

const ORDER = new Intl.Collator("en", { numeric: true });
