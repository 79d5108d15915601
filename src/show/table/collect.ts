import { type Displayable, shownAs } from "../display.ts";
import { showFrame } from "./frame-table.ts";
import { type ListedEntry, lakeTable } from "./lake-table.ts";

/**
 * Collects what a list yields. The value is a plain array, and a cell that ends in it shows a
 * table: files of a lake with readable sizes, anything else with a column a property.
 *
 *     await collect(lake.list("sales/**"))
 *
 * @param rows how many the table shows, 50 unless told; the array has all of them
 */
export async function collect<Item extends object>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { rows = 50 }: { rows?: number } = {},
): Promise<Item[] & Displayable> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return shownAs(all, () =>
    areEntries(all) ? lakeTable(all, { rows }) : showFrame(all, { rows }),
  );
}

function areEntries(items: readonly object[]): items is readonly ListedEntry[] {
  return items.length > 0 && items.every((item) => ENTRY.every((name) => name in item));
}

const ENTRY: readonly (keyof ListedEntry)[] = ["path", "kind", "size", "modified"];
