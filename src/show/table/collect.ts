import { inspect } from "node:util";
import { LISTING_FACTS, type ListingFacts } from "../../core/listing.ts";
import { type Displayable, JUPYTER_DISPLAY, type MimeBundle } from "../display.ts";
import { showFrame } from "./frame-table.ts";
import { areEntries, lakeTable } from "./lake-table.ts";
import { listedTable } from "./listing-table.ts";

/**
 * Collects what a list yields. The value is an array, and a cell that ends in it shows a table: files
 * of a lake with readable sizes, anything else with a column a property. So does what `filter`,
 * `slice`, `toSorted` and their like make of it.
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
  const all = new (tablesOf(rows, facts))<Item>();
  for await (const item of items) all.push(item);
  return all;
}

/** The class of arrays that show themselves; what their methods make is of the same class. */
function tablesOf(rows: number, facts: ListingFacts | undefined) {
  return class Table<Item> extends Array<Item> implements Displayable {
    // Unlike the older methods, these make plain arrays of whatever they are called on.
    override toSorted(compare?: (a: Item, b: Item) => number): Item[] {
      return this.slice().sort(compare);
    }

    override toReversed(): Item[] {
      return this.slice().reverse();
    }

    override toSpliced(start: number, remove = this.length - start, ...added: Item[]): Item[] {
      const copy = this.slice();
      copy.splice(start, remove, ...added);
      return copy;
    }

    override with(index: number, value: Item): Item[] {
      return Table.from(super.with(index, value));
    }

    [JUPYTER_DISPLAY](): MimeBundle {
      return bundleOf(this, rows, facts);
    }

    [inspect.custom](): string {
      return this[JUPYTER_DISPLAY]()["text/plain"];
    }
  };
}

function bundleOf(
  all: readonly unknown[],
  rows: number,
  facts: ListingFacts | undefined,
): MimeBundle {
  // What `map` makes of a table may be anything.
  if (!all.every(isObject)) return { "text/plain": inspect(Array.from(all)) };
  if (areEntries(all)) return lakeTable(all, { rows });
  return facts ? listedTable(all, facts, rows) : showFrame(all, { rows });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
