// The README's pictures, from the real JupyterLab that `npm start` runs, light and dark:
//   node test/lab/pictures.ts [FOLDER]
// writes them to docs/pictures unless told otherwise.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { startLabProcess } from "./lab-process.ts";
import { NotebookPage } from "./notebook-page.ts";

const folder = process.argv[2] ?? join(import.meta.dirname, "../../docs/pictures");
mkdirSync(folder, { recursive: true });

const lab = await startLabProcess(join(import.meta.dirname, "fixtures"));
try {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1400, height: 2400 } });
    const notebook = await NotebookPage.open(context, lab.url, "front-page.ipynb");
    const { page } = notebook;
    // The list of files and the margin are not what it is about.
    await page.keyboard.press("ControlOrMeta+B");
    await notebook.menu("Run", "Run All Cells");
    const finished = notebook.untilRun(120_000);
    await notebook.signIn("ada@contoso.com", async () => {});
    await finished;
    await page.setViewportSize({ width: 900, height: 2400 });
    await notebook.outputs("svg").waitFor();
    // No cell is to look as if it were being worked on.
    const working = ".jp-Collapser, .jp-cell-toolbar { visibility: hidden !important; }";
    await page.addStyleTag({ content: working });
    for (const scheme of ["light", "dark"] as const) {
      await notebook.dress(scheme);
      // JupyterLab fades its colours in.
      await page.waitForTimeout(1500);
      const first = await page.locator(".jp-Notebook .jp-Cell").first().boundingBox();
      const last = await page.locator(".jp-Notebook .jp-Cell").last().boundingBox();
      if (!first || !last) throw new Error("no cells are on the screen");
      const height = last.y + last.height - first.y + 8;
      const clip = { x: first.x, y: first.y, width: first.width, height };
      await page.screenshot({ path: join(folder, `notebook-${scheme}.png`), clip });
    }
  } finally {
    await browser.close();
  }
} finally {
  await lab.stop();
}
