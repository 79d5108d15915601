// What notebooks show, in a real browser without JupyterLab: `node test/lab/outputs.ts`.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { chromium, type Page } from "playwright-core";
import type { DeviceCodePrompt } from "../../src/core/sign-in-types.ts";
import { JUPYTER_DISPLAY } from "../../src/show/display.ts";
import { plotBar } from "../../src/show/plot/bar.ts";
import type { Chart } from "../../src/show/plot/chart.ts";
import { plotHistogram } from "../../src/show/plot/histogram.ts";
import { plotLine } from "../../src/show/plot/line.ts";
import { plotScatter } from "../../src/show/plot/scatter.ts";
import { signInCard } from "../../src/show/sign-in-card.ts";
import { showFrame } from "../../src/show/table/frame-table.ts";

/** Pixels that a cell has: a small screen with the list of files, without it, and wide ones. */
const WIDTHS = [460, 640, 980, 1300];
const SMALLEST_LETTERS = 11;

const rows = Array.from({ length: 400 }, (_, i) => ({
  at: new Date(Date.UTC(2013, 0, 1, 7 * i)),
  n: ((i * 7919) % 1000) * 12_345.678,
  tiny: i / 4e6,
  below: -1e9 * i,
  group: `a group with a long name, number ${i % 4}`,
}));
const CHARTS: readonly Chart[] = [
  plotBar(rows, { x: "group", color: "group" }),
  plotBar(rows, { x: "group", y: "below", reduce: "sum" }),
  plotLine(rows, {
    x: "at",
    y: "n",
    title: "A title that is longer than the picture is wide ".repeat(3),
  }),
  plotLine(rows, { x: "n", y: "tiny", reduce: "mean" }),
  plotScatter(rows, { x: "below", y: "n", color: "group" }),
  plotScatter(rows, { x: "at", y: "below", color: "n" }),
  plotHistogram(rows, { x: "n", bins: 30 }),
  plotHistogram(rows, { x: "at", bins: 7 }),
];
const html = (chart: Chart) => chart[JUPYTER_DISPLAY]()["text/html"] ?? "";

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  const context = await browser.newContext({ acceptDownloads: true });
  const page = await context.newPage();
  for (const width of WIDTHS) {
    for (const chart of CHARTS) await checkLetters(page, chart, width);
    await checkImage(page, width);
  }
  await checkScrolling(page);
  await checkSaving(page);
  await checkTable(page);
  await checkCard(page);
} finally {
  await browser.close();
}
process.stdout.write(
  `${CHARTS.length} charts at ${WIDTHS.length} widths, a table and a sign-in card are as they should be\n`,
);

async function show(page: Page, content: string, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await page.setContent(`<!doctype html><body style="margin:0">${content}</body>`);
}

/** Letters are large enough, and none hangs over the edge of its picture. */
async function checkLetters(page: Page, chart: Chart, width: number): Promise<void> {
  await show(page, html(chart), width);
  const wrong = await page.evaluate(`(() => {
    const svg = document.querySelector("svg");
    const frame = svg.getBoundingClientRect();
    const scale = frame.width / svg.viewBox.baseVal.width;
    return [...svg.querySelectorAll("text")].flatMap((text) => {
      const box = text.getBoundingClientRect();
      const size = Number.parseFloat(getComputedStyle(text).fontSize) * scale;
      const over = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom);
      return [
        ...(size < ${SMALLEST_LETTERS} - 0.05 ? [text.textContent + ": " + size + " px"] : []),
        ...(over > 1 ? [text.textContent + ": " + over + " px over the edge"] : []),
      ];
    });
  })()`);
  assert.deepEqual(wrong, [], `${chart.text.split("\n")[0]} at ${width} px`);
}

/** Where no script runs, as in a notebook that is not trusted, the image keeps its size too. */
async function checkImage(page: Page, width: number): Promise<void> {
  const [chart] = CHARTS;
  assert(chart);
  await show(page, html(chart).replace(/<script data-notelake>.*<\/script>/, ""), width);
  const box = await page.locator("img").boundingBox();
  assert(box && box.width >= (640 * SMALLEST_LETTERS) / 12, `the image is ${box?.width} px wide`);
}

/** Where a chart does not fit, it says so, and the keyboard reaches what scrolls. */
async function checkScrolling(page: Page): Promise<void> {
  const [chart] = CHARTS;
  assert(chart);
  await show(page, html(chart), 460);
  const scroller = page.getByRole("region", { name: "Chart that scrolls sideways" });
  assert.equal(await scroller.getAttribute("tabindex"), "0");
  assert.match(await page.locator("body").innerText(), /the chart scrolls sideways/);
  await page.setViewportSize({ width: 980, height: 900 });
  await page.waitForFunction("!document.body.innerText.includes('scrolls sideways')");
  assert.equal(await page.getByRole("region").count(), 0);
}

async function checkSaving(page: Page): Promise<void> {
  const [chart] = CHARTS;
  assert(chart);
  await show(page, html(chart), 980);
  for (const format of ["SVG", "PNG"]) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: `Save the chart as ${format}` }).click(),
    ]);
    assert.equal(download.suggestedFilename(), `chart.${format.toLowerCase()}`);
    const bytes = await readFile(await download.path());
    if (format === "SVG") assert.equal(bytes.toString(), chart.svg);
    else {
      assert.equal(bytes.toString("latin1", 1, 4), "PNG");
      assert.equal(bytes.readUInt32BE(16), 1280, "twice as many pixels as it is drawn for");
    }
  }
}

async function checkTable(page: Page): Promise<void> {
  const data = Array.from({ length: 45 }, (_, i) => ({
    n: i === 3 ? null : (i * 17) % 45,
    name: `row ${String(i).padStart(2, "0")}`,
    text: "a sentence that makes the table wider than a narrow cell",
  }));
  await show(page, showFrame(data, { rows: 45 })["text/html"] ?? "", 460);
  const first = () => page.locator("tbody tr:visible td").nth(1).textContent();
  const shown = () => page.locator("tbody tr:visible").count();
  assert.equal(await shown(), 20);
  const scroller = page.getByRole("region", { name: "Table that scrolls sideways" });
  assert.equal(await scroller.getAttribute("tabindex"), "0");
  assert.match((await page.locator("body").innerText()) ?? "", /the table scrolls sideways/);

  await page.getByRole("button", { name: "Later rows" }).click();
  await page.getByRole("button", { name: "Later rows" }).click();
  assert.equal(await shown(), 5);
  const heading = page.getByRole("columnheader", { name: /^n\b/ });
  const sort = heading.getByRole("button");
  await sort.focus();
  await page.keyboard.press("Enter");
  assert.equal(await heading.getAttribute("aria-sort"), "ascending");
  assert.equal(await first(), "row 00");
  await page.keyboard.press("Enter");
  assert.equal(await heading.getAttribute("aria-sort"), "descending");
  // 17 × 37 = 44 + 45 × 13.
  assert.equal(await first(), "row 37");
  await page.getByRole("button", { name: "Later rows" }).click();
  await page.getByRole("button", { name: "Later rows" }).click();
  const last = await page
    .locator("tbody tr:visible td")
    .nth(4 * 3 + 1)
    .textContent();
  assert.equal(last, "row 03", "what has no value is last");

  await page.setViewportSize({ width: 1300, height: 900 });
  await page.waitForFunction("!document.body.innerText.includes('scrolls sideways')");
  assert.equal(await page.getByRole("region").count(), 0);
}

async function checkCard(page: Page): Promise<void> {
  const prompt: DeviceCodePrompt = {
    kind: "device-code",
    userCode: "B7KQ9WXHT",
    verificationUri: "https://microsoft.com/devicelogin",
    message: "",
    expiresOn: new Date(Date.now() + 900_000),
    outcome: new Promise(() => {}),
  };
  await show(page, signInCard(prompt)["text/html"] ?? "", 460);
  await page.evaluate(
    "document.addEventListener('copy', () => { globalThis.copied = getSelection().toString() })",
  );
  await page.getByRole("button", { name: "Copy" }).click();
  assert.equal(await page.evaluate("globalThis.copied"), "B7KQ9WXHT");
  assert.equal(await page.getByRole("button", { name: "Copied" }).count(), 1);
  assert.match((await page.getByRole("status").textContent()) ?? "", /good for 15 minutes/);
}
