import { bytesText } from "../../core/quantity-text.ts";
import type { MimeBundle } from "../display.ts";
import { count, counted, shorten } from "./column-text.ts";
import { htmlTable } from "./html-table.ts";
import { textTable } from "./text-table.ts";

/** A file or directory of a lake, as far as it is shown. */
export interface ListedEntry {
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Bytes. */
  readonly size: number;
  readonly modified: Date;
}

const PATH_LIMIT = 90;

/** Whether all of some items are files and directories of a lake, and there is one. */
export function areEntries(items: readonly object[]): items is readonly ListedEntry[] {
  return items.length > 0 && items.every((item) => ENTRY.every((name) => name in item));
}

const ENTRY: readonly (keyof ListedEntry)[] = ["path", "kind", "size", "modified"];

/**
 * Files and directories as a table, the first `rows` of them, with what all files add up to.
 *
 * @param note is added to that
 */
export function lakeTable(
  entries: readonly ListedEntry[],
  { rows = 50, note = "" }: { rows?: number; note?: string } = {},
): MimeBundle {
  const shown = entries.slice(0, rows);
  const columns = [
    { name: "path", align: "left", texts: shown.map(pathOf) },
    { name: "size", align: "right", texts: shown.map(sizeOf) },
    { name: "modified (UTC)", align: "left", texts: shown.map(modifiedOf) },
  ] as const;
  const caption = [captionOf(entries, shown.length), note].filter(Boolean).join(" · ");
  const text = [
    ...textTable(
      columns.map(({ name, align, texts }) => ({ heading: [name], cells: texts, align })),
    ),
    caption,
  ].join("\n");
  const html = htmlTable(
    columns.map(({ name, align, texts }, j) => ({
      name,
      notes: [],
      align,
      cells: texts.map((text, i) => {
        const { path: whole = "", size = 0 } = entries[i] ?? {};
        if (j === 1) return { text, key: size };
        return j === 0 && whole.length > PATH_LIMIT ? { text, whole } : { text };
      }),
    })),
    caption,
  );
  return { "text/plain": text, "text/html": html };
}

/** The end of a long path tells more than its beginning. */
function pathOf({ path, kind }: ListedEntry): string {
  const whole = kind === "directory" ? `${path}/` : path;
  const cut = whole.length > PATH_LIMIT ? `…${whole.slice(1 - PATH_LIMIT)}` : whole;
  return shorten(cut, PATH_LIMIT);
}

function sizeOf({ kind, size }: ListedEntry): string {
  return kind === "directory" ? "" : bytesText(size);
}

/** To the second always: columns that are as wide by chance differ from one listing to the next. */
function modifiedOf({ modified }: ListedEntry): string {
  return modified.toISOString().slice(0, 19).replace("T", " ");
}

/** `50 of 1,204 entries: 1,200 files of 3.4 GB, 4 directories` */
function captionOf(entries: readonly ListedEntry[], shown: number): string {
  const files = entries.filter(({ kind }) => kind === "file");
  const directories = entries.length - files.length;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const held = [
    `${counted(files.length, "file")} of ${bytesText(bytes)}`,
    ...(directories === 1 ? ["1 directory"] : []),
    ...(directories > 1 ? [`${count(directories)} directories`] : []),
  ].join(", ");
  return shown < entries.length
    ? `${count(shown)} of ${count(entries.length)} entries: ${held}`
    : held;
}
