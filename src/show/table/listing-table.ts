import type { ListingFacts, ListingView } from "../../core/listing.ts";
import { bytesText } from "../../core/quantity-text.ts";
import type { MimeBundle } from "../display.ts";
import { count, counted, shorten } from "./column-text.ts";
import { isMissing } from "./columns.ts";
import { htmlTable } from "./html-table.ts";
import { areEntries, lakeTable } from "./lake-table.ts";
import { textTable } from "./text-table.ts";

const CELL_LIMIT = 90;
/** Properties that are counts of bytes. */
const BYTES: ReadonlySet<string> = new Set(["size", "largest"]);

/** What a listing yields first, and how to get the rest. */
export function listingTable({ facts, items, more, caption: given }: ListingView): MimeBundle {
  if (given !== undefined) {
    return itemTable(items, facts, more ? `the first ${items.length} of ${given}` : given);
  }
  if (areEntries(items)) return lakeTable(items, more ? { note: moreThan(items.length) } : {});
  const caption = counted(items.length, facts.noun);
  return itemTable(items, facts, more ? `${caption} · ${moreThan(items.length)}` : caption);
}

function moreThan(shown: number): string {
  return `there are more than these ${shown}: await collect(…) has all of them`;
}

/** The first `rows` of what a listing yielded, which are all there are. */
export function listedTable(
  items: readonly object[],
  facts: ListingFacts,
  rows: number,
): MimeBundle {
  const whole = counted(items.length, facts.noun);
  const caption = rows < items.length ? `${count(rows)} of ${whole}` : whole;
  return itemTable(items.slice(0, rows), facts, caption);
}

/** Objects as a table, a row each; a column in which there is nothing is left out. */
function itemTable(
  items: readonly object[],
  { columns }: ListingFacts,
  caption: string,
): MimeBundle {
  if (items.length === 0) return { "text/plain": caption, "text/html": htmlTable([], caption) };
  const names = columns ?? [...new Set(items.flatMap((item) => Object.keys(item)))];
  const all = names.map((name) => columnOf(name, items));
  const laid = all.filter(({ isEmpty }) => !isEmpty);
  const text = textTable(
    laid.map(({ heading, align, texts }) => ({
      heading: [heading],
      cells: texts.map((whole) => shorten(whole, CELL_LIMIT)),
      align,
    })),
  );
  const html = htmlTable(
    laid.map(({ heading, align, texts, values }) => ({
      name: heading,
      notes: [],
      align,
      cells: texts.map((whole, i) => {
        const text = shorten(whole, CELL_LIMIT);
        const value = values[i];
        return {
          text,
          ...(text !== whole && { whole }),
          ...(typeof value === "number" && { key: value }),
        };
      }),
    })),
    caption,
  );
  return { "text/plain": [...text, caption].join("\n"), "text/html": html };
}

function columnOf(name: string, items: readonly object[]) {
  const values = items.map((item) => (item as Readonly<Record<string, unknown>>)[name]);
  const present = values.filter((value) => !isMissing(value) && value !== "");
  const is = (type: string) =>
    present.length > 0 && present.every((value) => typeof value === type);
  const isTime = present.length > 0 && present.every((value) => value instanceof Date);
  const text = (value: unknown) => {
    if (isMissing(value)) return "";
    if (value instanceof Date) return value.toISOString().slice(0, 19).replace("T", " ");
    if (typeof value === "number") return BYTES.has(name) ? bytesText(value) : count(value);
    if (typeof value === "boolean") return value ? "yes" : "no";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
  return {
    heading: isTime ? `${name} (UTC)` : name,
    align: is("number") ? ("right" as const) : ("left" as const),
    texts: values.map(text),
    values,
    isEmpty: present.length === 0,
  };
}
