/** Files of a folder that a newcomer may have, and cells that import them. */
export interface ImportCase {
  readonly what: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly cells: readonly string[];
  readonly value?: string;
  /** Pattern of the message that the last cell fails with. */
  readonly error?: RegExp;
}

/** What `npm init -y` writes, and a package without types. */
export const FOLDER: Readonly<Record<string, string>> = {
  "package.json": '{ "name": "mine", "version": "1.0.0", "type": "commonjs" }',
  "lib.ts":
    "export const three: number = 3;\nexport function twice(x: number): number {\n  return 2 * x;\n}\n",
  "node_modules/untyped/package.json":
    '{ "name": "untyped", "version": "1.0.0", "main": "main.js" }',
  "node_modules/untyped/main.js":
    "module.exports = (x) => x + 1; module.exports.extra = 5; Object.assign(module.exports, { hidden: 6 });",
  "node_modules/esm/package.json":
    '{ "name": "esm", "type": "module", "exports": { ".": "./main.js", "./sub": "./sub.js" } }',
  "node_modules/esm/main.js": "export default 'whole'; export const part = 'part';",
  "node_modules/esm/sub.js": "export const sub = import.meta.url.endsWith('sub.js');",
  "node_modules/compiled/package.json": '{ "name": "compiled", "version": "1.0.0" }',
  "node_modules/compiled/index.js":
    "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'inner'; exports.named = 'named';",
  "node_modules/compiled/index.d.ts":
    "declare const inner: string; export default inner; export declare const named: string;",
};

export const IMPORT_CASES: readonly ImportCase[] = [
  {
    what: "a .ts file in a folder of type commonjs",
    cells: ["import { three } from './lib.ts';\nthree"],
    value: "3",
  },
  { what: "without its ending", cells: ["import { twice } from './lib';\ntwice(2)"], value: "4" },
  {
    what: "by the ending that it would have as JavaScript",
    cells: ["import * as lib from './lib.js';\nlib.three"],
    value: "3",
  },
  {
    what: ".mts, .cts and .tsx",
    files: {
      "a4.mts": "export const a: number = 1;",
      "b4.cts": "const b: number = 2;\nexport = { b };",
      "c4.tsx":
        "const h = (...all: unknown[]) => all.length;\n/** @jsx h */\nexport const c: number = 3;",
    },
    cells: [
      "import { a } from './a4.mts';\nimport four from './b4.cts';\nimport { c } from './c4.tsx';\n[a, four.b, c]",
    ],
    value: "[ 1, 2, 3 ]",
  },
  {
    what: ".mjs, .cjs and .js",
    files: {
      "a5.mjs": "export const a = 1;",
      "b5.cjs": "exports.b = 2;",
      "c5.js": "exports.c = 3;",
    },
    cells: [
      "import { a } from './a5.mjs';\nimport { b } from './b5.cjs';\nimport { c } from './c5.js';\n[a, b, c]",
    ],
    value: "[ 1, 2, 3 ]",
  },
  {
    what: "a .js file with export, although the type is commonjs",
    files: { "a6.js": "export const a = 6;" },
    cells: ["import { a } from './a6.js';\na"],
    value: "6",
  },
  {
    what: "JSON, with and without saying so",
    files: { "d7.json": '{ "x": 7 }' },
    cells: [
      "import one from './d7.json' with { type: 'json' };\nimport two from './d7.json';\n[one.x, two === one]",
    ],
    value: "[ 7, true ]",
  },
  {
    what: "a folder by its index",
    files: { "part8/index.ts": "export * from './one';", "part8/one.ts": "export const one = 8;" },
    cells: ["import { one } from './part8';\none"],
    value: "8",
  },
  {
    what: "from the folder above and by an absolute path",
    files: { "deep9/up.ts": "export { three } from '../lib';" },
    cells: [
      "import { three } from './deep9/up.ts';\nconst by = await import(import.meta.dirname + '/lib.ts');\n[three, by.three]",
    ],
    value: "[ 3, 3 ]",
  },
  {
    what: "enums and namespaces in a module",
    files: { "e10.ts": "export enum E { A, B }\nexport namespace N { export const x = 1; }" },
    cells: ["import { E, N } from './e10.ts';\n[E.B, N.x]"],
    value: "[ 1, 1 ]",
  },
  {
    what: "decorators in a module",
    files: {
      "d11.ts":
        "const named = (_: unknown, c: ClassDecoratorContext) => { c.addInitializer(function () { Object.assign(this as object, { tag: c.name }); }); };\n@named export class D { static tag?: string }",
    },
    cells: ["import { D } from './d11.ts';\nD.tag"],
    value: "D",
  },
  {
    what: "a type imported without the word type, in a module",
    files: {
      "t12.ts": "export interface T { x: number }\nexport const make = (): T => ({ x: 12 });",
      "u12.ts":
        "import { T, make } from './t12';\nimport { T as Again } from './t12';\nexport const x = (): Again['x'] => { const made: T = make(); return made.x; };",
    },
    cells: ["import { x } from './u12.ts';\nx()"],
    value: "12",
  },
  {
    what: "a type imported without the word type, in a cell",
    files: { "t13.ts": "export interface T { x: number }\nexport type U = T;" },
    cells: ["import { T, U } from './t13.ts';\nconst t: T & U = { x: 13 }; t.x"],
    value: "13",
  },
  {
    what: "an untyped package",
    cells: [
      "import untyped from 'untyped';\nimport { extra, hidden } from 'untyped';\n[untyped(1), extra, hidden]",
    ],
    value: "[ 2, 5, 6 ]",
  },
  {
    what: "a package of ES modules, and a part of it",
    cells: [
      "import whole, { part } from 'esm';\nimport { sub } from 'esm/sub';\n[whole, part, sub]",
    ],
    value: "[ 'whole', 'part', true ]",
  },
  {
    what: "a package compiled to CommonJS, by its default",
    cells: ["import inner, { named } from 'compiled';\n[inner, named]"],
    value: "[ 'inner', 'named' ]",
  },
  {
    what: "Node's modules, with and without node:",
    cells: [
      "import fs from 'fs';\nimport { sep, join } from 'node:path';\nimport * as os from 'node:os';\n[fs.existsSync('lib.ts'), join('a', 'b') === 'a' + sep + 'b', typeof os.EOL]",
    ],
    value: "[ true, true, 'string' ]",
  },
  {
    what: "tslab, which is not installed",
    cells: [
      "import { display, newDisplay } from 'tslab';\nimport * as tslab from 'tslab';\n[typeof display.html, typeof newDisplay().svg, tslab.display === display]",
    ],
    value: "[ 'function', 'function', true ]",
  },
  {
    what: "import() in a cell and in a function called later",
    cells: [
      "const late = async () => (await import('./lib.ts')).three;",
      "[await late(), (await import('./lib')).twice(1)]",
    ],
    value: "[ 3, 2 ]",
  },
  {
    what: "require in a cell",
    files: { "r23.cjs": "exports.r = 23;" },
    cells: [
      "const { r } = require('./r23.cjs') as { r: number };\n[r, require('node:path').sep.length, require('./lib').three]",
    ],
    value: "[ 23, 1, 3 ]",
  },
  {
    what: "import for its effect",
    files: { "s24.ts": "(globalThis as { s24?: number }).s24 = 24;\nexport {};" },
    cells: ["import './s24.ts';\nReflect.get(globalThis, 's24')"],
    value: "24",
  },
  {
    what: "imports below code that uses them",
    cells: ["const used = three + 1;\nimport { three } from './lib.ts';\nused"],
    value: "4",
  },
  {
    what: "a name that is renamed, default and all at once",
    files: { "m26.ts": "export default 1; export const a = 2;" },
    cells: [
      "import one, { a as two, default as three26 } from './m26.ts';\nimport same, * as all from './m26.ts';\n[one, two, three26, same, all.a]",
    ],
    value: "[ 1, 2, 1, 1, 2 ]",
  },
  {
    what: "paths of the tsconfig.json beside the notebook",
    files: {
      "tsconfig.json":
        '{\n  // for the editor\n  "compilerOptions": { "paths": { "@/*": ["./src27/*"] }, "strict": true, },\n}',
      "src27/x.ts": "export const x = 27;",
    },
    cells: ["import { x } from '@/x';\nx"],
    value: "27",
  },
  {
    what: "JSX by the runtime that a comment names, in a cell and in a module",
    files: {
      "node_modules/mini/package.json":
        '{ "name": "mini", "type": "module", "exports": { "./jsx-runtime": { "types": "./jsx.d.ts", "default": "./jsx.js" } } }',
      "node_modules/mini/jsx.js":
        "export const jsx = (tag, { children }) => tag + ':' + children;\nexport const jsxs = jsx;",
      "node_modules/mini/jsx.d.ts":
        "export function jsx(tag: string, props: object): string;\nexport { jsx as jsxs };\n" +
        "export namespace JSX { type Element = string; interface IntrinsicElements { a: object; b: object } }",
      "page.tsx": "/** @jsxImportSource mini */\nexport const page = <b>2</b>;",
    },
    cells: ["/** @jsxImportSource mini */\nimport { page } from './page';\n[<a>1</a>, page]"],
    value: "[ 'a:1', 'b:2' ]",
  },
  {
    what: "modules that import each other",
    files: {
      "a28.ts": "import { b } from './b28';\nexport const a = () => b() + 1;",
      "b28.ts": "import { a } from './a28';\nexport const b = () => (a ? 27 : 0);",
    },
    cells: ["import { a } from './a28';\na()"],
    value: "28",
  },
  { what: "a file that is not there", cells: ["import { x } from './nowhere';"], error: /nowhere/ },
  {
    what: "a package that is not there",
    cells: ["import x from 'no-such-package';"],
    error: /no-such-package/,
  },
  {
    what: "a name that the module does not have",
    cells: ["import { fourr } from './lib.ts';"],
    error: /fourr/,
  },
  {
    what: "a module with a syntax error",
    files: { "bad32.ts": "export const ok = 1;\nexport const x = ;\n" },
    cells: ["import { ok } from './bad32.ts';"],
    error: /bad32\.ts/,
  },
  // Last: with its declarations every later import costs more.
  {
    what: "notelake, although the folder does not have it",
    cells: ["import { LakeError } from 'notelake';\nnew LakeError('NOT_FOUND', 'no').code"],
    value: "NOT_FOUND",
  },
  {
    what: "notelake in a module of one's own",
    files: {
      "l19.ts":
        "import { LakeError } from 'notelake';\nexport const code = (): string => new LakeError('EXISTS', 'no').code;",
    },
    cells: ["import { code } from './l19';\ncode()"],
    value: "EXISTS",
  },
  {
    what: "Danfo, the one that notelake gives out",
    cells: [
      "import { DataFrame } from 'danfojs-node';\nimport { DataFrame as Same } from 'notelake/danfo';\nDataFrame === Same",
    ],
    value: "true",
  },
];
