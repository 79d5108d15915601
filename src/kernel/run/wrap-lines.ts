/** Columns that a line of a traceback may have: front ends show about as many. */
const WIDTH = 100;

/**
 * The lines of a text, long ones broken between words and the rest indented as their beginning.
 *
 *     wrapLines("  a hint of many words", 14)   // ["  a hint of", "  many words"]
 */
export function wrapLines(text: string, width = WIDTH): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line.replace(/\r$/, ""), width));
}

function wrapLine(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = "";
  // What is spaced out, a table say, stays as it is.
  for (const word of /\S {2,}\S/.test(line) ? [line.trimStart()] : line.trimStart().split(" ")) {
    if (current && indent.length + current.length + 1 + word.length > width) {
      lines.push(indent + current);
      current = word;
    } else current = current ? `${current} ${word}` : word;
  }
  return [...lines, (indent + current).trimEnd()];
}
