import { cellSource, type Notebook } from "./notebook.ts";

const LONGEST = 60;
/** `// Load the trips`, at the very top. */
const COMMENT = /^(?:\/\/|\/\*)[/*\s]*(\S.*?)[.:\s]*(?:\*\/\s*)?$/;
const HEADING = /^#{1,6}\s+(.*?)[\s#]*$/gm;

/**
 * The name of a code cell in reports: its number, counting every cell, and its first comment, the
 * heading above it, or its first line.
 *
 * `cell 4: Load the trips`
 */
export function cellName({ cells }: Notebook, index: number): string {
  const cell = cells[index];
  if (!cell) throw new RangeError(`there is no cell ${index + 1}`);
  const [line = ""] = cellSource(cell).trim().split("\n");
  const title = COMMENT.exec(line)?.[1] ?? heading(cells[index - 1]) ?? line;
  return `cell ${index + 1}: ${shorten(title)}`;
}

function heading(above: Notebook["cells"][number] | undefined): string | undefined {
  if (above?.cell_type !== "markdown") return undefined;
  return [...cellSource(above).matchAll(HEADING)].at(-1)?.[1];
}

const shorten = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST - 1).trimEnd()}…` : text;
