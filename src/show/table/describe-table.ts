import { type Displayable, type MimeBundle, shownAs } from "../display.ts";
import { brief } from "../number-text.ts";
import { columnText, count, counted, shorten } from "./column-text.ts";
import type { Tabular } from "./columns.ts";
import { htmlTable } from "./html-table.ts";
import { type ColumnSummary, summarize } from "./summary.ts";
import { textTable } from "./text-table.ts";

/**
 * What every column of `data` holds: gaps, different values, range and quartiles, and the most
 * frequent value. Unlike the statistics of Danfo it covers texts and dates too. The value is an
 * array to compute with, and a cell that ends in it shows a table with a line a column.
 *
 * @param data a dataframe, or a list of objects
 * @example
 * describe(await loadFrame(lake, "penguins/penguins.csv"));
 */
export function describe(data: Tabular): readonly ColumnSummary[] & Displayable {
  const summaries = summarize(data);
  return shownAs(summaries, () => summaryTable(summaries));
}

interface Measure {
  readonly name: string;
  readonly align: "left" | "right";
  text(summary: ColumnSummary): string;
}

const MEASURES: readonly Measure[] = [
  { name: "column", align: "left", text: ({ name }) => shorten(name, 40) },
  { name: "type", align: "left", text: ({ type }) => type },
  { name: "nulls", align: "right", text: ({ nulls }) => (nulls ? count(nulls) : "") },
  {
    name: "distinct",
    align: "right",
    text: ({ distinct }) => (distinct === undefined ? "many" : count(distinct)),
  },
  {
    name: "min",
    align: "right",
    text: ({ numbers, dates }) => number(numbers?.min) || date(dates, "min"),
  },
  { name: "25%", align: "right", text: ({ numbers }) => number(numbers?.q1) },
  { name: "median", align: "right", text: ({ numbers }) => number(numbers?.median) },
  { name: "75%", align: "right", text: ({ numbers }) => number(numbers?.q3) },
  {
    name: "max",
    align: "right",
    text: ({ numbers, dates }) => number(numbers?.max) || date(dates, "max"),
  },
  { name: "mean", align: "right", text: ({ numbers }) => number(numbers?.mean) },
  { name: "std", align: "right", text: ({ numbers }) => number(numbers?.std) },
  { name: "most frequent", align: "left", text: mostFrequent },
];

function summaryTable(summaries: readonly ColumnSummary[]): MimeBundle {
  const columns = MEASURES.map(({ name, align, text }) => ({
    name,
    align,
    cells: summaries.map((summary) => text(summary)),
  })).filter(({ cells }) => cells.some(Boolean));
  const rows = summaries[0] ? summaries[0].count + summaries[0].nulls : 0;
  const caption = `${counted(rows, "row")} × ${counted(summaries.length, "column")}`;
  const text = textTable(columns.map(({ name, ...rest }) => ({ heading: [name], ...rest })));
  const html = htmlTable(
    columns.map(({ name, align, cells }) => ({
      name,
      align,
      notes: [],
      cells: cells.map((each) => ({ text: each })),
    })),
    caption,
  );
  return { "text/plain": [...text, caption].join("\n"), "text/html": html };
}

function number(value: number | undefined): string {
  return value === undefined ? "" : brief(value);
}

/** First and last are written alike, no finer than the two need. */
function date(dates: ColumnSummary["dates"], which: "min" | "max"): string {
  return dates ? columnText([dates.min, dates.max]).text(dates[which]) : "";
}

function mostFrequent({ top }: ColumnSummary): string {
  if (!top) return "";
  return `${shorten(columnText([top.value]).text(top.value), 24)} (${count(top.count)})`;
}
