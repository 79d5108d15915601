import { escapeHtml } from "../escape-html.ts";
import { THEME } from "../theme.ts";
import { shorten } from "./column-text.ts";
import { TABLE_SCRIPT } from "./table-script.ts";
import { displayWidth } from "./text-table.ts";

export interface HtmlColumn {
  readonly name: string;
  /** Lines under the name, such as the type; empty ones keep their place. */
  readonly notes: readonly string[];
  readonly align: "left" | "right";
  readonly cells: readonly HtmlCell[];
}

interface HtmlCell {
  readonly text: string;
  /** There is no value here. */
  readonly dim?: boolean;
  /** What it is sorted by, where that is not the text. */
  readonly key?: number;
  /** The text before it was cut. */
  readonly whole?: string;
}

const TOOLTIP_LIMIT = 500;

// A front end that does not trust a saved notebook drops every declaration with a variable in it,
// and keeps the rest: each rule says first what such a reader gets.
const RULE = `border-bottom:1px solid rgba(128,128,128,.4);border-bottom:1px solid ${THEME.line}`;
const TABLE =
  `border-collapse:collapse;margin:0;font-size:13px;line-height:1.4;color:${THEME.text};` +
  `font-family:${THEME.sans};font-variant-numeric:tabular-nums;table-layout:auto`;
const CELL = "padding:3px 12px 3px 8px;white-space:pre";

/**
 * A table that scrolls sideways rather than squeeze its columns, with a caption below.
 *
 * @param labels of the rows, when they have any
 */
export function htmlTable(
  columns: readonly HtmlColumn[],
  caption: string,
  labels?: readonly string[],
): string {
  const noted = columns.some(({ notes }) => notes.some((note) => note !== ""));
  const rows = Array.from({ length: columns[0]?.cells.length ?? 0 }, (_, i) =>
    bodyRow(columns, i, labels?.[i]),
  );
  const note =
    `<div style="font-size:12px;opacity:.75;margin:.3em 0 .4em 8px;color:${THEME.text};` +
    `font-family:${THEME.sans}">${escapeHtml(caption)}<span>${isWide(columns) ? SCROLLS : ""}</span></div>`;
  if (columns.length === 0) return note;
  const table =
    `<table aria-label="${escapeHtml(caption)}" style="${TABLE}"><thead><tr style="${RULE};background:none">` +
    `${labels ? `<td style="${CELL}"></td>` : ""}${columns.map((column) => head(column, noted)).join("")}</tr></thead>` +
    `<tbody>\n${rows.join("\n")}\n</tbody></table>`;
  const box = `<div style="max-width:100%;overflow-x:auto;margin:.2em 0">${table}</div>`;
  return `<div>${box}${note}${TABLE_SCRIPT}</div>`;
}

/** Scroll bars hide until they are used; where scripts run, the table measures whether it scrolls. */
const SCROLLS = " · scrolls sideways where it does not fit";
/** Pixels that a cell of a notebook has on a small screen. */
const ROOM = 760;
/** Pixels of a character and of a cell's padding. */
const CHARACTER = 7;
const PADDING = 20;

function isWide(columns: readonly HtmlColumn[]): boolean {
  const widths = columns.map(({ name, notes, cells }) =>
    Math.max(...[name, ...notes, ...cells.map(({ text }) => text)].map(displayWidth)),
  );
  return widths.reduce((sum, width) => sum + width * CHARACTER + PADDING, 0) > ROOM;
}

function head({ name, notes, align }: HtmlColumn, noted: boolean): string {
  const lines = notes.map((note) => escapeHtml(note) || "&nbsp;").join("<br>");
  const small = `<div style="font-weight:400;font-size:11px;opacity:.7">${lines}</div>`;
  return (
    `<th scope="col" style="${CELL};text-align:${align};vertical-align:top">${escapeHtml(name)}` +
    `${noted ? small : ""}</th>`
  );
}

function bodyRow(columns: readonly HtmlColumn[], i: number, label: string | undefined): string {
  const cells = columns.map(({ cells, align }) => {
    const { text = "", dim = false, whole, key } = cells[i] ?? {};
    const title = whole ? ` title="${escapeHtml(shorten(whole, TOOLTIP_LIMIT))}"` : "";
    const faint = dim ? ";opacity:.7" : "";
    const order = dim ? ' data-key=""' : key === undefined ? "" : ` data-key="${key}"`;
    return `<td${title}${order} style="${CELL};text-align:${align}${faint}">${escapeHtml(text)}</td>`;
  });
  const head =
    label === undefined
      ? ""
      : `<th scope="row" style="${CELL};text-align:left">${escapeHtml(label)}</th>`;
  return `<tr>${head}${cells.join("")}</tr>`;
}
