/**
 * Maps the source of cells to the text of the notebook's file: for each cell, the line in the file
 * (from 1) of each line of its source.
 */
export function sourceLines(text: string): number[][] {
  const linesOfCells: number[][] = [];
  const path: (string | number)[] = [];
  let key: string | undefined;
  let line = 1;
  let before = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:\\.|[^"\\])*"|[{}[\],:]/g)) {
    for (; before < index; before++) if (text[before] === "\n") line++;
    const last = path.length - 1;
    if (token === "{") path.push("");
    else if (token === "[") path.push(0);
    else if (token === "}" || token === "]") path.pop();
    else if (token === ":") path[last] = key ?? "";
    else if (token === ",") {
      const place = path[last];
      if (typeof place === "number") path[last] = place + 1;
    } else {
      key = String(JSON.parse(token));
      const [top, cell, name] = path;
      // A string before a colon is a key, not a line of the source.
      const isKey = /^\s*:/.test(text.slice(index + token.length, index + token.length + 100));
      if (isKey || top !== "cells" || typeof cell !== "number" || name !== "source") continue;
      const lines = linesOfCells[cell] ?? [];
      lines.push(...(key.match(/[^\n]*\n|[^\n]+$/g) ?? []).map(() => line));
      linesOfCells[cell] = lines;
    }
  }
  return linesOfCells;
}
