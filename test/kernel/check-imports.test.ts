import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type CellChecker, startChecker } from "../../src/kernel/check/cell-checker.ts";

type Opened = { checker: CellChecker; folder: string }[];
const opened: Opened = [];
afterEach(() => close(opened));

function close(projects: Opened): void {
  for (const { checker, folder } of projects.splice(0)) {
    checker.close();
    rmSync(folder, { recursive: true });
  }
}

/**
 * A checker for a notebook in `notebooks/` of a new folder that has these files.
 *
 * @param among those that are closed with it
 */
function openProject(
  files: Readonly<Record<string, string>> = {},
  options = {},
  among: Opened = opened,
) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "notelake-check-test-")));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  mkdirSync(join(folder, "notebooks"), { recursive: true });
  const notices: string[] = [];
  const notice = (message: string) => notices.push(message);
  const checker = startChecker({ folder: join(folder, "notebooks"), notice, ...options });
  among.push({ checker, folder });
  const errorsOf = (...cells: string[]): string[] => {
    for (const code of cells) {
      const found = checker.check(code, "In[1]");
      if (found.length > 0) return found.map(({ code, message }) => `${code} ${message}`);
      checker.declare(code, "In[1]");
    }
    return [];
  };
  return { folder, write, notices, checker, errorsOf };
}

const MODULES = {
  "package.json": '{ "type": "commonjs" }',
  "notebooks/lib.ts":
    "export const width: number = 1; export enum Level { Low }\nexport default class Lib {}",
  "notebooks/esm.mts": "export const esm: number = 1;",
  "notebooks/common.cts": "export const common: number = 1;",
  "notebooks/view.tsx": "export const View = (props: { wide: number }) => props.wide;",
  "notebooks/own.mjs": "export const own = 1; export default 2;",
  "notebooks/old.cjs": "module.exports = { old: 1 };",
  "notebooks/data.json": '{ "rows": [1, 2] }',
  "notebooks/area/index.ts": "export const area: number = 1;",
  "up.ts": "export const up: number = 1;",
};

describe("a cell imports", () => {
  const cases: [string, ...string[]][] = [
    ["a file with its ending", 'import { width } from "./lib.ts";', "width.toFixed()"],
    ["a file without an ending", 'import { width } from "./lib"; width.toFixed()'],
    [
      "a file by the ending of what it becomes",
      'import { width } from "./lib.js"; width.toFixed()',
    ],
    ["an enum", 'import { Level } from "./lib.ts"; Level.Low'],
    ["a default export", 'import Lib from "./lib.ts"; new Lib()'],
    ["a default and names", 'import Lib, { width as w } from "./lib.ts"; new Lib(); w.toFixed()'],
    ["a whole module", 'import * as lib from "./lib.ts"; lib.width.toFixed(); new lib.default()'],
    [
      "a type",
      'import type Lib from "./lib.ts"; import { type Level } from "./lib.ts"; const l: Lib | Level = 0',
    ],
    [".mts", 'import { esm } from "./esm.mts"; esm.toFixed()'],
    [".mts by .mjs", 'import { esm } from "./esm.mjs"; esm.toFixed()'],
    [".cts", 'import { common } from "./common.cts"; common.toFixed()'],
    [".tsx", 'import { View } from "./view"; View({ wide: 1 }).toFixed()'],
    [
      "JavaScript of its own as any",
      'import two, { own } from "./own.mjs"; own.anything; two.anything',
    ],
    ["CommonJS of its own as any", 'import old from "./old.cjs"; old.anything'],
    ["JSON", 'import data from "./data.json"; data.rows[0]?.toFixed()'],
    [
      "JSON with its type",
      'import data from "./data.json" with { type: "json" }; data.rows.length',
    ],
    ["a folder", 'import { area } from "./area"; area.toFixed()'],
    ["a file above", 'import { up } from "../up"; up.toFixed()'],
    ["through import()", '(await import("./lib.ts")).width.toFixed()'],
    ["for its effects", 'import "./lib.ts"; import "./own.mjs"'],
    [
      "modules of Node",
      'import { join } from "node:path"; import fs from "fs"; join("a"); fs.statSync("a").size',
    ],
    ["notelake", 'import { openLake } from "notelake"; openLake("raw").list("x")'],
    [
      "what notelake depends on",
      'import { tableFromArrays } from "apache-arrow"; tableFromArrays({ a: [1] }).numRows',
    ],
    ["Danfo", 'import { DataFrame } from "danfojs-node"; new DataFrame([[1]]).shape'],
    ["tslab", 'import { display } from "tslab"; display.html("<b>1</b>")'],
    [
      "over lines, with comments",
      'import {\n  // how wide\n  width,\n  Level, /* low */\n} from "./lib.ts";',
      "width + Level.Low",
    ],
    [
      "the same again",
      'import { width } from "./lib.ts";',
      'import { width, Level } from "./lib.ts";',
      "Level.Low + width",
    ],
    ["nothing in a comment", '/*\nimport { nope } from "./nope";\n*/\n// import "./nope"'],
    ["nothing in a template", 'const text = `\nimport { nope } from "./nope";\n`; text.trim()'],
  ];

  // In one notebook, one after another.
  const shared: Opened = [];
  let project: ReturnType<typeof openProject>;
  beforeAll(() => {
    project = openProject(MODULES, {}, shared);
  });
  afterAll(() => close(shared));
  test.for(cases)("%s", ([, ...cells]) => {
    expect(project.errorsOf(...cells)).toEqual([]);
  });

  test("and is told what a module does not have", () => {
    const { errorsOf } = openProject(MODULES);
    expect(errorsOf('import { widht } from "./lib.ts";')).toEqual([
      `2724 '"./lib.ts"' has no exported member named 'widht'. Did you mean 'width'?`,
    ]);
    expect(errorsOf('import { width } from "./lib.ts"; const width = 1;')).toEqual([
      "2440 Import declaration conflicts with local declaration of 'width'.",
    ]);
    expect(errorsOf('import type Lib from "./lib.ts"; new Lib()')).toEqual([
      "1361 'Lib' cannot be used as a value because it was imported using 'import type'.",
    ]);
  });
});

describe("packages", () => {
  const UNTYPED = {
    "node_modules/ms/package.json": '{ "name": "ms", "main": "index.js" }',
    "node_modules/ms/index.js": "module.exports = () => 1;",
  };

  test("without types are any", () => {
    const { errorsOf } = openProject(UNTYPED);
    expect(
      errorsOf('import ms from "ms"; import * as all from "ms";', "ms('1s').anything; all.more"),
    ).toEqual([]);
    expect(errorsOf('import { whatever } from "ms"; whatever(1)')).toEqual([]);
  });

  test("of the notebook's folder come before the kernel's", () => {
    const { errorsOf } = openProject({
      "notebooks/node_modules/picomatch/package.json":
        '{ "name": "picomatch", "types": "index.d.ts" }',
      "notebooks/node_modules/picomatch/index.d.ts": "export const mine: number;",
    });
    expect(errorsOf('import { mine } from "picomatch"; mine.toFixed()')).toEqual([]);
  });

  test("of JSX are found through a comment and through tsconfig.json", () => {
    const MINI = {
      "node_modules/mini/package.json": '{ "exports": { "./jsx-runtime": "./jsx-runtime.d.ts" } }',
      "node_modules/mini/jsx-runtime.d.ts": `export namespace JSX {
  type Element = string; interface IntrinsicElements { a: { n?: number; children?: unknown } }
}
export function jsx(...all: unknown[]): string; export const jsxs: typeof jsx;`,
    };
    const wrong = "2322 Type 'string' is not assignable to type 'number'.";
    const { errorsOf } = openProject(MINI);
    const pragma = "/** @jsxImportSource mini */\n";
    expect(errorsOf(`${pragma}const view = <a n={1}>1</a>;`, "view.trim()")).toEqual([]);
    expect(errorsOf(`${pragma}<a n="x">1</a>`)).toEqual([wrong]);
    const config = '{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "mini" } }';
    const configured = openProject({ ...MINI, "notebooks/tsconfig.json": config });
    expect(configured.errorsOf("const view = <a n={1}>1</a>;", "view.trim()")).toEqual([]);
    expect(configured.errorsOf('<a n="x">1</a>')).toEqual([wrong]);
  });

  test("that are missing are named with the command that installs them, and found once it ran", () => {
    const { checker, errorsOf, write } = openProject();
    const [first] = checker.check('import x from "@no/such-package/deep";', "In[1]");
    expect(first).toMatchObject({
      code: 2307,
      line: 1,
      column: 15,
      suggestion: "Install it in the notebook's folder: npm install @no/such-package",
    });
    write("notebooks/node_modules/@no/such-package/package.json", '{ "name": "@no/such-package" }');
    write(
      "notebooks/node_modules/@no/such-package/deep.d.ts",
      "declare const x: number; export default x;",
    );
    expect(errorsOf('import x from "@no/such-package/deep"; x.toFixed()')).toEqual([]);
  });

  test("a file that is missing is told from one that is misspelt", () => {
    const { checker, folder } = openProject(MODULES);
    const suggestion = (code: string) => checker.check(code, "In[1]")[0]?.suggestion;
    const place = `There is no such file in ${folder}/notebooks/.`;
    expect(suggestion('import { width } from "./libs";')).toBe(`${place} Did you mean "./lib.ts"?`);
    expect(suggestion('import { width } from "./nothing-like-it.ts";')).toBe(place);
  });

  test("a module that always answers comes first", () => {
    const { errorsOf } = openProject(
      { "own.ts": "export const mine: number = 1;" },
      { modules: { tslab: join(import.meta.dirname, "fixtures", "area.ts") } },
    );
    expect(errorsOf('import { area } from "tslab"; area(1, 2).toFixed()')).toEqual([]);
  });
});

test("a file that changed is read again, also one that was not there", async () => {
  const { errorsOf, write } = openProject({ "notebooks/lib.ts": "export const width = 1;" });
  expect(errorsOf('import { width } from "./lib.ts";', "width.toFixed()")).toEqual([]);
  await sleep(10);
  write("notebooks/lib.ts", "export const width = 'a';");
  expect(errorsOf("width.trim()")).toEqual([]);
  expect(errorsOf('import { late } from "./late";')).toHaveLength(1);
  write("notebooks/late.ts", "export const late = 1;");
  expect(errorsOf('import { late } from "./late"; late.toFixed()')).toEqual([]);
});

describe("a tsconfig.json beside the notebook", () => {
  const withConfig = (compilerOptions: unknown, files = {}) =>
    openProject({
      "notebooks/tsconfig.json": JSON.stringify({ compilerOptions, include: ["nothing"] }),
      ...files,
    });

  test("raises and lowers strictness", () => {
    expect(withConfig({ noUncheckedIndexedAccess: true }).errorsOf("[1][0].toFixed()")).toEqual([
      "2532 Object is possibly 'undefined'.",
    ]);
    expect(withConfig({ strict: false }).errorsOf("const f = (x) => x;")).toEqual([]);
  });

  test("adds libraries, paths and JSX", () => {
    const { errorsOf } = withConfig(
      { lib: ["ES2020", "DOM"], paths: { "@/*": ["../src/*"] }, jsx: "react", jsxFactory: "h" },
      { "src/a.ts": "export const a: number = 1;" },
    );
    expect(errorsOf("document.title; [1].toSorted()")).toEqual([]);
    expect(errorsOf('import { a } from "@/a"; a.toFixed()')).toEqual([]);
    expect(errorsOf("const h = (...all: unknown[]) => all;", "<p>{1}</p>")).toEqual([]);
  });

  test("cannot forbid what a notebook lives from", () => {
    const { errorsOf } = withConfig({
      noUnusedLocals: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      isolatedDeclarations: true,
      declaration: true,
      allowUnreachableCode: false,
      rootDir: ".",
      outDir: "out",
      module: "CommonJS",
      target: "ES2015",
    });
    expect(errorsOf("enum E { A } const unused = 1; export const x = [1].at(0); await 1;")).toEqual(
      [],
    );
  });

  test("that is wrong is named with its line, and counts for the rest", () => {
    const { errorsOf, notices, folder } = openProject({
      "notebooks/tsconfig.json":
        '{\n "compilerOptions": {\n  "stirct": true,\n  "lib": ["DOM"] } }',
    });
    expect(errorsOf("document.title")).toEqual([]);
    expect(notices).toEqual([
      `The project's tsconfig.json counts only in part:\n${folder}/notebooks/tsconfig.json, line 3: Unknown compiler option 'stirct'.`,
    ]);
  });
});
