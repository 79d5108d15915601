import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FOLDER, IMPORT_CASES } from "./import-cases.ts";
import { openSession, type Session } from "./session.ts";

let folder: string;
let session: Session;

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-imports-"));
  await write(FOLDER);
  for (const { files } of IMPORT_CASES) await write(files ?? {});
  session = await openSession(folder, { headless: true });
});
afterAll(async () => {
  await session.client.shutdown();
  await rm(folder, { recursive: true });
});

describe("an edited file", () => {
  const notice = (name: string) => `${name} has changed and is loaded again\n`;

  test("is taken anew at the next import, with what imports it, and says so", async () => {
    await write({
      "base.ts": "export const state = { loads: 1 };\nexport const n = 1;",
      "middle.ts": "import { n } from './base';\nexport const m = () => n * 10;",
      "apart.ts": "export const apart = {};",
      "top.ts": "export { m } from './middle';\nexport { apart } from './apart';",
    });
    const cell = "import { m, apart } from './top';\nm()";
    expect((await session.run(`${cell}`)).value).toBe("10");
    await session.run("const apartBefore = apart;");
    expect(await session.run(cell)).toMatchObject({ value: "10", printed: "" });
    await write({ "base.ts": "export const n: number = 2;" });
    expect(await session.run(cell)).toMatchObject({ value: "20", printed: notice("base.ts") });
    // What did not change keeps its state.
    expect((await session.run("apart === apartBefore")).value).toBe("true");
    expect(await session.run(cell)).toMatchObject({ value: "20", printed: "" });
  });

  test("is checked by its new types", async () => {
    await write({ "types.ts": "export const t = 1;" });
    await session.run("import { t } from './types';");
    await write({ "types.ts": "export const t = 'text';" });
    const { value } = await session.run("import { t } from './types';\nt.toUpperCase()");
    expect(value).toBe("TEXT");
  });

  test("that was only touched stays", async () => {
    await write({ "touched.ts": "export const at = performance.now();" });
    const cell = "import { at } from './touched';\nat";
    const { value } = await session.run(cell);
    await utimes(join(folder, "touched.ts"), new Date(), new Date());
    expect(await session.run(cell)).toMatchObject({ value, printed: "" });
  });

  test("of CommonJS and of JSON too", async () => {
    await write({ "c.cjs": "exports.c = 1;", "j.json": '{ "j": 1 }' });
    const cell = "import { c } from './c.cjs';\nimport j from './j.json';\n[c, j.j]";
    expect((await session.run(cell)).value).toBe("[ 1, 1 ]");
    await write({ "c.cjs": "exports.c = 2;", "j.json": '{ "j": 2 }' });
    const { value, printed } = await session.run(cell);
    expect([value, printed]).toEqual(["[ 2, 2 ]", notice("c.cjs") + notice("j.json")]);
  });

  test("of two that import it reaches both", async () => {
    await write({
      "shared.ts": "export const s = 1;",
      "left.ts": "export { s as l } from './shared';",
      "right.ts": "export { s as r } from './shared';",
    });
    const cell = "import { l } from './left';\nimport { r } from './right';\n[l, r]";
    await session.run(cell);
    await write({ "shared.ts": "export const s = 2;" });
    expect(await session.run(cell)).toMatchObject({
      value: "[ 2, 2 ]",
      printed: notice("shared.ts"),
    });
  });

  test("that failed is run again, edited or not", async () => {
    await write({
      "fails.ts":
        "const tries = ((globalThis as { tries?: number }).tries ?? 0) + 1;\n" +
        "Object.assign(globalThis, { tries });\n" +
        "if (tries === 1) throw new Error('not yet');\nexport const done = tries;",
    });
    const cell = "import { done } from './fails';\ndone";
    const { reply } = await session.run(cell);
    expect(reply).toMatchObject({ evalue: "not yet" });
    expect(reply.traceback).toContain("    at fails.ts:3:24");
    expect((await session.run(cell)).value).toBe("2");
  });
});

test("an error in a module names its line, through enums and decorators", async () => {
  await write({
    "lines.ts":
      "export enum E { A }\n\ninterface Gone {\n  x: number;\n}\n" +
      "export function fail(e: E): Gone {\n  throw new Error('bad ' + E[e]);\n}\n",
  });
  const { reply } = await session.run("import { fail } from './lines';\nfail(0)");
  expect(reply.traceback).toEqual([
    "Error: bad A",
    expect.stringMatching(/^In\[\d+\], line 2$/),
    "  1 | import { fail } from './lines';",
    "> 2 | fail(0)",
    "    | ^",
    "    at fail (lines.ts:7:9)",
    expect.stringMatching(/^ {4}at In\[\d+\]:2:1$/),
  ]);
});

test.each(IMPORT_CASES)("$what", async ({ cells, value, error }) => {
  let last = await session.run("0");
  for (const code of cells) last = await session.run(code);
  if (error) {
    expect(last.reply.evalue).toMatch(error);
    return;
  }
  expect(last.reply.traceback).toBeUndefined();
  expect(last.value).toBe(value);
});
