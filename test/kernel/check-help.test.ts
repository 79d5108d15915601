import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CellChecker, startChecker } from "../../src/kernel/check/cell-checker.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "notelake-check-test-")));
writeFileSync(join(folder, "shapes.ts"), "export const area = (a: number) => a;");
const notices: string[] = [];
let checker: CellChecker;
beforeAll(() => {
  checker = startChecker({ folder, notice: (message) => notices.push(message) });
  const cells = [
    'import { openLake, loadFrame } from "notelake"; const lake = openLake("raw");',
    `interface Options { mode: "fast" | "slow"; size?: number }
/**
 * Measures it.
 *
 * @param options how
 * @param times how often
 * @example
 * measure({ mode: "fast" })
 */
function measure(options: Options, times = 1, ...more: string[]): number { return times }
let count = 3; const words = ["a"];
class Box<T> { _hidden = 1; $inner = 2; width = 3; constructor(readonly value: T, size: number) {} }
const box = new Box("a", 1);
function over(a: string): string; function over(a: number, b: boolean): number;
function over(a: unknown): never { throw a }
const maybe = new Map<string, { deep: number }>().get("x");`,
  ];
  for (const code of cells) {
    expect(checker.check(code, "In[1]")).toEqual([]);
    checker.declare(code, "In[1]");
  }
});
afterAll(() => {
  checker.close();
  rmSync(folder, { recursive: true });
  expect(notices).toEqual([]);
});

/** Where `|` stands in a code, in code points, and the code without it. */
function at(marked: string): [string, number] {
  return [marked.replace("|", ""), [...marked.slice(0, marked.indexOf("|"))].length];
}

describe("completion", () => {
  test("of a dataframe is without its insides and what always throws, unless asked for", () => {
    const { matches } = checker.complete(...at("(await loadFrame(lake, 'a')).|"));
    expect(matches).toEqual(expect.arrayContaining(["head", "columns", "groupby", "shape"]));
    expect(matches.filter((name) => /^(\$|plot$|print$|tensor$|cumOps$)/.test(name))).toEqual([]);
    const asked = checker.complete(...at("(await loadFrame(lake, 'a')).$is|"));
    expect(asked.matches).toEqual(["$isSeries"]);
  });

  test.each([
    ["a name of an earlier cell", "wor|", "words"],
    ["a name of this cell", "const width = 1; const height = wid|", "width"],
    ["a local name", "function f(first: number) { return fir| }", "first"],
    ["a member", "lake.li|", "list"],
    ["a member before more code", "lake.li|\nconst after = 1;", "list"],
    ["a member of what is being written", "words.map((w) => w.toUp|", "toUpperCase"],
    ["a global", "JSO|", "JSON"],
    ["a keyword", "cont|", "continue"],
    ["an option", "measure({ m|", "mode"],
    ["an option of notelake", "loadFrame(lake, 'x', { del|", "delimiter"],
    ["a word of a union", "measure({ mode: 'f|", "fast"],
    ["a word of a union, with its quotes", "measure({ mode: |", '"fast"'],
    ["a key to take apart", "const { wid| } = box", "width"],
    ["a type", "let o: Opt|", "Options"],
    ["an export of a module", "import { openL| } from 'notelake'", "openLake"],
    ["what this cell imports", "import { readFile } from 'node:fs';\nreadF|", "readFile"],
    ["a member of what may be undefined", "maybe.|", "?.deep"],
    ["a package", "import { x } from 'notel|", "notelake"],
    ["a package in an open statement", "import 'notel|", "notelake"],
    ["a package to import later", "await import('notel|", "notelake"],
    ["a subpath", "import x from 'notelake/vi|'", "notelake/vitest"],
    ["a module of Node", "import x from 'node:fs/pr|'", "node:fs/promises"],
    ["a file of the folder", "import x from './sh|'", "./shapes.ts"],
  ])("offers %s", (_what, marked, expected) => {
    expect(checker.complete(...at(marked)).matches[0]).toBe(expected);
  });

  test("has the nearest first, private members last, and nothing of the checker's own", () => {
    expect(checker.complete(...at("box.|")).matches).toEqual([
      "value",
      "width",
      "$inner",
      "_hidden",
    ]);
    const { matches } = checker.complete(...at("|"));
    expect(matches.slice(0, 3)).toEqual(["box", "Box", "count"]);
    expect(matches.filter((match) => match.includes("notelake"))).toEqual([]);
  });

  test("says what each is, as JupyterLab shows it", () => {
    const { metadata } = checker.complete(...at("box.wi|"));
    expect(metadata).toEqual({
      _jupyter_types_experimental: [
        { text: "width", type: "property", signature: "number", start: 4, end: 6 },
      ],
    });
  });

  test("says what names of earlier cells are", () => {
    const kindOf = (marked: string) => {
      const { metadata } = checker.complete(...at(marked));
      const [first] = metadata._jupyter_types_experimental as { type: string; signature: string }[];
      return [first?.type, first?.signature];
    };
    expect(kindOf("measu|")[0]).toBe("function");
    expect(kindOf("let o: Optio|")).toEqual(["class", ""]);
    expect(kindOf("words|")).toEqual(["instance", "string[]"]);
  });

  test("counts code points, not UTF-16 units", () => {
    const { start, end, matches } = checker.complete(...at("const faces = '🎉🎉'; wor|"));
    expect([start, end, matches]).toEqual([20, 23, ["words"]]);
  });

  test("offers nothing in a comment or a text of one's own", () => {
    expect(checker.complete(...at("// wor|")).matches).toEqual([]);
    expect(checker.complete(...at("const s = 'wor|'")).matches).toEqual([]);
  });
});

describe("inspection", () => {
  const plain = (marked: string) => checker.inspect(...at(marked))?.["text/plain"];

  test("of other functions than notelake's names no guide", () => {
    expect(plain("measure(|")).not.toContain("notelake docs");
    expect(plain("parseInt(|")).not.toContain("notelake docs");
  });

  test.each([
    [
      "a call",
      "measure(|",
      "measure(\n  options: Options,  // <- here\n  times?: number,\n  ...more: string[],\n): number",
    ],
    ["its next parameter", "measure({ mode: 'fast' }, |)", "  times?: number,  // <- here"],
    [
      "a rest parameter",
      "measure({ mode: 'fast' }, 1, 'a', |)",
      "  ...more: string[],  // <- here",
    ],
    [
      "the options of a parameter",
      "measure({ | })",
      '// options\n  mode: "fast" | "slow";\n  size?: number;',
    ],
    ["its documentation", "measure(|", "Measures it.\n\n- `options` how"],
    ["its example", "measure(|", 'measure({ mode: "fast" })'],
    ["the documentation of a bare name", "measu|re", "Measures it."],
    [
      "a constructor",
      "new Box('a', |)",
      "new Box(\n  value: string,\n  size: number,  // <- here\n): Box<string>",
    ],
    ["overloads", "over(|)", "over(a: string): string"],
    ["other overloads", "over(|)", "over(a: number, b: boolean): number"],
    ["a call in a call", "measure({ mode: 'fast' }, over(|", "over("],
    ["a variable", "coun|t", "let count: number"],
    ["a constant", "words|", "const words: string[]"],
    ["a parameter", "words.map((w) => { w| })", "(parameter) w: string"],
    ["a member", "box.wid|th", "(property) width: number"],
    ["a method", "lake.li|st", "list(pattern?: string, options?: GlobOptions): Listing<LakeEntry>"],
    [
      "an interface",
      "let o: Option|s",
      'interface Options {\n  mode: "fast" | "slow";\n  size?: number;\n}',
    ],
    ["an interface alone", "Option|s", "interface Options {"],
    ["after emoji", "'🎉🎉'; words|", "const words: string[]"],
    ["notelake's functions", "loadFrame(|", "lake: LakeFiles,  // <- here"],
    ["where the guide is", "loadFrame(|", "`npx notelake docs`"],
  ])("explains %s", (_what, marked, expected) => {
    expect(plain(marked)).toContain(expected);
  });

  test("reads well on a page", () => {
    expect(checker.inspect(...at("box.wid|th"))?.["text/markdown"]).toBe(
      "```ts\n(property) width: number\n```",
    );
  });

  test.each(["1|", "|", "nope(|", "'text|'", "// wor|ds"])("knows nothing about %s", (marked) => {
    expect(plain(marked)).toBeUndefined();
  });
});
