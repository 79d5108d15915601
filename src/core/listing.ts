import { inspect } from "node:util";
import { cellSignal, JUPYTER_DISPLAY } from "./cell.ts";

/**
 * What a call that lists answers. Nothing is asked for until it is read, by `for await` or
 * `collect`, and each reading asks anew. A notebook cell that ends in one shows its first 50 items as
 * a table, also when it was filtered or sorted.
 *
 * @example
 * lake.list("**").filter(({ kind }) => kind === "file").sortBy("size", "descending").take(10)
 */
export interface Listing<Item> extends AsyncIterable<Item> {
  /** Items for which `keep` returns true. */
  filter(keep: (item: Item) => boolean): Listing<Item>;
  /** Sorts by a property or by what `key` returns; items without one come last. Reads all. */
  sortBy(key: keyof Item | ((item: Item) => SortKey), order?: SortOrder): Listing<Item>;
  /** The first `count` items; no more are requested. */
  take(count: number): Listing<Item>;
}

/** What things are put in order by. */
export type SortKey = string | number | bigint | boolean | Date | undefined;
/** From the smallest on, or from the largest. */
export type SortOrder = "ascending" | "descending";

/** How a listing is named and shown. */
export interface ListingFacts {
  /** What is listed: `accounts of Contoso`. */
  readonly what: string;
  /** Name of one item: `storage account`. */
  readonly noun: string;
  /** Properties that a table shows. Default: all that there are. */
  readonly columns?: readonly string[];
}

/** Key of a listing's facts, for those who show it. */
export const LISTING_FACTS = Symbol("listing facts");

/** Items that are shown. */
const SHOWN = 50;

/** What a table of a listing shows. */
export interface ListingView {
  readonly facts: ListingFacts;
  readonly items: readonly object[];
  /** Whether there are more items. */
  readonly more: boolean;
  /** Caption below the table, in place of the number of items. */
  readonly caption?: string;
}

type Renderer = (view: ListingView) => { readonly "text/plain": string };
let render: Renderer | undefined;

/** Sets how a listing at the end of a notebook cell is shown. */
export function showListingsWith(renderer: Renderer): void {
  render = renderer;
}

/** @param read starts a listing */
export function listingOf<Item extends object>(
  facts: ListingFacts,
  read: () => AsyncIterable<Item>,
): Listing<Item> {
  const reported = `List of ${facts.what}: read it by "for await", or collect it`;
  const derive = (next: (items: AsyncIterable<Item>) => AsyncIterable<Item>) =>
    listingOf(facts, () => next(read()));
  const listing: Listing<Item> = {
    [Symbol.asyncIterator]: () => read()[Symbol.asyncIterator](),
    filter: (keep) => derive((items) => filtered(items, keep)),
    sortBy: (key, order = "ascending") => {
      const keyOf = typeof key === "function" ? key : (item: Item) => item[key] as SortKey;
      return derive((items) => sorted(items, keyOf, order));
    },
    take: (count) => derive((items) => taken(items, count)),
  };
  const show = async () => {
    const items: Item[] = [];
    for await (const item of taken(listing, SHOWN + 1)) {
      cellSignal()?.throwIfAborted();
      items.push(item);
    }
    const view = { facts, items: items.slice(0, SHOWN), more: items.length > SHOWN };
    return render?.(view) ?? { "text/plain": reported };
  };
  return Object.defineProperties(listing, {
    [LISTING_FACTS]: { value: facts },
    [JUPYTER_DISPLAY]: { value: show },
    // Printing cannot wait for items.
    [inspect.custom]: { value: () => reported },
  });
}

/** Makes a notebook show `value` as a table, and `console.log` print that. */
export function shownAsTable<Value extends object>(
  value: Value,
  facts: ListingFacts,
  { items, caption }: { items: readonly object[]; caption: string },
): Value {
  const show = () => {
    const view = { facts, items: items.slice(0, SHOWN), more: items.length > SHOWN, caption };
    return render?.(view) ?? { "text/plain": caption };
  };
  return Object.defineProperties(value, {
    [JUPYTER_DISPLAY]: { value: show },
    [inspect.custom]: { value: () => show()["text/plain"] },
  });
}

async function* filtered<Item>(items: AsyncIterable<Item>, keep: (item: Item) => boolean) {
  for await (const item of items) if (keep(item)) yield item;
}

async function* taken<Item>(items: AsyncIterable<Item>, count: number) {
  if (count <= 0) return;
  let remaining = count;
  for await (const item of items) {
    yield item;
    if (--remaining === 0) return;
  }
}

async function* sorted<Item>(
  items: AsyncIterable<Item>,
  keyOf: (item: Item) => SortKey,
  order: SortOrder,
) {
  const all: { readonly item: Item; readonly key: SortKey }[] = [];
  for await (const item of items) all.push({ item, key: keyOf(item) });
  const sign = order === "ascending" ? 1 : -1;
  all.sort(({ key: a }, { key: b }) => {
    if (a === undefined || b === undefined)
      return Number(a === undefined) - Number(b === undefined);
    return a < b ? -sign : a > b ? sign : 0;
  });
  for (const { item } of all) yield item;
}
