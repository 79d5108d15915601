import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { outputHtml } from "../src/runner/html.ts";
import { cellSource, type Notebook } from "../src/runner/notebook.ts";

/**
 * A notebook as Markdown. What its cells have shown is HTML, which is not to be read as Markdown: a
 * mark stands for it, and `outputs` has what it stands for.
 */
export function notebookPage(file: string, outputs: Map<string, string>): string {
  const notebook = JSON.parse(readFileSync(file, "utf8")) as Notebook;
  const parts = notebook.cells.map((cell, index) => {
    if (cell.cell_type !== "code") return cellSource(cell);
    const code = `\`\`\`ts\n${cellSource(cell)}\n\`\`\``;
    const name = `${basename(file, ".ipynb")}-${index}`;
    const shown = (cell.outputs ?? []).map((output) => outputHtml(output)).join("\n");
    if (shown) outputs.set(name, shown);
    const whole = shown ? `${code}\n\n${outputMark(name)}` : code;
    const hidden = (cell.metadata.jupyter as { source_hidden?: boolean } | undefined)
      ?.source_hidden;
    return hidden
      ? `<details class="answer"><summary>The answer</summary>\n\n${whole}\n\n</details>`
      : whole;
  });
  return `${parts.join("\n\n")}\n`;
}

function outputMark(name: string): string {
  return `<div class="cell-output" data-output="${name}"></div>`;
}

/** A page with the outputs themselves in place of their marks. */
export function withOutputs(page: string, outputs: ReadonlyMap<string, string>): string {
  return page.replace(
    /<div class="cell-output" data-output="([^"]+)"><\/div>/g,
    (_, name: string) => `<div class="cell-output">${outputs.get(name) ?? ""}</div>`,
  );
}
