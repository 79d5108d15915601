// A person's way through a notebook in the real JupyterLab that `npm start` runs:
//   node test/lab/browser.ts [--scheme light|dark] [--expect SELECTOR]... NOTEBOOK
// opens it, runs all cells, signs in at the device login page in a second tab, and looks at what
// is on the screen. Pictures go to the folder that SCREENSHOTS names, of the end in both themes at three
// widths, to be looked at: fixtures/every-output.ipynb has all that notebooks show.
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { RAISES } from "../../src/runner/cell-tags.ts";
import { readNotebook } from "../../src/runner/notebook.ts";
import { startLabProcess } from "./lab-process.ts";
import { NotebookPage, photograph } from "./notebook-page.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scheme: { type: "string", default: "light" },
    expect: { type: "string", multiple: true, default: [] },
    user: { type: "string", default: "ada@contoso.com" },
    chromium: { type: "string", default: "/usr/bin/chromium" },
    "sign-ins": { type: "string", default: "1" },
  },
});
const [file] = positionals;
if (!file) throw new Error("which notebook?");
const scheme = values.scheme === "dark" ? "dark" : "light";
const name = basename(file);
const WIDTH = 1400;
const WIDTHS_TO_LOOK_AT = [800, 1280, 1600];
const HEIGHT = 16_000;
const RUN_LIMIT_MS = 180_000;

const folder = process.env.SCREENSHOTS;
if (folder) await mkdir(folder, { recursive: true });
let picture = 0;
const pictureName = (dress: string = scheme) =>
  join(folder ?? "", `${name.replace(/\.ipynb$/, "")}-${dress}-${++picture}.png`);

const lab = await startLabProcess(dirname(file));
try {
  const browser = await chromium.launch({
    executablePath: values.chromium,
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    const context = await browser.newContext({
      colorScheme: scheme,
      // JupyterLab takes cells off the page that are out of sight: so none is.
      viewport: { width: WIDTH, height: HEIGHT },
    });
    const elsewhere: string[] = [];
    context.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "127.0.0.1") elsewhere.push(request.url());
    });
    const open = await NotebookPage.open(context, lab.url, name);
    await open.menu("Run", "Run All Cells");
    const signIns = Number(values["sign-ins"]);
    const finished = open.untilRun(RUN_LIMIT_MS);
    for (let i = 0; i < signIns; i++) {
      await open.signIn(values.user, async (page) => {
        if (folder) await photograph(page, pictureName());
      });
    }
    await finished;
    if (folder) {
      for (const dress of ["light", "dark"] as const) {
        await open.dress(dress);
        for (const width of WIDTHS_TO_LOOK_AT) {
          await open.page.setViewportSize({ width, height: HEIGHT });
          // The page is laid out anew, and fades its colours in.
          await open.page.waitForTimeout(1500);
          await open.page.locator(".jp-Notebook .jp-Cell").last().waitFor();
          await photograph(open.page, pictureName(`${dress}-${width}`));
        }
        await open.page.setViewportSize({ width: WIDTH, height: HEIGHT });
      }
    }

    await open.save();
    for (const cell of (await readNotebook(join(lab.notebooks, name))).cells) {
      const failed = cell.outputs?.find((output) => output.output_type === "error");
      const meant = cell.metadata.tags?.includes(RAISES) ?? false;
      if (failed && !meant) fail(`cell ${cell.id} failed:\n${failed.traceback.join("\n")}`);
      if (!failed && meant) fail(`cell ${cell.id} was meant to fail`);
    }
    for (const selector of values.expect) {
      const found = await open.outputs(selector).count();
      if (found === 0) fail(`nothing on the screen matches ${selector}`);
    }
    if (elsewhere.length > 0) fail(`the page asked other machines: ${elsewhere.join(", ")}`);
  } finally {
    await browser.close();
  }
} finally {
  await lab.stop();
}
process.stdout.write(`${name} runs in JupyterLab (${scheme})\n`);

function fail(text: string): never {
  throw new Error(`${name} in JupyterLab: ${text}`);
}
