// The documents site in a real browser: `node test/lab/docs-site.ts FOLDER` opens the site that
// `npm run docs` has made there, from the disk, light and dark, from a phone's width to a wide screen's.
// Follows every link and anchor on every page, and searches. Pictures go to the folder that SCREENSHOTS
// names.
import { existsSync, globSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseHTML } from "linkedom";
import { chromium, type Page } from "playwright-core";

const site = process.argv[2];
if (!site) throw new Error("which folder is the site in?");
const PHONE = 390;
const WIDTHS = [PHONE, 800, 1280, 1600];
const pictures = process.env.SCREENSHOTS;
if (pictures) mkdirSync(pictures, { recursive: true });

const pages = globSync("**/*.html", { cwd: site }).sort();
const wrong = checkLinks();
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  for (const name of pages) await measure(plain, name);
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ colorScheme });
    context.on("request", (request) => {
      if (/^https?:/.test(request.url())) wrong.push(`asked another machine: ${request.url()}`);
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error.message}`));
    await page.setViewportSize({ width: colorScheme === "light" ? PHONE : 1280, height: 844 });
    await search(page);
    if (colorScheme === "dark") await print(page);
    if (pictures) await photograph(page, colorScheme);
    await context.close();
  }
} finally {
  await browser.close();
}
if (wrong.length > 0) throw new Error(`the site is wrong:\n${wrong.join("\n")}`);
process.stdout.write(
  `${pages.length} pages: links lead somewhere, nothing is too wide, search finds\n`,
);

/** Nothing may hang over the edge of a screen, which scripts have no part in. */
async function measure(page: Page, name: string): Promise<void> {
  await page.goto(address(name));
  // What fits a phone fits wider screens, but for pages with tables and outputs.
  const widths = /^(index|documents|modules)/.test(name) ? WIDTHS : [PHONE];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const over = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    if (Number(over) > 0) wrong.push(`${name} is ${over} px too wide at ${width} px`);
  }
}

function address(name: string): string {
  return pathToFileURL(join(site ?? "", name)).href;
}

/** Looks for things as a reader would, and goes where the first answer leads. */
async function search(page: Page): Promise<void> {
  const questions = [
    ["openLake", "functions/notelake.openLake.html"],
    ["federated", "documents/Tutorials.Move_to_your_own_Azure.html"],
    ["Coming from", "documents/Tutorials.Coming_from_the_Python_articles.html"],
  ] as const;
  for (const [question, expected] of questions) {
    await page.goto(address("index.html"));
    await page.keyboard.press("/");
    await page.locator("#tsd-search-input").fill(question);
    const results = page.locator("#tsd-search-results a");
    await results.first().waitFor({ timeout: 15_000 });
    const found = await results.evaluateAll((links) =>
      links.map((link) => link.getAttribute("href")),
    );
    const at = found.findIndex((link) => link?.split(/[?#]/)[0]?.endsWith(expected));
    if (at < 0) {
      wrong.push(`a search for ${question} finds ${found.slice(0, 5)} and not ${expected}`);
      continue;
    }
    await results.nth(at).click();
    const arrived = (url: URL) => url.pathname.endsWith(expected);
    await page
      .waitForURL(arrived, { timeout: 15_000 })
      .catch(() => wrong.push(`a click on ${expected}, which was found, leads to ${page.url()}`));
  }
}

/** A dark page is printed in dark letters. */
async function print(page: Page): Promise<void> {
  await page.goto(address("index.html"));
  const letters = () => page.evaluate("getComputedStyle(document.body).color");
  const before = await letters();
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  const printed = await letters();
  await page.evaluate("dispatchEvent(new Event('afterprint'))");
  if (before === printed || (await letters()) !== before) {
    wrong.push(
      `letters are ${before} on a dark screen, ${printed} on paper, ${await letters()} after`,
    );
  }
}

/** Every link and picture of every page has to be there, with the anchor that it names. */
function checkLinks(): string[] {
  const broken: string[] = [];
  const anchors = new Map<string, Set<string>>();
  const documents = pages.map((name) => {
    const { document } = parseHTML(readFileSync(join(site ?? "", name), "utf8"));
    const elements = [...document.querySelectorAll("[id], a[name]")];
    anchors.set(name, new Set(elements.map((one) => one.id || one.getAttribute("name") || "")));
    return { name, document };
  });
  for (const { name, document } of documents) {
    const from = pathToFileURL(join(site ?? "", name));
    for (const element of document.querySelectorAll("a[href], img[src], script[src], link[href]")) {
      const link = element.getAttribute("href") ?? element.getAttribute("src") ?? "";
      const url = new URL(link, from);
      if (url.protocol !== "file:") continue;
      const file = fileURLToPath(new URL(url.pathname, "file:"));
      const target = relative(site ?? "", file);
      const anchor = decodeURIComponent(url.hash.slice(1));
      if (!existsSync(file) || statSync(file).isDirectory()) {
        broken.push(`${name} has a link to ${link}, which is not there`);
      } else if (anchor && anchors.has(target) && !anchors.get(target)?.has(anchor)) {
        broken.push(`${name} has a link to ${link}: ${target} has no such place`);
      }
    }
  }
  return broken;
}

async function photograph(page: Page, scheme: string): Promise<void> {
  const telling = /^index|Tutorials|Guide\.|modules\/|openLake|loadFrame\.|notelake\.Lake\./;
  for (const name of pages.filter((each) => telling.test(each))) {
    await page.goto(address(name));
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const path = join(pictures ?? "", `${name.replaceAll("/", "-")}-${width}-${scheme}.png`);
      await page.screenshot({ path });
    }
  }
}
