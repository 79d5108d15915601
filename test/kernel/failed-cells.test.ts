import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSession, type Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await openSession(join(import.meta.dirname, "fixtures"));
});
afterAll(() => session.client.shutdown());

const shown = async (code: string) => (await session.run(code)).value;
const failure = async (code: string) => {
  const { reply } = await session.run(code);
  return `${reply.ename}: ${reply.evalue}`;
};

describe("a cell that fails", () => {
  test("by a callback that throws before the reply is sent says so in the reply", async () => {
    const thrower = 'setTimeout(() => { throw new RangeError("late"); }, 0)';
    const user_expressions = { waited: "await new Promise((done) => setTimeout(done, 50))" };
    const reply = await session.client.request("execute_request", {
      code: thrower,
      user_expressions,
    });
    expect(reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "late" });
  });

  test("declares what it reached, with its type, and nothing else", async () => {
    await session.run("const early = 'text';\nthrow new Error('stop');\nconst late = 1;");
    expect(await shown("early.toUpperCase()")).toBe("TEXT");
    expect(await failure("late")).toMatch("Cannot find name 'late'");
    expect(await shown("const late = 'now'; late")).toBe("now");
  });

  test("leaves an earlier declaration that it did not replace, with its type", async () => {
    await session.run("let kept = 1; const object = { a: 1 }; class Kind { a = 1 }");
    await session.run("throw new Error('stop'); let kept = 'b', object = { b: 2 }; class Kind {}");
    expect(await shown("[kept.toFixed(1), object.a, new Kind().a]")).toBe("[ '1.0', 1, 1 ]");
  });

  test("has replaced what it reached", async () => {
    await session.run("let swapped = 1;");
    await session.run("let swapped = 'text';\nthrow new Error('stop');");
    expect(await shown("swapped.length")).toBe("4");
  });

  test("has declared its functions, wherever they stand", async () => {
    await session.run("throw new Error('stop');\nfunction standing() { return 'here'; }");
    expect(await shown("standing()")).toBe("here");
  });

  test("keeps the value of a var that it did not assign", async () => {
    await session.run("var older = 1;");
    await session.run("throw new Error('stop');\nvar older = 2;");
    expect(await shown("older")).toBe("1");
  });

  test("does not take a global name that it did not reach", async () => {
    await session.run("throw new Error('stop');\nconst fetch = 1;");
    expect(await shown("typeof fetch")).toBe("function");
  });

  test("by its types has done nothing", async () => {
    await session.run("console.log('ran'); const typed: string = 5;");
    expect(await failure("typed")).toMatch("Cannot find name 'typed'");
  });

  test("by an import has declared nothing", async () => {
    const cell = "const before = 1;\nimport { x } from './throws.ts';\nbefore";
    const { reply } = await session.run(cell);
    expect(reply.evalue).toBe("thrown by a module");
    expect(reply.traceback).toContain("> 2 | import { x } from './throws.ts';");
    expect(await failure("before")).toMatch("Cannot find name 'before'");
  });
});

describe("an import that is not there", () => {
  test("has its line, and says what to install", async () => {
    const { reply } = await session.run(
      "const missing: string = '@some/package/part';\nawait import(missing);",
    );
    expect(reply.traceback).toEqual([
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package '@some/package'",
      "  Install it in the notebook's folder: npm install @some/package",
      expect.stringMatching(/^In\[\d+\], line 2$/),
      "  1 | const missing: string = '@some/package/part';",
      "> 2 | await import(missing);",
      "    |             ^",
    ]);
  });
});

describe("the traceback of an error", () => {
  test("of a cell of one line has no source", async () => {
    const { reply } = await session.run("null!.x");
    expect(reply.ename).toBe("TypeScriptError");
    const { reply: thrown } = await session.run("throw new Error('one line');");
    expect(thrown.traceback).toEqual([
      "Error: one line",
      expect.stringMatching(/^ {4}at In\[\d+\]:1:7$/),
    ]);
  });

  test("shows the line, and no frame that says the same", async () => {
    const { reply } = await session.run("const n = 1;\n  throw new Error('two lines');");
    expect(reply.traceback).toEqual([
      "Error: two lines",
      expect.stringMatching(/^In\[\d+\], line 2$/),
      "  1 | const n = 1;",
      "> 2 |   throw new Error('two lines');",
      "    |         ^",
    ]);
  });

  test("has true places behind types, imports, enums and awaits", async () => {
    for (const before of [
      "interface Long { a: string;\n b: number }",
      "import { area } from './area.ts';\n",
      "enum Colour { Red,\n Green }",
      "const f = async <T,>(x: T) => x;\nawait f<number>(1);",
      "function early(a: number): string { return String(a) }\nvar v: string = early(1);",
      "@((_: unknown, c: ClassDecoratorContext) => void c) class D {\n}",
    ]) {
      const { reply } = await session.run(`${before}\n  throw new Error('here');`);
      const lines = before.split("\n").length + 1;
      expect(reply.traceback).toContain(`> ${lines} |   throw new Error('here');`);
      expect(reply.traceback).toContain("    |         ^");
    }
  });

  test("wraps long lines at words, with their indentation", async () => {
    const words = Array.from({ length: 40 }, () => "seven77").join(" ");
    const { reply } = await session.run(`throw new Error("${words}\\n  ${words}");`);
    const lines = reply.traceback as string[];
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => line.startsWith("  seven77"))).toHaveLength(5);
  });

  test("leaves lines of a command as they are, to be copied", async () => {
    const command = `  az role assignment create --role "${"Reader ".repeat(12)}" \\`;
    const { reply } = await session.run(`throw new Error(${JSON.stringify(`no\n${command}`)});`);
    expect(reply.traceback).toContain(command);
  });

  test("names causes, each once", async () => {
    const { reply } = await session.run(
      "const low = new Error('socket closed');\n" +
        "const middle = new Error('no answer: socket closed', { cause: low });\n" +
        "throw new Error('cannot read', { cause: middle });",
    );
    expect((reply.traceback as string[]).filter((line) => line.includes("caused by"))).toEqual([
      "  caused by Error: no answer: socket closed",
    ]);
  });

  test("tells no cause whose first line it has told", async () => {
    const { reply } = await session.run(
      `throw new Error("not read: no column b", { cause: new Error("no column b\\nthere are a and c") });`,
    );
    expect((reply.traceback as string[]).join("\n")).not.toContain("caused by");
  });

  test("names the errors of an aggregate", async () => {
    const { reply } = await session.run(
      "await Promise.any([Promise.reject(new Error('left')), Promise.reject(new Error('right'))])",
    );
    expect(reply.traceback).toEqual([
      "AggregateError: All promises were rejected",
      "  caused by Error: left",
      "  caused by Error: right",
    ]);
  });

  test("leads through functions of other cells and modules", async () => {
    await session.run(
      "import { area } from './area.ts';\nfunction through(x: number) {\n  return area(x, 1);\n}",
    );
    const { reply } = await session.run("\nthrough(-1);");
    expect(reply.traceback).toEqual([
      "RangeError: negative width",
      expect.stringMatching(/^In\[\d+\], line 3$/),
      "  1 | import { area } from './area.ts';",
      "  2 | function through(x: number) {",
      "> 3 |   return area(x, 1);",
      "    |          ^",
      "  4 | }",
      "    at area (area.ts:3:24)",
      expect.stringMatching(/^ {4}at through \(In\[\d+\]:3:10\)$/),
      expect.stringMatching(/^ {4}at In\[\d+\]:2:1$/),
    ]);
  });
});
