import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CellChecker, startChecker } from "../../src/kernel/check/cell-checker.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "notelake-check-test-")));
const notices: string[] = [];
let checker: CellChecker;
beforeAll(() => {
  checker = startChecker({ folder, notice: (message) => notices.push(message) });
});
afterAll(() => {
  checker.close();
  rmSync(folder, { recursive: true });
  expect(notices).toEqual([]);
});

/** Runs cells one after another, up to the first with errors: `2322 at 1:7 …`. */
function errorsOf(...cells: string[]): string[] {
  for (const code of cells) {
    const found = checker.check(code, "In[1]");
    if (found.length > 0) {
      return found.map(
        ({ code, line, column, message }) => `${code} at ${line}:${column} ${message}`,
      );
    }
    checker.declare(code, "In[1]");
  }
  return [];
}

describe("the language of cells", () => {
  test.each<[string, ...string[]]>([
    ["top-level await", "const one = await Promise.resolve(1);", "one.toFixed()"],
    ["for await", "for await (const x of [Promise.resolve(1)]) x.toFixed();"],
    ["using", "using handle = { [Symbol.dispose]() {} }; await using other = handle as never;"],
    ["enums and namespaces", "enum E { A } namespace N { export const z = 1 }", "N.z + E.A"],
    [
      "standard decorators",
      "const log = (m: () => void, c: ClassMethodDecoratorContext) => {};",
      "class Q { @log run() {} accessor x = 1 }",
    ],
    [
      "JSX",
      "const React = { createElement: (...all: unknown[]) => all };",
      "const view = <p a='1'>{1}</p>;",
      "view",
    ],
    ["import.meta", "import.meta.url.length; import.meta.dirname.length"],
    ["an object literal as the value", "{ a: 1, b: 2 }"],
    ["export", "export const exported = 1; export default 5;", "exported.toFixed()"],
    [
      "what is new in the library",
      "[3].toSorted(); Object.groupBy([1], String); new Set([1]).union(new Set([2])); Promise.withResolvers<void>(); [1].values().map(String)",
    ],
    [
      "NoInfer and satisfies",
      "const pick = <T,>(a: T, b: NoInfer<T>) => a; pick('a', 'a') satisfies string",
    ],
    ["inferred predicates", "[1, undefined].filter((x) => x !== undefined)[0]?.toFixed()"],
    ["generic arrow functions", "const id = <T>(x: T) => x; id(1).toFixed()"],
    ["casts", "const cast = <number>(1 as unknown); cast.toFixed()"],
    [
      "overloads",
      "function over(a: string): string; function over(a: number): number; function over(a: unknown) { return a as never }",
      "over(1).toFixed()",
    ],
    [
      "abstract and private classes",
      "abstract class Base { #p = 1; abstract run(): void } class Real extends Base { run() {} }",
      "new Real().run()",
    ],
    [
      "labels and unreachable code",
      "outer: for (;;) { break outer; }\nfunction g() { return 1; g(); }",
    ],
    [
      "unused names",
      "const unused = 1; import { join } from 'node:path'; function nobody(a: number) {}",
    ],
    ["a statement of no effect", "1 + 1;\n'text'"],
    ["emoji", "const faces = '🎉🎉';", "faces.length"],
    [
      "node's own types",
      "import { readFile } from 'node:fs/promises'; process.version; Buffer.from('a'); (await readFile('x')).byteLength",
    ],
    ["an empty cell", ""],
    ["a cell for another interpreter", "#!/usr/bin/env node\n1"],
    ["a cell that asks not to be checked", "// mine\n// @ts-nocheck\nconst wrong: number = 'a';"],
    ["an error that is expected", "// @ts-expect-error\nconst expected: number = 'a';"],
    [
      "JSX by a function of one's own",
      "const h = (...all: unknown[]) => all;",
      "/** @jsx h */\n<p>{1}</p>",
    ],
    [
      "names that are words of the language",
      "const type = 1, from = 2, of = 3, string = 'a', global = 4, require = 5;",
      "type + from + of + string.length + global + require",
    ],
    ["comments alone", "// nothing\n/* here */"],
    ["Windows line ends", "const a1 = 1;\r\nconst a2 = a1;\r\n"],
  ])("%s", (_what, ...cells) => {
    expect(errorsOf(...cells)).toEqual([]);
  });

  test.each<[string, string[], string[]]>([
    [
      "a wrong type",
      ["const n: number = 'a';"],
      ["2322 at 1:7 Type 'string' is not assignable to type 'number'."],
    ],
    [
      "undefined",
      ["const u = [1].at(0);\n\n  u.toFixed();"],
      ["18048 at 3:3 'u' is possibly 'undefined'."],
    ],
    [
      "after emoji",
      ["const party = '🎉'; const m: number = '🎉';"],
      ["2322 at 1:27 Type 'string' is not assignable to type 'number'."],
    ],
    ["syntax", ["const a = ;\nconst b = 1;"], ["1109 at 1:11 Expression expected."]],
    ["an open text", ["1;\nconst t = `abc"], ["1160 at 2:15 Unterminated template literal."]],
    ["a statement cut off", ["const yes = 1; if (yes)"], ["1109 at 1:24 Expression expected."]],
    ["a type cut off", ["function cut(a: string):"], ["1110 at 1:25 Type expected."]],
    [
      "a function cut off",
      ["function cut() {\n  const inner = 1;"],
      ["1005 at 2:19 '}' expected."],
    ],
    ["a comment cut off", ["const yes = 1; /* no"], ["1010 at 1:21 '*/' expected."]],
    [
      "a name of a function's own",
      ["function own() { const inner = 1; return inner; }\nconst owned = own();", "owned + inner"],
      ["2304 at 1:9 Cannot find name 'inner'."],
    ],
    ["in JSX", ["const el = <p>{1 +}</p>;"], ["1109 at 1:19 Expression expected."]],
    [
      "a misspelt name",
      ["const width = 1;", "widht"],
      ["2552 at 1:1 Cannot find name 'widht'. Did you mean 'width'?"],
    ],
    [
      "a misspelt member",
      ["process.exitt"],
      ["2551 at 1:9 Property 'exitt' does not exist on type 'Process'. Did you mean 'exit'?"],
    ],
    [
      "await in a function",
      ["function f() { await 1; }"],
      [
        "1308 at 1:16 'await' expressions are only allowed within async functions and at the top levels of modules.",
      ],
    ],
    [
      "a name declared twice in one cell",
      ["const x1 = 1; const x1 = 2;"],
      [
        "2451 at 1:7 Cannot redeclare block-scoped variable 'x1'.",
        "2451 at 1:21 Cannot redeclare block-scoped variable 'x1'.",
      ],
    ],
    [
      "implicit any",
      ["const f = (x) => x;"],
      ["7006 at 1:12 Parameter 'x' implicitly has an 'any' type."],
    ],
  ])("errors: %s", (_what, cells, expected) => {
    expect(errorsOf(...cells)).toEqual(expected);
  });
});

describe("cells see each other", () => {
  test.each<[string, ...string[]]>([
    [
      "a constant of another type",
      "const w = 3;",
      "w.toFixed(); const w2 = 1;",
      "const w = 'wide';",
      "w.trim()",
    ],
    [
      "a class",
      "class A { a = 1 } const made = new A();",
      "class A { b = 2 }",
      "new A().b; made.a",
    ],
    [
      "a generic class",
      "class Box<T> { constructor(readonly v: T) {} } const old = new Box(1);",
      "class Box<T, U> { v?: [T, U] }",
      "new Box<1, 2>().v?.[1]; old.v.toFixed()",
    ],
    ["an enum", "enum Level { Low }", "enum Level { High = 'h' }", "Level.High.length"],
    [
      "an interface, which replaces the earlier one",
      "interface P { a: 1 }",
      "interface P { b: 2 }",
      "const p: P = { b: 2 };",
    ],
    ["a type", "type T1 = 1;", "type T1<X> = X[];", "const t1: T1<number> = [1];"],
    [
      "an import",
      "import { join } from 'node:path';",
      "import { join } from 'node:path/posix';",
      "const join = 5;",
      "join.toFixed()",
    ],
    ["a function", "function f1() { return 1 }", "function f1() { return '' }", "f1().trim()"],
    ["a var with an outer let", "let v1 = 1;", "var v1 = 'a'; v1.trim()", "v1.trim()"],
    ["a var in a loop", "let i1 = 'a';", "for (var i1 = 0; i1 < 1; i1++) {}", "i1.toFixed()"],
    ["a hoisted function with an outer let", "let h1 = 1;", "h1(); function h1() {}", "h1()"],
    [
      "what is destructured",
      "const d1 = 1;",
      "const { a: [d1], ...more } = { a: ['x'], b: 2 };",
      "d1?.trim(); more.b",
    ],
  ])("and declare again: %s", (_what, ...cells) => {
    expect(errorsOf(...cells)).toEqual([]);
  });

  test("interfaces merge within a cell", () => {
    expect(
      errorsOf("interface M { a: 1 } interface M { b: 2 }", "const m: M = { a: 1, b: 2 };"),
    ).toEqual([]);
  });

  test("an earlier let can be assigned, within its type", () => {
    expect(errorsOf("let total = 1;", "total += 2; total = 3;")).toEqual([]);
    expect(errorsOf("total = 'x'")).toEqual([
      "2322 at 1:1 Type 'string' is not assignable to type 'number'.",
    ]);
  });

  test("what is fixed cannot be assigned, as in one file", () => {
    expect(
      errorsOf("const fixed = 1; function fn() {} class Cl {}", "fixed = 2; fn = 3; Cl = 4;"),
    ).toEqual([
      "2588 at 1:1 Cannot assign to 'fixed' because it is a constant.",
      "2630 at 1:12 Cannot assign to 'fn' because it is a function.",
      "2629 at 1:20 Cannot assign to 'Cl' because it is a class.",
    ]);
  });

  test("narrowing reaches into functions, and literals widen", () => {
    expect(
      errorsOf(
        "const found = new Map<string, { go(): void }>().get('a');",
        "if (found) setTimeout(() => found.go());",
      ),
    ).toEqual([]);
    expect(
      errorsOf(
        "const literal = 1; const tag = Symbol();",
        "let copy = literal; copy = 5; ({ [tag]: 1 })[tag].toFixed()",
      ),
    ).toEqual([]);
  });

  test("assertion functions and type guards", () => {
    expect(
      errorsOf(
        "function must(x: unknown): asserts x is string {}",
        "const any1: unknown = 1; must(any1); any1.trim()",
      ),
    ).toEqual([]);
  });

  test("declare global stays", () => {
    expect(
      errorsOf(
        "declare global { interface Array<T> { second(): T } }",
        "[1].second().toFixed()",
        "[1].second().toFixed()",
      ),
    ).toEqual([]);
  });

  test("declare global that is run again takes the place of the earlier one", () => {
    const code = (type: string) =>
      `declare global { var everywhere: ${type}; interface Everyone { x: ${type} } }`;
    expect(errorsOf(code("number"), code("number"), "everywhere.toFixed()")).toEqual([]);
    expect(errorsOf(code("string"), "everywhere.trim()", "const e: Everyone = { x: '' };")).toEqual(
      [],
    );
  });

  test("types without a name of their own", () => {
    expect(
      errorsOf(
        "const list = (() => { class Hidden { private x = 1; y = 2 } return [new Hidden()] })();",
        "list[0]?.y.toFixed()",
      ),
    ).toEqual([]);
  });

  test("what a list was filled with, and a variable that may be anything", () => {
    const code = "const list = []; let list2 = []; let open; for (const x of [1]) list.push(x);";
    expect(
      errorsOf(code, "list.find((x) => x > 1)?.toFixed(); open = 1; open.go; list2 = [];"),
    ).toEqual([]);
    expect(errorsOf("list.push('a')")).toEqual([
      "2345 at 1:11 Argument of type 'string' is not assignable to parameter of type 'number'.",
    ]);
    expect(errorsOf("const still = [];", "still.push(1); still[0].go")).toEqual([]);
  });

  test("a check leaves nothing behind", () => {
    expect(checker.check("const passing = 1;", "In[1]")).toEqual([]);
    expect(errorsOf("passing")).toEqual(["2304 at 1:1 Cannot find name 'passing'."]);
  });

  test("what a failed cell did not reach is not declared, its types are", () => {
    const code =
      "const before = 1; type Kept = 1; JSON.parse('{'); const after = 2; let later = 3;";
    expect(checker.check(code, "In[1]")).toEqual([]);
    checker.declare(code, "In[1]", new Set(["before"]));
    expect(errorsOf("before.toFixed(); const k: Kept = 1;")).toEqual([]);
    expect(errorsOf("after")).toEqual(["2304 at 1:1 Cannot find name 'after'."]);
  });

  test("a cell that runs while others are looked at is declared as it was checked", () => {
    const code = "const slow = 1;";
    expect(checker.check(code, "In[1]")).toEqual([]);
    expect(checker.isComplete("const slow = {")).toEqual({ status: "incomplete", indent: "  " });
    checker.declare(code, "In[1]");
    expect(errorsOf("slow.toFixed()")).toEqual([]);
  });
});

test.each([
  ["1", "complete"],
  ["const x = <p>a</p>", "complete"],
  ["if (true) {", "incomplete"],
  ["foo(", "incomplete"],
  ["const x = `a", "incomplete"],
  ["/* open", "incomplete"],
  ["1 +", "incomplete"],
  ["a b", "invalid"],
  ["'abc", "invalid"],
  ["}", "invalid"],
])("%s is %s", (code, status) => {
  expect(checker.isComplete(code).status).toBe(status);
});
