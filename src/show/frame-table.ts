import type { MimeBundle } from "./display.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatColumn } from "./format-values.ts";
import { THEME } from "./theme.ts";

/** A column of a dataframe, as far as it is shown. */
export interface TableColumn {
  readonly name: string;
  /** Type in plain words. */
  readonly type: string;
  /** Nulls in the whole column. */
  readonly nulls: number;
  /** The first values. */
  readonly values: readonly unknown[];
}

/** The beginning of a dataframe. */
export interface TableView {
  /** Rows in all. */
  readonly rows: number;
  readonly columns: readonly TableColumn[];
  /** Labels of the rows shown; absent when they just count from 0. */
  readonly index?: readonly (string | number)[];
}

const COLUMNS_SHOWN = 20;
const CELL_WIDTH = 40;

/** The first rows of a dataframe, its shape, types and nulls, as HTML and as text. */
export function frameTable(view: TableView): MimeBundle {
  const columns = view.columns.slice(0, COLUMNS_SHOWN).map((column) => ({
    ...column,
    isRight: column.type === "integer" || column.type === "number",
    cells: formatColumn(column.values, column.type),
  }));
  const caption = captionOf(view);
  return { "text/plain": text(columns, view, caption), "text/html": html(columns, view, caption) };
}

interface ShownColumn extends TableColumn {
  readonly isRight: boolean;
  /** As text; null for null. */
  readonly cells: readonly (string | null)[];
}

function captionOf({ rows, columns }: TableView): string {
  const shown = columns[0]?.values.length ?? 0;
  const count = (value: number, noun: string) =>
    `${value.toLocaleString("en")} ${noun}${value === 1 ? "" : "s"}`;
  const rowText = shown < rows ? `${shown} of ${count(rows, "row")}` : count(rows, "row");
  const hidden = columns.length - COLUMNS_SHOWN;
  const more = hidden > 0 ? `, ${hidden} of them not shown` : "";
  return `${rowText} × ${count(columns.length, "column")}${more}`;
}

function text(columns: readonly ShownColumn[], view: TableView, caption: string): string {
  const lines = columns.map((column) => {
    const cells = column.cells.map((cell) => shorten(cell ?? "null"));
    const head = [shorten(column.name), column.type, nullText(column)];
    const width = Math.max(...[...head, ...cells].map((cell) => cell.length));
    const pad = (cell: string) => (column.isRight ? cell.padStart(width) : cell.padEnd(width));
    return [...head.map(pad), "─".repeat(width), ...cells.map(pad)];
  });
  const labels = view.index?.map(String);
  if (labels) lines.unshift(labelColumn(labels));
  if (columns.every(({ nulls }) => nulls === 0)) for (const line of lines) line.splice(2, 1);
  const height = lines[0]?.length ?? 0;
  const rows = Array.from({ length: height }, (_, row) =>
    lines
      .map((line) => line[row])
      .join("  ")
      .trimEnd(),
  );
  return [...rows, caption].join("\n");
}

function labelColumn(labels: readonly string[]): string[] {
  const width = Math.max(...labels.map((label) => label.length), 0);
  const blank = " ".repeat(width);
  return [blank, blank, blank, "─".repeat(width), ...labels.map((label) => label.padEnd(width))];
}

function nullText({ nulls }: TableColumn): string {
  if (nulls === 0) return "";
  return `${nulls.toLocaleString("en")} null${nulls === 1 ? "" : "s"}`;
}

function shorten(cell: string): string {
  const line = cell.replace(/[\r\n\t]+/g, " ");
  return line.length > CELL_WIDTH ? `${line.slice(0, CELL_WIDTH - 1)}…` : line;
}

function html(columns: readonly ShownColumn[], view: TableView, caption: string): string {
  const cell = `padding:.25em .8em;border-bottom:1px solid ${THEME.line};`;
  const head = columns.map((column) => {
    const nulls = column.nulls > 0 ? ` · ${nullText(column)}` : "";
    return `<th scope="col" style="${cell}text-align:${align(column)};vertical-align:bottom;white-space:nowrap">${escapeHtml(shorten(column.name))}<br><span style="font-weight:400;font-size:.85em;color:${THEME.faint};opacity:.8">${escapeHtml(column.type)}${nulls}</span></th>`;
  });
  const rows = Array.from({ length: columns[0]?.cells.length ?? 0 }, (_, row) => {
    const label = view.index
      ? `<th scope="row" style="${cell}text-align:left;font-weight:400;color:${THEME.faint}">${escapeHtml(String(view.index[row]))}</th>`
      : "";
    const cells = columns.map((column) => {
      const value = column.cells[row] ?? null;
      const faint = value === null ? `color:${THEME.faint};opacity:.6;font-style:italic;` : "";
      const content = escapeHtml(shorten(value ?? "null"));
      return `<td style="${cell}${faint}text-align:${align(column)};white-space:pre">${content}</td>`;
    });
    return `<tr style="background:transparent">${label}${cells.join("")}</tr>`;
  });
  const corner = view.index ? `<td style="${cell}"></td>` : "";
  return `<div style="overflow-x:auto;margin:.4em 0;color:${THEME.text};font-family:${THEME.sans};font-size:13px">
<table style="border-collapse:collapse;font-variant-numeric:tabular-nums;border:0;margin:0">
<thead><tr style="background:transparent">${corner}${head.join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody></table>
<div style="color:${THEME.faint};opacity:.85;padding:.5em .8em 0">${escapeHtml(caption)}</div></div>`;
}

function align({ isRight }: ShownColumn): string {
  return isRight ? "right" : "left";
}
