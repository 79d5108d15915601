// The contrast of everything that notebooks show, as WCAG 2.2 measures it, in the real JupyterLab that
// `npm start` runs: `node test/lab/contrast.ts [NOTEBOOK]...` opens notebooks as they are stored, light
// and dark. Letters need 4.5 to 1, large ones and what charts draw 3 to 1.
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { startLabProcess } from "./lab-process.ts";
import { NotebookPage } from "./notebook-page.ts";

const folder = join(import.meta.dirname, "../../notebooks");
const wanted = process.argv.slice(2).map((name) => basename(name));
const names = wanted.length > 0 ? wanted : globSync("*.ipynb", { cwd: folder }).sort();

/** Something that does not stand out from what is behind it. */
interface Faint {
  readonly what: string;
  readonly ratio: number;
  readonly needed: number;
}

const wrong: string[] = [];
let measured = 0;
const lab = await startLabProcess(folder);
try {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    for (const name of names) {
      // JupyterLab takes cells off the page that are out of sight: so none is.
      const context = await browser.newContext({ viewport: { width: 1400, height: 12_000 } });
      const notebook = await NotebookPage.open(context, lab.url, name);
      await notebook.trust();
      for (const scheme of ["light", "dark"] as const) {
        await notebook.dress(scheme);
        // JupyterLab fades its colours in.
        await notebook.page.waitForTimeout(600);
        const { count, faint } = await measure(notebook.page);
        measured += count;
        for (const { what, ratio, needed } of faint) {
          wrong.push(`${name}, ${scheme}: ${what} has ${ratio.toFixed(2)} of ${needed} to 1`);
        }
      }
      await context.close();
    }
  } finally {
    await browser.close();
  }
} finally {
  await lab.stop();
}
if (wrong.length > 0) throw new Error(`too faint:\n${wrong.join("\n")}`);
process.stdout.write(`${measured} texts and shapes of ${names.length} notebooks stand out\n`);

/** Runs in the page, whose types are not known here. */
function measure(page: Page): Promise<{ count: number; faint: Faint[] }> {
  return page.evaluate(`(${measureInPage})()`);
}

/** All colours are of the same canvas, so that whatever CSS calls them is four numbers. */
function measureInPage(): { count: number; faint: Faint[] } {
  // biome-ignore lint/suspicious/noExplicitAny: the page's own globals
  const { document, getComputedStyle } = globalThis as any;
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext(
    "2d",
    { willReadFrequently: true },
  );
  type Colour = [red: number, green: number, blue: number, alpha: number];
  const colourOf = (css: string): Colour => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = css;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top: Colour, below: Colour): Colour => {
    const mix = (at: 0 | 1 | 2) => top[at] * top[3] + below[at] * (1 - top[3]);
    return [mix(0), mix(1), mix(2), 1];
  };
  const luminance = ([red, green, blue]: Colour) => {
    const linear = (value: number) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  // biome-ignore lint/suspicious/noExplicitAny: an element of the page
  const behind = (element: any): Colour => {
    if (!element) return [255, 255, 255, 1];
    const colour = colourOf(getComputedStyle(element).backgroundColor);
    return colour[3] === 1 ? colour : over(colour, behind(element.parentElement));
  };
  // biome-ignore lint/suspicious/noExplicitAny: an element of the page
  const opacityOf = (element: any): number =>
    element ? Number(getComputedStyle(element).opacity) * opacityOf(element.parentElement) : 1;
  const faint: Faint[] = [];
  let count = 0;
  // biome-ignore lint/suspicious/noExplicitAny: an element of the page
  const check = (element: any, css: string, what: string, needed: number) => {
    const below = behind(element.closest("svg")?.parentElement ?? element);
    const [red, green, blue, alpha] = colourOf(css);
    if (alpha === 0) return;
    const seen = over([red, green, blue, alpha * opacityOf(element)], below);
    const [lighter = 0, darker = 0] = [luminance(seen), luminance(below)].sort((a, b) => b - a);
    const ratio = (lighter + 0.05) / (darker + 0.05);
    count++;
    if (ratio < needed) faint.push({ what, ratio, needed });
  };
  const outputs = ".jp-OutputArea-output.jp-RenderedHTMLCommon, .jp-OutputArea-output";
  for (const output of document.querySelectorAll(outputs)) {
    const walker = document.createTreeWalker(output, 4);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.nodeValue.trim();
      const element = node.parentElement;
      if (!text || !element.checkVisibility() || element.closest("template, style")) continue;
      const style = getComputedStyle(element);
      const size = Number.parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const colour = element.closest("svg") ? style.fill : style.color;
      // A mark such as ✓ is a picture.
      const needed = isLarge || !/[\p{L}\p{N}]/u.test(text) ? 3 : 4.5;
      check(element, colour, `the text ${JSON.stringify(text.slice(0, 40))}`, needed);
    }
    for (const shape of output.querySelectorAll("svg :is(rect, circle, path, line)")) {
      const { fill, stroke } = getComputedStyle(shape);
      // Lines of a grid help, and need not be seen.
      if (shape.closest("[aria-label$='grid'], [aria-hidden], defs, clipPath, mask")) continue;
      const css = fill !== "none" && colourOf(fill)[3] > 0 ? fill : stroke;
      if (css !== "none") check(shape, css, `a ${shape.tagName} of a chart`, 3);
    }
  }
  return { count, faint };
}
