/** One column of a text table; the heading lines stand over its cells. */
export interface TextColumn {
  readonly heading: readonly string[];
  readonly cells: readonly string[];
  readonly align: "left" | "right";
}

const GAP = "  ";

/** Lines of a table with aligned columns, a rule under the heading, no trailing blanks. */
export function textTable(columns: readonly TextColumn[]): string[] {
  const laid = columns.map((column) => {
    const lines = [...column.heading, ...column.cells];
    const width = Math.max(...lines.map(displayWidth));
    const padded = lines.map((line) => pad(line, width, column.align));
    padded.splice(column.heading.length, 0, "─".repeat(width));
    return padded;
  });
  const height = Math.max(0, ...laid.map((lines) => lines.length));
  return Array.from({ length: height }, (_, i) =>
    laid
      .map((lines) => lines[i] ?? "")
      .join(GAP)
      .trimEnd(),
  );
}

/** Columns from the left that fit into `width` characters side by side; at least one. */
export function fitting(columns: readonly TextColumn[], width: number): number {
  let used = -GAP.length;
  const beyond = columns.findIndex(({ heading, cells }) => {
    used += GAP.length + Math.max(...[...heading, ...cells].map(displayWidth));
    return used > width;
  });
  return beyond === -1 ? columns.length : Math.max(1, beyond);
}

/** Blanks beside `text` to make it `width` terminal cells wide. */
export function pad(text: string, width: number, align: "left" | "right"): string {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "left" ? text + blanks : blanks + text;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu;
/** Combining marks, zero-width joiners and variation selectors. */
const WEIGHTLESS = /\p{M}|\p{Cf}/gu;

/** Terminal cells that `text` takes: two for East Asian signs and emoji, none for marks. */
export function displayWidth(text: string): number {
  const wide = text.match(WIDE)?.length ?? 0;
  return Array.from(text.replace(WEIGHTLESS, "")).length + wide;
}
