import { LISTING_FACTS, type ListingFacts } from "../../core/listing.ts";
import { type Displayable, type MimeBundle, shownAs } from "../display.ts";
import { showFrame } from "./frame-table.ts";
import { areEntries, lakeTable } from "./lake-table.ts";
import { listedTable } from "./listing-table.ts";

/**
 * Collects what a list yields. The value is an array, and a cell that ends in it shows a table: files
 * of a lake with readable sizes, anything else with a column a property. So does what `filter`,
 * `slice`, `toSorted` and their like make of it; `map` makes a plain array.
 *
 * @param items what `lake.list`, `listAccounts` and the like return
 * @param rows how many the table shows, 50 unless told; the array has all of them
 * @example
 * const files = await collect(lake.list("flights/**"));
 * files.filter(({ size }) => size > 100_000);
 */
export async function collect<Item extends object>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { rows = 50 }: { rows?: number } = {},
): Promise<Item[] & Displayable> {
  const facts = (items as { readonly [LISTING_FACTS]?: ListingFacts })[LISTING_FACTS];
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return asTable(all, (some) => bundleOf(some, rows, facts));
}

/** Methods that make another array of the same items. */
const KEEPING = ["filter", "slice", "toSorted", "toReversed", "toSpliced", "with"] as const;

/**
 * Has an array show itself, and what those methods make of it. It stays a plain array to everything that
 * compares or spreads it.
 */
function asTable<Item extends object>(
  items: Item[],
  show: (items: readonly object[]) => MimeBundle,
): Item[] & Displayable {
  const shown = shownAs(items, () => show(items));
  for (const name of KEEPING) {
    const method = items[name] as (...given: unknown[]) => Item[];
    const value = (...given: unknown[]) => asTable(method.apply(items, given), show);
    Object.defineProperty(shown, name, { value, configurable: true, writable: true });
  }
  return shown;
}

function bundleOf(
  all: readonly object[],
  rows: number,
  facts: ListingFacts | undefined,
): MimeBundle {
  if (areEntries(all)) return lakeTable(all, { rows });
  return facts ? listedTable(all, facts, rows) : showFrame(all, { rows });
}
