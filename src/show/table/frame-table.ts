import type { MimeBundle } from "../display.ts";
import { type ColumnText, columnText, count, counted, shorten } from "./column-text.ts";
import { isMissing, type Tabular } from "./columns.ts";
import { type FrameView, frameView } from "./frame-view.ts";
import { type HtmlColumn, htmlTable } from "./html-table.ts";
import { fitting, type TextColumn, textTable } from "./text-table.ts";

/** Longest text of a cell; in HTML the whole of it, within reason, is its tooltip. */
const CELL_LIMIT = 60;
const TEXT_CELL_LIMIT = 32;
const TEXT_WIDTH = 120;
/** A table of hundreds of columns is no longer read but scrolled. */
const COLUMN_LIMIT = 40;

/** The first rows of a dataframe, its shape, and the type and gaps of every column. */
export function showFrame(data: Tabular, options: { rows?: number } = {}): MimeBundle {
  return frameTable(frameView(data, options.rows));
}

/** A dataframe as a table in HTML and in text. */
export function frameTable(view: FrameView): MimeBundle {
  const texts = view.columns.map(({ type }, j) =>
    columnText(
      view.head.map((row) => row[j]),
      type,
    ),
  );
  return { "text/plain": asText(view, texts), "text/html": asHtml(view, texts) };
}

/** `10 of 1,204 rows × 8 columns` */
function shape({ rows, head, columns }: FrameView): string {
  const shown = head.length < rows ? `${count(head.length)} of ` : "";
  return `${shown}${counted(rows, "row")} × ${counted(columns.length, "column")}`;
}

function isGapless({ columns }: FrameView): boolean {
  return columns.every(({ nulls }) => nulls === 0);
}

/** What stands under a column's name. A frame without gaps needs no line for them. */
function notes(type: string, nulls: number, gapless: boolean): string[] {
  return gapless ? [type] : [type, nulls ? counted(nulls, "null") : ""];
}

function asText(view: FrameView, texts: readonly ColumnText[]): string {
  const gapless = isGapless(view);
  const columns = texts.map(({ align, text }, j) => {
    const { name = "", type = "", nulls = 0 } = view.columns[j] ?? {};
    return {
      heading: [shorten(name, TEXT_CELL_LIMIT), ...notes(type, nulls, gapless)],
      cells: view.head.map((row) => shorten(text(row[j]), TEXT_CELL_LIMIT)),
      align,
    };
  });
  const labels = labelColumn(view, columns[0]?.heading.length ?? 0);
  const labelled = [...labels, ...columns];
  const fit = fitting(labelled, TEXT_WIDTH);
  const beyond = view.columns.slice(fit - labels.length).map(({ name }) => name);
  return [
    ...textTable(labelled.slice(0, fit)),
    ...(beyond.length ? [`and ${counted(beyond.length, "more column")}: ${names(beyond)}`] : []),
    shape(view),
  ].join("\n");
}

function labelColumn({ index }: FrameView, lines: number): TextColumn[] {
  if (!index) return [];
  const cells = index.map((label) => shorten(String(label), TEXT_CELL_LIMIT));
  return [{ heading: Array<string>(lines).fill(""), cells, align: "left" }];
}

function names(all: readonly string[]): string {
  return shorten(all.join(", "), TEXT_WIDTH - 24);
}

function asHtml(view: FrameView, texts: readonly ColumnText[]): string {
  const gapless = isGapless(view);
  const columns = texts.slice(0, COLUMN_LIMIT).map(({ align, text }, j): HtmlColumn => {
    const { name = "", type = "", nulls = 0 } = view.columns[j] ?? {};
    return {
      name: shorten(name, CELL_LIMIT),
      notes: notes(type, nulls, gapless),
      align,
      cells: view.head.map((row) => {
        const whole = text(row[j]);
        const short = shorten(whole, CELL_LIMIT);
        const dim = isMissing(row[j]);
        return short === whole ? { text: short, dim } : { text: short, dim, whole };
      }),
    };
  });
  const beyond = view.columns.length - columns.length;
  const more = beyond > 0 ? `, ${count(columns.length)} columns shown` : "";
  const labels = view.index?.map((label) => shorten(String(label), CELL_LIMIT));
  return htmlTable(columns, `${shape(view)}${more}`, labels);
}
