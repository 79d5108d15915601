// What the editor helps with, in the real JupyterLab that `npm start` runs:
//   node test/lab/editor-help.ts
// types into a notebook, asks with Tab and Shift-Tab, and looks at what is offered. Pictures of each
// answer go to the folder that SCREENSHOTS names.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { startLabProcess } from "./lab-process.ts";
import { NotebookPage } from "./notebook-page.ts";

/** Something that a person types, and what has to be on the screen then. */
interface Question {
  readonly name: string;
  readonly typed: string;
  readonly key: "Tab" | "Shift+Tab";
  readonly expected: readonly string[];
}

const QUESTIONS: readonly Question[] = [
  { name: "member", typed: "lake.li", key: "Tab", expected: ["list"] },
  { name: "module", typed: 'import { openLake } from "notel', key: "Tab", expected: ["notelake"] },
  { name: "option", typed: "signIn({ met", key: "Tab", expected: ["method"] },
  {
    name: "literal",
    typed: 'signIn({ method: "dev',
    key: "Tab",
    expected: ["device-code"],
  },
  { name: "path", typed: 'lake.stat("p', key: "Tab", expected: ["penguins/", "planes/"] },
  {
    name: "call",
    typed: "loadFrame(",
    key: "Shift+Tab",
    expected: ["loadFrame(", "// <- here", "Promise<DataFrame>", "const lake = openLake"],
  },
  {
    name: "bare-name",
    typed: "openLake",
    key: "Shift+Tab",
    expected: ["openLake(", "file system"],
  },
];

const SETUP = `import { connect, loadFrame, openLake, signIn } from "notelake";
await connect();
await signIn({ method: "client-secret" });
const lake = openLake("raw");
lake.account`;
const ANSWERS = { Tab: ".jp-Completer", "Shift+Tab": ".jp-Tooltip" } as const;
const folder = process.env.SCREENSHOTS;
if (folder) await mkdir(folder, { recursive: true });

const lab = await startLabProcess("test/lab/fixtures");
try {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const { page } = await NotebookPage.open(context, lab.url, "editor-help.ipynb");
    await run(page, SETUP);
    for (const question of QUESTIONS) await ask(page, question);
  } finally {
    await browser.close();
  }
} finally {
  await lab.stop();
}
process.stdout.write(`${QUESTIONS.length} questions of the editor are answered in JupyterLab\n`);

/** Types a cell into the last one of the notebook and runs it. */
async function run(page: Page, code: string): Promise<void> {
  await page.locator(".jp-Notebook .jp-CodeCell .cm-content").last().click();
  await page.keyboard.insertText(code);
  await page.keyboard.press("Shift+Enter");
  await page.locator(".jp-InputPrompt", { hasText: "[1]" }).waitFor({ timeout: 60_000 });
}

async function ask(page: Page, { name, typed, key, expected }: Question): Promise<void> {
  await page.locator(".jp-Notebook .jp-CodeCell .cm-content").last().click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(typed);
  await page.keyboard.press(key);
  const answer = page.locator(ANSWERS[key]);
  const cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").last();
  try {
    for (const text of expected) {
      const offered = answer.filter({ hasText: text });
      // What alone fits may be put in place at once.
      const inPlace = cell.filter({ hasText: text });
      await (key === "Tab" ? offered.or(inPlace) : offered).first().waitFor({ timeout: 15_000 });
    }
  } finally {
    if (folder) await page.screenshot({ path: join(folder, `editor-help-${name}.png`) });
    await page.keyboard.press("Escape");
  }
}
