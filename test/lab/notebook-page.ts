import type { BrowserContext, Locator, Page } from "playwright-core";

const KERNEL = "TypeScript (notelake)";

/** One notebook open in JupyterLab, driven as a person would. */
export class NotebookPage {
  readonly page: Page;
  readonly #context: BrowserContext;

  constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  /** Opens a notebook in a fresh workspace and waits until our kernel is idle. */
  static async open(context: BrowserContext, lab: URL, name: string): Promise<NotebookPage> {
    const page = await context.newPage();
    const address = new URL(`/lab/tree/${encodeURIComponent(name)}`, lab);
    address.search = `${lab.search}&reset`;
    await page.goto(address.href);
    const notebook = new NotebookPage(context, page);
    await page.locator(".jp-Notebook").waitFor({ timeout: 60_000 });
    await page.locator(".jp-KernelName", { hasText: KERNEL }).waitFor();
    await notebook.untilIdle();
    return notebook;
  }

  async untilIdle(timeout = 60_000): Promise<void> {
    await this.page.locator('.jp-NotebookPanel-toolbar [data-status="idle"]').waitFor({ timeout });
  }

  async menu(...path: string[]): Promise<void> {
    const [bar = "", ...rest] = path;
    await this.page.locator(".lm-MenuBar-itemLabel", { hasText: new RegExp(`^${bar}$`) }).click();
    for (const item of rest) {
      await this.page.locator(".lm-Menu-itemLabel", { hasText: new RegExp(`^${item}$`) }).click();
    }
  }

  /** Cells that wait or run show a star. */
  async untilRun(timeout: number): Promise<void> {
    const waiting = this.page.locator(".jp-InputPrompt", { hasText: "[*]" });
    await waiting.first().waitFor({ timeout: 10_000 });
    const deadline = performance.now() + timeout;
    // A star may be gone for a moment before the next one shows.
    for (let without = 0; without < 5; without = (await waiting.count()) > 0 ? 0 : without + 1) {
      if (performance.now() > deadline) throw new Error(`cells still run after ${timeout} ms`);
      await this.page.waitForTimeout(200);
    }
    await this.untilIdle();
  }

  /** Signs in at the page that the card of the notebook leads to, in a tab of its own. */
  async signIn(user: string, onPage: (page: Page) => Promise<void>): Promise<void> {
    const link = this.page.locator('.jp-OutputArea-output a[href*="devicelogin"]').last();
    await link.waitFor({ timeout: 120_000 });
    const card = link.locator("xpath=ancestor::*[.//span[contains(@title,'code')]][1]");
    const code = (await card.locator("span[title*='code']").textContent()) ?? "";
    await onPage(this.page);
    const [tab] = await Promise.all([this.#context.waitForEvent("page"), link.click()]);
    await tab.locator("#code").fill(code.trim());
    await tab.getByRole("button", { name: "Next" }).click();
    await tab.locator(`button[name=user][value="${user}"]`).click();
    const number = await tab.locator(".number").textContent();
    await tab.locator("#number").fill(number?.trim() ?? "");
    await onPage(tab);
    await tab.getByRole("button", { name: "Yes, it's me" }).click();
    await tab.getByText("You are signed in").waitFor();
    await tab.close();
    // The card changes where it stands; only then may another one be looked for.
    await this.page
      .locator(".jp-OutputArea-output span[title*='code']", { hasText: code })
      .waitFor({ state: "detached" });
  }

  /** Changes the colours of the operating system, which JupyterLab follows. */
  async dress(scheme: "light" | "dark"): Promise<void> {
    await this.page.emulateMedia({ colorScheme: scheme });
    const body = `body[data-jp-theme-light="${scheme === "light"}"]`;
    await this.page.locator(body).waitFor({ state: "attached" });
    // The page is laid out anew, its last cell last.
    await this.page.locator(".jp-Notebook .jp-Cell").last().waitFor();
  }

  /** Shows the stored outputs as whoever made them sees them: of a stranger's notebook, charts are left out. */
  async trust(): Promise<void> {
    await this.page.keyboard.press("ControlOrMeta+Shift+C");
    await this.page.locator(".lm-CommandPalette-input").fill("Trust Notebook");
    await this.page.keyboard.press("Enter");
    await this.page.locator(".jp-Dialog-buttonLabel", { hasText: /^Trust$/ }).click();
    await this.page.locator(".jp-Dialog").waitFor({ state: "detached" });
  }

  outputs(selector: string): Locator {
    return this.page.locator(
      `.jp-OutputArea-output :is(${selector}), .jp-OutputArea-output:is(${selector})`,
    );
  }

  /** Saves the notebook until nothing of it is unsaved: JupyterLab drops a save beside one of its own. */
  async save(): Promise<void> {
    // The tab shows a dot as long as something is not saved.
    const unsaved = this.page.locator(".lm-TabBar-tab.jp-mod-dirty");
    for (let attempt = 1; attempt <= 10; attempt++) {
      const written = this.page.waitForResponse(
        (response) =>
          response.request().method() === "PUT" && /\/api\/contents\//.test(response.url()),
      );
      await this.menu("File", "Save Notebook");
      await written;
      const saved = unsaved.waitFor({ state: "detached", timeout: 10_000 });
      if (
        await saved.then(
          () => true,
          () => false,
        )
      )
        return;
    }
    throw new Error("JupyterLab still shows the notebook as not saved");
  }
}

/** A picture of what the page shows, down to the last cell. */
export async function photograph(page: Page, file: string): Promise<void> {
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  const last = await page
    .locator(".jp-Notebook .jp-Cell")
    .last()
    .boundingBox({ timeout: 500 })
    .catch(() => null);
  const used = last ? last.y + last.height + 40 : 900;
  await page.screenshot({
    path: file,
    clip: { x: 0, y: 0, width, height: Math.min(height, used) },
  });
}
