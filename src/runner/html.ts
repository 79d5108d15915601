import { basename } from "node:path";
import { marked } from "marked";
import { type CellOutput, cellSource, type Notebook, type NotebookCell } from "./notebook.ts";
import { xml } from "./run-report.ts";

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #212121; }
pre { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; padding: .6rem .8rem; }
.source { background: #f5f5f5; border-left: 3px solid #1976d2; }
.stderr { background: #fff8e1; } .error { background: #ffebee; }
.output { margin: .3rem 0 1rem; overflow-x: auto; }
img, svg { max-width: 100%; }`;

/**
 * A notebook with its outputs as a self-contained HTML page. HTML outputs are included as they are;
 * scripts in them do not run.
 */
export function toHtml(file: string, notebook: Notebook): string {
  const title = xml(basename(file));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${notebook.cells.map(cellHtml).join("\n")}
</body>
</html>
`;
}

function cellHtml(cell: NotebookCell): string {
  if (cell.cell_type === "markdown") return marked.parse(cellSource(cell), { async: false });
  const source = `<pre class="source">${xml(cellSource(cell))}</pre>`;
  if (cell.cell_type !== "code") return source;
  return `${source}\n${(cell.outputs ?? []).map(outputHtml).join("\n")}`;
}

export function outputHtml(output: CellOutput): string {
  switch (output.output_type) {
    case "stream":
      return `<div class="output"><pre class="${output.name}">${xml(text(output.text))}</pre></div>`;
    case "error": {
      const lines = output.traceback.length > 0 ? output.traceback : [output.ename, output.evalue];
      return `<div class="output"><pre class="error">${xml(lines.join("\n"))}</pre></div>`;
    }
    default:
      return `<div class="output">${dataHtml(output.data)}</div>`;
  }
}

/** The richest MIME type of an output, chosen as front ends do. */
function dataHtml(data: Readonly<Record<string, unknown>>): string {
  for (const type of ["text/html", "image/svg+xml"]) {
    if (data[type] !== undefined) return text(data[type]);
  }
  for (const type of ["image/png", "image/jpeg", "image/gif", "image/webp"]) {
    if (data[type] === undefined) continue;
    return `<img alt="" src="data:${type};base64,${xml(text(data[type]).replace(/\s/g, ""))}">`;
  }
  if (data["text/markdown"] !== undefined) {
    return marked.parse(text(data["text/markdown"]), { async: false });
  }
  const [plain = ""] = ["text/plain", ...Object.keys(data)]
    .filter((type) => data[type] !== undefined)
    .map((type) => text(data[type]));
  return `<pre>${xml(plain)}</pre>`;
}

/** nbformat stores text as lines, and accepts it as one string. */
function text(content: unknown): string {
  if (Array.isArray(content)) return content.join("");
  return typeof content === "string" ? content : JSON.stringify(content, null, 2);
}
