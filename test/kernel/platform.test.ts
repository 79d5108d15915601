// What the kernel stands on and does not own: a failure here names the part that has changed.
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CellChecker, startChecker } from "../../src/kernel/check/cell-checker.ts";
import { toJavaScript } from "../../src/kernel/run/javascript.ts";
import { Repl } from "../../src/kernel/run/repl.ts";

describe("V8's REPL mode, by the inspector", () => {
  const repl = new Repl();
  const run = async (code: string) => [(await repl.evaluate(code, "platform")).value] as const;

  test("lets a let follow a let and a class", async () => {
    await run("let platform1 = 1");
    await run("class platform1 {}");
    expect(await run("let platform1 = 3; platform1")).toEqual([3]);
  });

  test("hands over the very value, of any kind", async () => {
    const object = {};
    Object.assign(globalThis, { platform2: object });
    for (const code of ["platform2", "await platform2", "'\\ud800'", "-0", "2n", "undefined"]) {
      // biome-ignore lint/security/noGlobalEval: what the other way of running it gives
      const expected = globalThis.eval(code.replace("await ", ""));
      expect((await run(code))[0]).toBe(expected);
    }
  });

  test("leaves a name as it was when its declaration was not reached", async () => {
    await run("let platform3 = 'before'");
    await expect(run("throw new RangeError('no'); let platform3 = 'after'")).rejects.toThrow("no");
    expect(await run("platform3")).toEqual(["before"]);
    await expect(run("throw 1; let platform3b = 1")).rejects.toBe(1);
    await expect(run("platform3b")).rejects.toBeInstanceOf(ReferenceError);
    expect(await run("let platform3b = 2; platform3b")).toEqual([2]);
  });

  test("finds names of other scripts by name, also in functions", async () => {
    await run("let platform4 = 1; const platform4get = () => platform4");
    await run("platform4 = 2");
    expect(await run("platform4get()")).toEqual([2]);
  });

  test("says where it refuses a script", async () => {
    const refused = await run("1\nlet a = 1; let a = 2").catch((error) => error);
    expect(refused).toBeInstanceOf(SyntaxError);
    expect(refused).toMatchObject({ position: { line: 2, column: 16 } });
  });

  test("survives a script that waits for nothing, and is forgotten", async () => {
    for (let i = 0; i < 50; i++) void run("await new Promise(() => {})");
    await run("1");
    await nextTurn();
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc");
    for (let i = 0; i < 5; i++) {
      Array.from({ length: 300_000 }, (_, n) => ({ n }));
      collect();
      await sleep(10);
    }
  });

  test("does not await a promise that is the value", async () => {
    const code = "globalThis.platform7 = new Promise(() => {})";
    expect(await Promise.race([run(code).then(() => "value"), nextTurn()])).toBe("value");
  });

  test("begins before evaluate returns", () => {
    void run("globalThis.platform6 = 'begun'");
    expect(Reflect.get(globalThis, "platform6")).toBe("begun");
  });
});

describe("Node's type stripping", () => {
  test("keeps every place", () => {
    const code = "const a: Map<string, number> = f<string>(b as any)!;";
    const stripped = stripTypeScriptTypes(code);
    expect(stripped).toHaveLength(code.length);
    expect(stripped.indexOf("f")).toBe(code.indexOf("f<"));
  });

  test("says by a code what it cannot do, and what is no TypeScript", () => {
    const codeOf = (code: string) => {
      try {
        stripTypeScriptTypes(code);
        return "none";
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    };
    expect(codeOf("enum A { B }")).toBe("ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX");
    expect(codeOf("const a = <p/>;")).toBe("ERR_INVALID_TYPESCRIPT_SYNTAX");
  });

  test("transforms with a map", () => {
    const options = { keepImports: true };
    const { code, locate } = toJavaScript("enum A { B }\n\n\nthrow A", options);
    const line = code.split("\n").findIndex((text) => text.startsWith("throw")) + 1;
    expect(locate({ line, column: 1 })).toEqual({ line: 4, column: 1 });
  });
});

test("esbuild lowers decorators and JSX, with a map", () => {
  const { code, locate } = toJavaScript("@d class A {}\nthrow <p/>", { keepImports: true });
  const line = code.split("\n").findIndex((text) => text.startsWith("throw")) + 1;
  expect(code).not.toMatch(/@d|<p/);
  expect(locate({ line, column: 1 })).toEqual({ line: 2, column: 1 });
});

describe("TypeScript 7's native checker", () => {
  let checker: CellChecker;
  beforeAll(() => {
    checker = startChecker({ folder: tmpdir() });
  });
  afterAll(() => checker.close());

  test("finds errors, with what earlier cells declared", () => {
    checker.declare("const words = ['a'];", "In[1]");
    const [error] = checker.check("words.push(1);", "In[2]");
    expect(error).toMatchObject({ code: 2345, line: 1, column: 12 });
    expect(checker.check("words.push('b');", "In[2]")).toEqual([]);
  });

  test("completes, explains, and knows what is incomplete", () => {
    expect(checker.complete("words.pus", 9).matches).toEqual(["push"]);
    expect(checker.inspect("words", 2)?.["text/plain"]).toContain("string[]");
    expect(checker.isComplete("if (words) {").status).toBe("incomplete");
  });
});
