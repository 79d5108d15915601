import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { startChecker } from "../../src/kernel/check/cell-checker.ts";
import { CellScope } from "../../src/kernel/check/cell-scope.ts";
import { importStatements } from "../../src/kernel/check/import-statements.ts";
import { ImportTable } from "../../src/kernel/check/import-table.ts";
import { NativeCompiler } from "../../src/kernel/check/native-compiler.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "notelake-check-test-")));
afterAll(() => rmSync(folder, { recursive: true }));
const require = createRequire(import.meta.url);
const CHECKER = join(import.meta.dirname, "../../src/kernel/check/cell-checker.ts");

/** Process ids of the native compilers that a process started. */
function compilersOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return status.includes(`\nPPid:\t${parent}\n`) && command.includes("--api");
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    if (!existsSync(`/proc/${pid}`)) return true;
    await sleep(50);
  }
  return false;
}

describe.skipIf(process.platform !== "linux")("the native process", () => {
  test("is started again when it was lost, says so once, and knows what cells declared", async () => {
    const notices: string[] = [];
    const before = compilersOf(process.pid);
    const checker = startChecker({ folder, notice: (message) => notices.push(message) });
    expect(checker.check("const width = 1;", "In[1]")).toEqual([]);
    checker.declare("const width = 1;", "In[1]");
    for (const time of [1, 2]) {
      const [pid = 0] = compilersOf(process.pid).filter((id) => !before.includes(id));
      process.kill(pid, "SIGKILL");
      await sleep(100);
      expect(checker.check("width.toFixed(); width.trim()", "In[2]")).toMatchObject([
        { code: 2339 },
      ]);
      expect(notices).toHaveLength(time);
    }
    expect(notices[0]).toBe(
      "The type checker stopped (its process ended) and was started again; what earlier cells declared is known to it.",
    );
    checker.close();
  });

  test("lost while a cell is written costs one answer", async () => {
    const before = compilersOf(process.pid);
    const checker = startChecker({ folder });
    expect(checker.complete("JSO", 3).matches).toEqual(["JSON"]);
    const [pid = 0] = compilersOf(process.pid).filter((id) => !before.includes(id));
    process.kill(pid, "SIGKILL");
    await sleep(100);
    expect(checker.inspect("JSON", 2)?.["text/plain"]).toContain("var JSON: JSON\n");
    checker.close();
  });

  test("ends with the checker; nothing of a cell is ever on the disk, and nothing stays", async () => {
    const temporary = mkdtempSync(join(folder, "tmp-"));
    const script = join(folder, "closing.mjs");
    writeFileSync(
      script,
      `import { startChecker } from ${JSON.stringify(CHECKER)};
const checker = startChecker({ folder: ${JSON.stringify(folder)} });
checker.check("const secret = 'hunter2';", "In[1]");
checker.declare("const secret = 'hunter2';", "In[1]");
console.log("ready");
process.stdin.on("data", () => { checker.close(); process.exit(); });`,
    );
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: temporary },
    });
    await once(child.stdout, "data");
    // Not readdirSync, which goes through the links to all that is installed.
    const find = () =>
      execFileSync("find", [temporary, "-name", ".notelake-*"], { encoding: "utf8" })
        .split("\n")
        .filter((path) => path !== "");
    expect(find().length).toBeGreaterThan(10);
    for (const path of find()) expect(readFileSync(path, "utf8")).toBe("");
    const [pid = 0] = compilersOf(child.pid ?? 0);
    child.stdin.write("close\n");
    await once(child, "exit");
    expect(await gone(pid)).toBe(true);
    expect(find()).toEqual([]);
  });

  test("is started with more room for imports and large programs, and answers as before", () => {
    const path = join(folder, "room.json");
    const contents = new Map([
      [path, '{ "files": ["room.ts"] }'],
      [join(folder, "room.ts"), "let a: number = '';"],
    ]);
    for (const file of contents.keys()) writeFileSync(file, "");
    const before = compilersOf(process.pid);
    const notices: string[] = [];
    const compiler = new NativeCompiler({ contents, notice: (text) => notices.push(text) });
    compiler.openProject(path);
    const heaps = () =>
      compilersOf(process.pid)
        .filter((pid) => !before.includes(pid))
        .map((pid) => /GOMEMLIMIT=(\w+)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"))?.[1]);
    const codes = () =>
      compiler.ask(({ program }) => program.getSemanticDiagnostics().map(({ code }) => code));
    expect([codes(), heaps()]).toEqual([[2322], ["90MiB"]]);
    compiler.makeRoomForImports();
    expect(codes()).toEqual([2322]);
    expect(heaps()).toContain("240MiB");
    const unchanged = heaps();
    compiler.makeRoomFor(2000);
    expect(heaps()).toEqual(unchanged);
    compiler.makeRoomFor(5000);
    expect([codes(), notices, process.env.GOMEMLIMIT]).toEqual([[2322], [], undefined]);
    expect(heaps()).toContain("600MiB");
    compiler.close();
  });

  test("is not asked once the checker is closed", () => {
    const checker = startChecker({ folder });
    checker.close();
    expect(() => checker.check("1", "In[1]")).toThrow("the type checker has been closed");
  });

  test.each(["main thread", "worker"])(
    "ends with a kernel that was killed, in its %s",
    async (thread) => {
      const script = join(folder, "owner.mjs");
      const start = `import { startChecker } from ${JSON.stringify(CHECKER)};
startChecker({ folder: ${JSON.stringify(folder)} }).check("1", "In[1]");
console.log("ready"); setInterval(() => {}, 1000);`;
      writeFileSync(join(folder, "start.mjs"), start);
      const inWorker = `import { Worker } from "node:worker_threads";
new Worker(new URL("start.mjs", import.meta.url));`;
      writeFileSync(script, thread === "worker" ? inWorker : start);
      const child: ChildProcess = spawn(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", script],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      if (child.stdout) await once(child.stdout, "data");
      const [pid = 0] = compilersOf(child.pid ?? 0);
      expect(pid).toBeGreaterThan(0);
      child.kill("SIGKILL");
      expect(await gone(pid)).toBe(true);
    },
  );
});

test("a cell costs the same however many came before it", () => {
  const [young, old] = [startChecker({ folder }), startChecker({ folder })];
  const time = (checker: typeof young, i: number): number => {
    const code = `const v${i}: number[] = [${i}${i > 0 ? `, v${i - 1}.length` : ""}];\nlet total = v${i}.length;`;
    const start = performance.now();
    expect(checker.check(code, `In[${i}]`)).toEqual([]);
    checker.declare(code, `In[${i}]`);
    return performance.now() - start;
  };
  for (let i = 0; i < 300; i++) time(old, i);
  // In turns: whatever else this machine does slows both down.
  const [youngTimes, oldTimes]: [number[], number[]] = [[], []];
  for (let i = 0; i < 60; i++) {
    youngTimes.push(time(young, i));
    oldTimes.push(time(old, 300 + i));
  }
  young.close();
  old.close();
  const quick = (times: readonly number[]) => times.toSorted((a, b) => a - b)[15] ?? 0;
  expect(quick(oldTimes)).toBeLessThan(2 * quick(youngTimes));
});

test("a cell that is run again takes the place of what it declared before", () => {
  const scope = new CellScope(folder, "^/notelake/cells", new Map());
  const files = scope.contents.size;
  const x = { name: "x", kind: "const", isValue: true, isType: false, position: 0 } as const;
  for (let i = 0; i < 1000; i++) {
    const cell = scope.compose("const x = 1;", { kind: "cell", declares: new Set(["x"]) });
    scope.declare(cell, [{ ...x, form: "alias" }], false);
  }
  expect(scope.contents.size).toBe(files);
});

test("every module of Node in the import table is there, also those that export one value", () => {
  const [config, path] = [join(folder, "table.json"), join(folder, "table.ts")];
  const compilerOptions = {
    module: "Preserve",
    types: ["node"],
    typeRoots: [join(import.meta.dirname, "../../node_modules/@types")],
  };
  const table = new ImportTable();
  table.add(importStatements('import assert, { equal } from "assert/strict"; import "node:fs";'));
  const contents = new Map([
    [config, JSON.stringify({ compilerOptions, files: ["table.ts"] })],
    [path, table.text],
  ]);
  for (const file of contents.keys()) writeFileSync(file, "");
  const compiler = new NativeCompiler({ contents, notice: () => {} });
  compiler.openProject(config);
  const errors = compiler.ask(({ program }) => program.getSemanticDiagnostics(path));
  compiler.close();
  expect(table.text).toContain("default as m1_default, equal as m1_equal");
  expect(errors.map(({ text }) => text)).toEqual([]);
});

describe("the API that the checker stands on", () => {
  const config = join(folder, "api.json");
  const path = join(folder, "api.ts");
  const unsaved = "^/notelake/cells/api.ts";
  const contents = new Map([
    [
      config,
      '{ "compilerOptions": { "strict": true, "noEmit": true }, "files": ["api.ts", "^/notelake/cells/api.ts"] }',
    ],
    [path, "export const width: number = 'a';"],
    [unsaved, "const words = ['a']; wor"],
  ]);
  for (const file of [config, path]) writeFileSync(file, "");
  const compiler = new NativeCompiler({ contents, notice: () => {} });
  compiler.openProject(config);
  afterAll(() => compiler.close());
  const part = "TypeScript's unstable API no longer does what the kernel needs:";

  test("is the version that this was written for", () => {
    const { version } = require("typescript/package.json");
    const { dependencies } = require("../../package.json");
    expect(version, `${part} check src/kernel/check against it, then pin it`).toBe(
      dependencies.typescript,
    );
  });

  test("files from memory, and their errors", () => {
    const errors = compiler.ask(({ program }) => program.getSemanticDiagnostics(path));
    expect(errors, `${part} fs.readFile, program.getSemanticDiagnostics`).toMatchObject([
      { code: 2322, pos: 13, end: 18, text: "Type 'string' is not assignable to type 'number'." },
    ]);
  });

  test("a snapshot of changed files", () => {
    contents.set(path, "const s = '🎉'; export const width: number = s;");
    compiler.changed(path);
    const errors = compiler.ask(({ program }) => program.getSemanticDiagnostics(path));
    expect(errors, `${part} updateSnapshot({ fileChanges }), positions in UTF-16`).toMatchObject([
      { code: 2322, pos: 29, end: 34 },
    ]);
  });

  test("names in unsaved documents", () => {
    const entries = compiler.ask(({ checker }) =>
      checker.getCompletionsAtPosition(unsaved, 24),
    )?.entries;
    expect(
      entries?.map(({ name }) => name),
      `${part} completion in a document named ^/…`,
    ).toContain("words");
  });

  test("parsed files, types and signatures", () => {
    const known = compiler.ask(({ program, checker }) => {
      const statement = program.getSourceFile(path)?.statements[0];
      const type = checker.getTypeAtPosition(path, 6);
      return [statement?.end, type && checker.typeToString(type)];
    });
    expect(known, `${part} getSourceFile, getTypeAtPosition, typeToString`).toEqual([15, '"🎉"']);
  });
});
