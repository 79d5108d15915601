/** Cells that run one after another in one kernel; `value` is the text of the last one's value. */
export interface LanguageCase {
  readonly what: string;
  readonly cells: readonly string[];
  readonly value?: string;
  /** Standard output of all cells. */
  readonly printed?: string;
  /** Name and message of the error that the last cell fails with. */
  readonly error?: readonly [name: string, message: string | RegExp];
}

export const LANGUAGE_CASES: readonly LanguageCase[] = [
  // What a cell may declare again
  {
    what: "const again, of another type",
    cells: ["const a1 = 1", "const a1 = 'x'; a1"],
    value: "x",
  },
  { what: "let after const", cells: ["const a2 = 1", "let a2 = 2; a2"], value: "2" },
  { what: "const after let", cells: ["let a3 = 1", "const a3 = 2; a3"], value: "2" },
  {
    what: "a class again",
    cells: ["class A4 { a = 1 }", "class A4 { b = 2 }", "new A4()"],
    value: "A4 { b: 2 }",
  },
  {
    what: "a function over a const",
    cells: ["const a5 = 1", "function a5() { return 2 }", "a5()"],
    value: "2",
  },
  { what: "a const over a function", cells: ["function a6() {}", "const a6 = 3; a6"], value: "3" },
  {
    what: "var over let and let over var",
    cells: ["let a7 = 1", "var a7 = 2", "let a7 = 3; a7"],
    value: "3",
  },
  {
    what: "a type again",
    cells: ["type A8 = string", "type A8 = number", "const a8: A8 = 1; a8"],
    value: "1",
  },
  {
    what: "an interface again",
    cells: ["interface A9 { x: 1 }", "interface A9 { y: 2 }", "const a9: A9 = { y: 2 }; a9"],
    value: "{ y: 2 }",
  },
  {
    what: "an enum again",
    cells: ["enum A10 { X }", "enum A10 { Y = 7 }", "A10"],
    value: "{ '7': 'Y', Y: 7 }",
  },
  {
    what: "an import over a const",
    cells: ["const sep = 1", "import { sep } from 'node:path'; sep.length"],
    value: "1",
  },
  {
    what: "let of an earlier cell assigned",
    cells: ["let a12 = 1", "a12 += 2", "a12"],
    value: "3",
  },
  {
    what: "functions of earlier cells see what is assigned later",
    cells: ["let a13 = 1; const get13 = () => a13", "a13 = 5", "get13()"],
    value: "5",
  },
  {
    what: "the same cell three times",
    cells: [
      "class R14 {} let n14 = new R14()",
      "class R14 {} let n14 = new R14()",
      "class R14 {} let n14 = new R14(); n14",
    ],
    value: "R14 {}",
  },
  // What the language has
  {
    what: "using, disposed of at the end of the cell",
    cells: ["using r15 = { [Symbol.dispose]() { console.log('closed') } };\nconsole.log('open')"],
    printed: "open\nclosed\n",
  },
  {
    what: "await using",
    cells: [
      "await using r16 = { async [Symbol.asyncDispose]() { console.log('closed') } };\nr16.constructor.name",
    ],
    value: "Object",
    printed: "closed\n",
  },
  {
    what: "using inside of a block",
    cells: [
      "{ using r17 = { [Symbol.dispose]() { console.log('closed') } }; }\nconsole.log('after')",
    ],
    printed: "closed\nafter\n",
  },
  {
    what: "a resource is disposed of when the cell fails",
    cells: ["using r18 = { [Symbol.dispose]() { console.log('closed') } };\nthrow new Error('no')"],
    printed: "closed\n",
    error: ["Error", "no"],
  },
  {
    what: "standard decorators",
    cells: [
      "function loud(method: Function, { name }: ClassMethodDecoratorContext) { return function (this: unknown, ...args: unknown[]) { console.log(String(name)); return method.apply(this, args) } }\nclass D19 { @loud hello() { return 1 } }\nnew D19().hello()",
    ],
    value: "1",
    printed: "hello\n",
  },
  {
    what: "a decorated class again, each with its own initializers",
    cells: [
      "const tag = (_: unknown, c: ClassDecoratorContext) => { c.addInitializer(function () { Object.assign(this as object, { tagged: 1 }) }) }",
      "@tag class D20 { static a = 1 }",
      "@tag class E20 { static b = 2 }",
      "[Reflect.get(D20, 'tagged'), Reflect.get(E20, 'tagged')]",
    ],
    value: "[ 1, 1 ]",
  },
  {
    what: "enums",
    cells: ["enum Colour { Red, Green = 'g' }", "[Colour.Red, Colour.Green, Colour[0]]"],
    value: "[ 0, 'g', 'Red' ]",
  },
  { what: "a const enum", cells: ["const enum Size { Small = 3 }\nSize.Small"], value: "3" },
  {
    what: "namespaces",
    cells: [
      "namespace Shapes { export const sides = 4; export function area(x: number) { return x * x } }",
      "Shapes.area(Shapes.sides)",
    ],
    value: "16",
  },
  {
    what: "parameter properties",
    cells: [
      "class P24 { constructor(readonly x: number, private y = 2) {} sum() { return this.x + this.y } }\nnew P24(1).sum()",
    ],
    value: "3",
  },
  {
    what: "abstract classes and overrides",
    cells: [
      "abstract class Q25 { abstract f(): number; g() { return this.f() } }\nclass R25 extends Q25 { override f() { return 7 } }\nnew R25().g()",
    ],
    value: "7",
  },
  {
    what: "satisfies and as const",
    cells: ["const o26 = { a: [1, 2] } as const satisfies { a: readonly number[] }; o26.a[1]"],
    value: "2",
  },
  {
    what: "NoInfer, inferred predicates",
    cells: [
      "const pick = <T extends string>(all: T[], one: NoInfer<T>) => all.indexOf(one);\nconst nums: number[] = [1, null, 2].filter((x) => x !== null);\n[pick(['a', 'b'], 'b'), nums.length]",
    ],
    value: "[ 1, 2 ]",
  },
  {
    what: "toSorted, Object.groupBy, Promise.withResolvers, Set methods, iterator helpers",
    cells: [
      "[[3, 1].toSorted()[0], Object.keys(Object.groupBy([1, 2], (n) => n % 2 ? 'odd' : 'even')), typeof Promise.withResolvers().resolve, new Set([1, 2]).union(new Set([3])).size, [1, 2, 3].values().map((x) => x * 2).toArray()]",
    ],
    value: "[ 1, [ 'odd', 'even' ], 'function', 3, [ 2, 4, 6 ] ]",
  },
  {
    what: "generators and for of",
    cells: [
      "function* g29() { yield 1; yield 2 }\nlet s29 = 0; for (const x of g29()) s29 += x;\ns29",
    ],
    value: "3",
  },
  {
    what: "await and for await at the top",
    cells: [
      "async function* g30() { yield 1; yield 2 }\nlet s30 = await 1; for await (const x of g30()) s30 += x;\ns30",
    ],
    value: "4",
  },
  {
    what: "private names and static blocks",
    cells: [
      "class S31 { static #n = 1; static { S31.#n++ } static n() { return S31.#n } }\nS31.n()",
    ],
    value: "2",
  },
  { what: "accessor fields", cells: ["class A32 { accessor x = 4 }\nnew A32().x"], value: "4" },
  {
    what: "generic arrow functions and type arguments",
    cells: ["const id = <T>(x: T) => x;\nid<number>(5)"],
    value: "5",
  },
  {
    what: "overloads",
    cells: [
      "function f34(a: string): string\nfunction f34(a: number): number\nfunction f34(a: unknown) { return a }\nf34(3)",
    ],
    value: "3",
  },
  {
    what: "functions called before their line",
    cells: ["const v35 = early();\nfunction early() { return 5 }\nv35"],
    value: "5",
  },
  {
    what: "var of a loop, of a block, of a pattern",
    cells: [
      "for (var i36 = 0; i36 < 3; i36++);\nif (i36) { var b36 = 'b' }\nvar { p: p36 = 9 } = {} as { p?: number }\nvar [q36] = [1];\n[i36, b36!, p36, q36]",
    ],
    value: "[ 3, 'b', 9, 1 ]",
  },
  {
    what: "labels, switch, try and finally",
    cells: [
      "let o37 = '';\nouter: for (const a of [1, 2]) { for (;;) { switch (a) { case 1: var t37 = 1; continue outer; default: break outer } } }\ntry { null! as never } finally { o37 += 'f' }\no37",
    ],
    value: "f",
  },
  {
    what: "regular expressions, templates, optional chaining, bigints",
    cells: [
      "const n38 = undefined as { x: number } | undefined;\n[`a`, /(?<y>\\d+)/v.exec('12')?.groups?.y, n38?.x ?? 'none', 2n ** 3n]",
    ],
    value: "[ 'a', '12', 'none', 8n ]",
  },
  {
    what: "JSX, by React.createElement",
    cells: [
      'declare global { namespace JSX { interface IntrinsicElements { p: object } } }\nconst React = { createElement: (...all: unknown[]) => all };\n<p id="1">two</p>',
    ],
    value: "[ 'p', { id: '1' }, 'two' ]",
  },
  {
    what: "declare global",
    cells: [
      "declare global { interface Array<T> { first(): T | undefined } }\nArray.prototype.first = function () { return this[0] };",
      "[8].first()",
    ],
    value: "8",
  },
  {
    what: "export in a cell",
    cells: [
      "export const e41 = 1; export function f41() { return e41 }\nexport { e41 as other }; export type T41 = number;",
      "f41()",
    ],
    value: "1",
  },
  { what: "export default shows what it exports", cells: ["export default [1]"], value: "[ 1 ]" },
  {
    what: "import.meta",
    cells: [
      "[import.meta.dirname.endsWith('fixtures'), import.meta.url.startsWith('file:'), import.meta.resolve('./area.ts').endsWith('/fixtures/area.ts'), new URL('./area.ts', import.meta.url).pathname.endsWith('/fixtures/area.ts')]",
    ],
    value: "[ true, true, true, true ]",
  },
  { what: "this at the top is nothing", cells: ["typeof this"], value: "undefined" },
  {
    what: "strict mode",
    cells: ["const f45 = Object.freeze({ a: 1 }) as { a: number };\nf45.a = 2"],
    error: ["TypeError", /read only/],
  },
  // What a cell is
  { what: "an object literal", cells: ["{ a: 1, b: [2 as number] }"], value: "{ a: 1, b: [ 2 ] }" },
  {
    what: "an object literal behind a comment",
    cells: ["// an object\n{ a: 1 }"],
    value: "{ a: 1 }",
  },
  { what: "a block", cells: ["{ const inside = 1; console.log(inside) }"], printed: "1\n" },
  { what: "a directive", cells: ["'use strict'"], value: "use strict" },
  { what: "an empty cell", cells: [""] },
  { what: "spaces and comments only", cells: ["  \n// nothing\n/* at all */"] },
  { what: "a hashbang", cells: ["#!/usr/bin/env npx\n5"], value: "5" },
  { what: "CRLF", cells: ["const c53 = 1;\r\n\r\nc53"], value: "1" },
  { what: "no value behind a statement", cells: ["5; const c54 = 1"] },
  { what: "no value of an if or a loop", cells: ["if (true) { 5 }"] },
  {
    what: "semicolons may be left out",
    cells: ["let c56 = 1\nc56\n++c56\nconst [d56] = [c56]\nd56"],
    value: "2",
  },
  // Names that others would notice
  {
    what: "names that packages probe for",
    cells: [
      "const window = 7, document = 8;\nlet name = 'x'; const exports = 9, module = 1, define = 2",
      "[window, document, name, exports, module, define, typeof Reflect.get(globalThis, 'window')]",
    ],
    value: "[ 7, 8, 'x', 9, 1, 2, 'undefined' ]",
  },
  {
    what: "names that packages probe for, as the code of a package sees them",
    cells: [
      "const window = 7, importScripts = 8;\n[window, new Function('return [typeof window, typeof importScripts, typeof module]')()]",
    ],
    value: "[ 7, [ 'undefined', 'undefined', 'undefined' ] ]",
  },
  {
    what: "timers of another module leave those of packages alone",
    cells: [
      "import { setTimeout } from 'node:timers/promises';",
      "const t58 = { setTimeout, of: await setTimeout(1, 'done') };\n[t58.of, typeof globalThis.setTimeout(() => {}, 0)]",
    ],
    value: "[ 'done', 'object' ]",
  },
  {
    what: "a class and a function with a name of Node's",
    cells: [
      "class Event { kind = 1 }\nfunction fetch() { return Event.name + fetch.name }",
      "const e59 = { Event }; [new e59.Event(), fetch(), globalThis.Event === (Event as unknown)]",
    ],
    value: "[ Event { kind: 1 }, 'Eventfetch', false ]",
  },
  {
    what: "global functions with properties of their names",
    cells: [
      "const o60 = { name: 1, self: { window: 2 } };\nconst { name: top } = o60; [top, o60.self.window]",
    ],
    value: "[ 1, 2 ]",
  },
  // Errors
  {
    what: "a syntax error",
    cells: ["let unfinished = ("],
    error: ["TypeScriptError", "Expression expected."],
  },
  { what: "a thrown object", cells: ["throw { code: 7 }"], error: ["Thrown", "{ code: 7 }"] },
  {
    what: "a rejected value",
    cells: ["Promise.reject(new RangeError('far'))"],
    error: ["RangeError", "far"],
  },
  {
    what: "a const of an earlier cell cannot be assigned",
    cells: ["const c64 = 1", "c64 = 2"],
    error: ["TypeScriptError", /constant/],
  },
];
