import { execFile, spawn } from "node:child_process";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeTemporaryFolder } from "../../src/core/temporary-folder.ts";
import { findNotebooks } from "../../src/runner/find-notebooks.ts";
import { formatNotebook } from "../../src/runner/notebook.ts";

// Projects of somebody who tests notebooks with the plug-in, and a Vitest that is started there.

const CHECKOUT = resolve(import.meta.dirname, "../..");
const FIXTURES = join(import.meta.dirname, "fixtures");
let folder: string;
beforeAll(() => {
  folder = makeTemporaryFolder("vitest-test");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Node loads the package itself, as it does what lies in `node_modules`. */
const SOURCES = `new RegExp(${JSON.stringify(join(CHECKOUT, "src/"))})`;
const AS_INSTALLED = `test: { server: { deps: { external: [${SOURCES}] } },`;

/** A plug-in that says whether each file of tests gets a process of its own. */
const TELL_ISOLATION = `{
  name: "tell",
  configureVitest: ({ project }) => console.log("isolate: " + project.config.isolate),
}`;

let projects = 0;

/** Makes a project with a configuration like this, and these files. */
async function project(files: Record<string, string>, config = ""): Promise<string> {
  const root = join(folder, `project-${projects++}`);
  await mkdir(join(root, "node_modules"), { recursive: true });
  await symlink(CHECKOUT, join(root, "node_modules/notelake"));
  await symlink(join(CHECKOUT, "node_modules/vitest"), join(root, "node_modules/vitest"));
  const given =
    config ||
    `import { notebooks } from "notelake/vitest";
     import { defineConfig } from "vitest/config";
     export default defineConfig({
       plugins: [notebooks({ compare: false })],
       test: { include: ["**/*.ipynb"] },
     });`;
  await writeFile(join(root, "vitest.config.mjs"), given.replaceAll("test: {", AS_INSTALLED));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(root, name, ".."), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return root;
}

/** A notebook with these cells; a text that begins with # is Markdown. */
function notebook(...cells: (string | { source: string; tags: string[] })[]): string {
  return formatNotebook({
    cells: cells.map((cell, index) => {
      const { source, tags } = typeof cell === "string" ? { source: cell, tags: [] } : cell;
      const common = {
        id: `cell-${index + 1}`,
        metadata: { tags },
        source: source.split(/(?<=\n)/),
      };
      return source.startsWith("#")
        ? { ...common, cell_type: "markdown" }
        : { ...common, cell_type: "code", execution_count: null, outputs: [] };
    }),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  });
}

const vitest = join(CHECKOUT, "node_modules/vitest/vitest.mjs");
/** This checkout has no JavaScript of the package: its sources stand in. */
const env = () => ({
  ...process.env,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --conditions=notelake-source`,
  NO_COLOR: "1",
  CI: "",
});

function run(root: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [
        vitest,
        "run",
        "--configLoader=native",
        ...(args.some((each) => each.startsWith("--reporter")) ? [] : ["--reporter=verbose"]),
        ...args,
      ],
      { cwd: root, env: env() },
      (error, stdout, stderr) => done({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

/** A configuration of projects, each in a folder of its name: options of the plug-in, and others. */
function projectsOf(
  options: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>> = {},
): string {
  const projects = Object.entries(options).map(
    ([name, given]) => `{
      plugins: [notebooks(${given})],
      test: { name: "${name}", root: "${name}", include: ["*.ipynb"], ${others[name] ?? ""} },
    }`,
  );
  return `import { notebooks } from "notelake/vitest";
    export default { test: { projects: [${projects}] } };`;
}

/** How the tests of a project ended: their marks in the verbose report, sorted. */
const statesOf = (output: string, name: string): string =>
  [...output.matchAll(/([✓×↓]) \|(\w+)\| \S+\.ipynb > /g)]
    .filter(([, , project]) => project === name)
    .map(([, mark]) => mark)
    .sort()
    .join("");

const FAILING = notebook(
  "# Sales",
  "const rows: number[] = [];",
  "## The total\n\nOf all rows.",
  'console.log("adding");\nconst total = rows.reduce((a, b) => a + b);',
  "// What it is\ntotal",
);

describe("each code cell is a test", () => {
  let root: string;
  let output: string;
  beforeAll(async () => {
    root = await project({
      "ok.ipynb": notebook(
        "# Sales",
        "1 + 1",
        "// Wait a bit.\nawait new Promise((done) => setTimeout(done, 300));",
        "2",
      ),
      "bad.ipynb": FAILING,
      "tags.ipynb": notebook(
        { source: 'throw new Error("never")', tags: ["skip"] },
        { source: 'throw new Error("as promised")', tags: ["raises-exception"] },
        { source: "await new Promise(() => {})", tags: ["slow"] },
        { source: "1", tags: ["raises-exception"] },
      ),
      "late.ipynb": notebook(
        '// Timer\nsetTimeout(() => { throw new Error("too late"); }, 300);',
        "// Last\n1",
      ),
    });
    let code: number;
    ({ code, output } = await run(
      root,
      "--reporter=verbose",
      "--reporter=github-actions",
      "--reporter=junit",
      "--reporter=json",
      "--outputFile.junit=junit.xml",
      "--outputFile.json=all.json",
    ));
    expect(code).toBe(1);
    expect(output).toMatch(/3 failed \| 6 passed \| 3 skipped/);
  });

  test("named after its heading, its comment or its first line, and timed", () => {
    expect(output).toMatch(/✓ ok\.ipynb > cell 2: Sales/);
    expect(output).toMatch(/✓ ok\.ipynb > cell 3: Wait a bit (?:[3-9]|\d+\d)\d\dms/);
    expect(output).toMatch(/✓ ok\.ipynb > cell 4: 2/);
  });

  test("fails with its source, the place and what it printed; those behind it are skipped", () => {
    expect(output).toMatch(/✓ bad\.ipynb > cell 2: Sales/);
    expect(output).toMatch(/× bad\.ipynb > cell 4: The total/);
    expect(output).toMatch(/↓ bad\.ipynb > cell 5: What it is .*\[cell 4: The total failed\]/);
    expect(output).toContain(
      [
        "CellError: bad.ipynb, cell 4 (id cell-4), line 2: TypeError: Reduce of empty array with no initial value",
        "  TypeError: Reduce of empty array with no initial value",
        "  In[2], line 2",
        '    1 | console.log("adding");',
        "  > 2 | const total = rows.reduce((a, b) => a + b);",
        "      |                    ^",
        "  stdout:",
        "    adding",
        " ❯ bad.ipynb:",
      ].join("\n"),
    );
    // The line of the file is that of the cell's line.
    const line = /❯ bad\.ipynb:(\d+):1/.exec(output)?.[1];
    expect(FAILING.split("\n")[Number(line) - 1]).toContain("const total =");
  });

  test("skipped by its tag, and expected to raise by another", () => {
    expect(output).toMatch(/↓ tags\.ipynb > cell 1: .*\[tagged skip\]/);
    expect(output).toMatch(/✓ tags\.ipynb > cell 2/);
    expect(output).toMatch(/↓ tags\.ipynb > cell 3: .*\[tagged slow\]/);
    expect(output).toContain("NothingRaised: the cell is tagged raises-exception");
  });

  test("what fails behind the last cell fails with it", () => {
    expect(output).toMatch(/× late\.ipynb > cell 2: Last/);
    expect(output).toContain("late.ipynb, cell 1 (id cell-1), line 2: Error: too late");
  });

  test("named by every reporter, with the file and its line", async () => {
    const junit = await readFile(join(root, "junit.xml"), "utf8");
    expect(junit).toMatch(
      /<testsuite name="bad\.ipynb".* tests="3" failures="1" errors="0" skipped="1"/,
    );
    expect(junit).toMatch(
      /<testcase classname="bad\.ipynb" name="cell 4: The total" time="[\d.]+"/,
    );
    expect(junit).toContain("Reduce of empty array");
    const json = JSON.parse(await readFile(join(root, "all.json"), "utf8"));
    expect(json).toMatchObject({
      numTotalTests: 12,
      numFailedTests: 3,
      numPendingTests: 3,
      success: false,
    });
    const bad = json.testResults.find(({ name }: { name: string }) => name.endsWith("bad.ipynb"));
    expect(bad.assertionResults[1]).toMatchObject({
      title: "cell 4: The total",
      status: "failed",
      failureMessages: [expect.stringContaining("const total = rows.reduce")],
    });
    const [, line] = /::error file=[^,]*bad\.ipynb,title=[^,]*,line=(\d+)/.exec(output) ?? [];
    expect(FAILING.split("\n")[Number(line) - 1]).toContain("const total =");
  });
});

describe("options of the plug-in", () => {
  const stored = JSON.parse(
    notebook("// Time\n'took 12 ms'", "// Beat\nconst beat = setTimeout(() => {}, 60_000);"),
  );
  stored.cells[0].outputs = [
    {
      output_type: "execute_result",
      data: { "text/plain": ["took 99 ms"] },
      execution_count: 1,
      metadata: {},
    },
  ];
  const TIMED = JSON.stringify(stored);
  const declared = { source: "let days = 7;", tags: ["parameters"] };

  describe("that pass", () => {
    let root: string;
    let ended: Awaited<ReturnType<typeof run>>;
    beforeAll(async () => {
      const FLAKY = `import { existsSync, writeFileSync } from "node:fs";
        if (!existsSync("once")) { writeFileSync("once", ""); throw new Error("the first time"); }`;
      root = await project(
        {
          "lax/timed.ipynb": TIMED,
          "skip/gpu.ipynb": notebook("throw new Error()"),
          "skip/other.ipynb": notebook("let x = 1;"),
          "shuffled/a.ipynb": notebook(
            "let n = 1;",
            FLAKY,
            "n++;",
            "n++;",
            "if (n !== 3) throw n;",
          ),
        },
        projectsOf(
          {
            shuffled: "{ compare: false }",
            lax: "{}",
            skip: '{ skip: async (file) => (/gpu/.test(file) ? "no GPU" : undefined) }',
          },
          { shuffled: "retry: 2, sequence: { shuffle: true, concurrent: true }" },
        ),
      );
      ended = await run(root, "--sequence.seed=2");
      expect(ended.code).toBe(0);
    });

    test("shuffled, side by side, retried: cells run in the order of the notebook", () => {
      expect(statesOf(ended.output, "shuffled")).toBe("✓✓✓✓✓");
    });

    test("what a cell left running is said", () => {
      expect(ended.output).toContain(
        "cell 2: Beat  went on when the notebook ended: line 2: a timer",
      );
      expect(statesOf(ended.output, "lax")).toBe("✓✓");
    });

    test("skipped where it cannot run, with the reason, in every report", async () => {
      const again = await run(root, "--project=skip", "--reporter=default");
      expect(again.code).toBe(0);
      expect(again.output).toMatch(/1 passed \| 1 skipped/);
      expect(statesOf(ended.output, "skip")).toBe("↓✓");
      for (const { output } of [ended, again]) {
        expect(output).toContain("gpu.ipynb skipped: no GPU"); // each time anew: it is not cached
      }
    });
  });

  describe("that fail", () => {
    let output: string;
    beforeAll(async () => {
      const fixture = (name: string) => readFile(join(FIXTURES, `${name}.ipynb`), "utf8");
      const root = await project(
        {
          "compare/passes.ipynb": await fixture("passes"),
          "compare/raises.ipynb": await fixture("raises"),
          "values/with.ipynb": notebook(
            declared,
            "if (days !== 30) throw new Error(String(days));",
          ),
          "values/without.ipynb": notebook("1"),
          "values/other.ipynb": notebook({ source: 'let days = "seven";', tags: ["parameters"] }),
          "strict/timed.ipynb": TIMED,
          "broken/a.ipynb": notebook("1", "2"),
        },
        projectsOf({
          compare: "{}",
          values: "{ parameters: { days: 30 } }",
          strict: "{ strict: true }",
          broken: '{ env: { NODE_OPTIONS: "--no-such-option" } }',
        }),
      );
      let code: number;
      ({ code, output } = await run(root));
      expect(code).toBe(1);
    });

    test("outputs are compared with those stored, unless told otherwise", () => {
      expect(output).toMatch(/✓ \|compare\| \S*passes\.ipynb > cell 3/);
      expect(output).toContain(
        "raises.ipynb, cell 1 (id cell-1): the output is not the one stored",
      );
      expect(output).toMatch(/npx notelake run --update \S*raises\.ipynb/);
      expect(statesOf(output, "compare")).toBe("××✓✓✓");
    });

    test("with parameters, in the notebooks that declare them", () => {
      expect(output).toMatch(/✓ \|values\| \S*with\.ipynb > cell 2/);
      expect(output).toMatch(/✓ \|values\| \S*without\.ipynb > cell 1/);
      expect(output).toContain("the parameter days cannot be 30: Type 'number' is not assignable");
    });

    test("strict compares to the letter, and what a cell left running fails", () => {
      expect(output).toContain("timed.ipynb, cell 1 (id cell-1): the output is not the one stored");
      expect(output).toContain("timed.ipynb, cell 2 (id cell-2): LeftRunning: it went on when");
      expect(statesOf(output, "strict")).toBe("××");
    });

    test("a kernel that does not start fails the first and skips the others", () => {
      expect(output).toContain("the kernel ended: exit code 9");
      expect(output).toContain("--no-such-option is not allowed in NODE_OPTIONS");
    });
  });

  test("a parameter that no notebook declares fails the run, with those that there are", async () => {
    const config = `import { notebooks } from "notelake/vitest";
      export default {
        plugins: [notebooks({ parameters: { dayz: 30 } })],
        test: { include: ["*.ipynb"] },
      };`;
    const several = { source: "let days = 7, label = 'all';", tags: ["parameters"] };
    const files = { "with.ipynb": notebook(several), "without.ipynb": notebook("1") };
    const root = await project(files, config);
    const { code, output } = await run(root, "without");
    expect(output).toContain("there is no parameter dayz in the notebooks of this project");
    expect(output).toContain("Did you mean days? The parameters there: days, label.");
    expect(code).toBe(1);
  });
});

describe("filters and orders", () => {
  test("-t runs the cells before the chosen one too, and reports them as skipped", async () => {
    const root = await project({
      "bad.ipynb": FAILING,
      "ok.ipynb": notebook("let n = 1;", "n++;", "// chosen\nif (n !== 2) throw n;"),
    });
    const chosen = await run(root, "-t", "chosen");
    expect(chosen.output).toMatch(/✓ ok\.ipynb > cell 3: chosen/);
    expect(chosen.output).toMatch(/1 passed \| 5 skipped/);
    expect(chosen.code).toBe(0);
    // One that was not chosen and fails must not make the chosen one look skipped.
    const behind = await run(root, "bad", "-t", "What it is");
    expect(behind.code).toBe(1);
    expect(behind.output).toContain("cell 4 (id cell-4), line 2: TypeError: Reduce");
  });

  test("shards are whole notebooks", async () => {
    const root = await project({ "a.ipynb": notebook("1", "2"), "b.ipynb": notebook("1", "2") });
    const shards = await Promise.all([run(root, "--shard=1/2"), run(root, "--shard=2/2")]);
    expect(shards.map(({ code }) => code)).toEqual([0, 0]);
    const files = shards.map(({ output }) => [...new Set(output.match(/[ab]\.ipynb/g))]);
    expect(files.map((each) => each.length)).toEqual([1, 1]);
    expect(files.flat().sort()).toEqual(["a.ipynb", "b.ipynb"]);
  });
});

test("kernels are started ahead, one for the next, and nothing of them is left", async () => {
  const secret = "kX8~not-for-anybodys-eyes";
  const noted = `import { appendFileSync } from "node:fs";
    const { pid, ppid, env } = process;
    appendFileSync("kernels", JSON.stringify({ pid, ppid, pool: env.VITEST_POOL_ID }) + "\\n");`;
  const shows = `const tell = Reflect.get(globalThis, Symbol.for("notelake.issuedSecret"));
    tell("secret of a test", ["kX8~not", "for", "anybodys", "eyes"].join("-"));
    console.log(["kX8~not", "for", "anybodys", "eyes"].join("-"));`;
  const root = await project(
    {
      "a.ipynb": notebook(noted, shows),
      "b.ipynb": notebook(noted, shows),
      "c.ipynb": notebook(noted, `throw new Error("c ends here");`),
      "d.ipynb": notebook(noted, "process.exit(3)"),
    },
    `import { notebooks } from "notelake/vitest";
     export default {
       plugins: [notebooks({ compare: false }), ${TELL_ISOLATION}],
       test: { include: ["*.ipynb"] },
     };`,
  );
  const { output } = await run(root, "--maxWorkers=1");
  expect(output).toContain("isolate: false");
  const lines = (await readFile(join(root, "kernels"), "utf8")).trim().split("\n");
  const kernels = lines.map((line): Record<string, string | number> => JSON.parse(line));
  expect(kernels).toHaveLength(4);
  // The first is a child of the process that tests it, the others of Vitest itself.
  const [first, ...others] = kernels.map(({ ppid }) => ppid);
  expect(new Set(others).size).toBe(1);
  expect(others[0]).not.toBe(first);
  expect(kernels.map(({ pool }) => pool)).toEqual(["1", "1", "1", "1"]);
  expect(output.match(/SecretInOutput: .* secret of a test;/g)).toHaveLength(4);
  expect(output).not.toContain(secret);
  expect(output).toContain("Error: c ends here");
  expect(output).toContain("KernelDied: the kernel ended: exit code 3");
  for (const { pid } of kernels) expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
});

test("what notebooks run of the sources is in the report of coverage, with what tests run", async () => {
  const source = `import { sep } from "node:path";
interface Size { n: number }
export function first({ n }: Size): string {
  if (n > 1) return "many";
  return \`\${sep} one\`;
}
export function second(n: number): number {
  return n ? n * 2 : 0;
}
export function third(n: number): number {
  return n + 1;
}
`;
  const config = `import { notebooks } from "notelake/vitest";
    export default {
      plugins: [notebooks({ compare: false }), ${TELL_ISOLATION}],
      test: {
        include: ["notebooks/*.ipynb", "test/*.test.ts"],
        coverage: { reporter: ["json"], include: ["src/**"] },
      },
    };`;
  const root = await project(
    {
      "src/parts.ts": source,
      "src/notebook-only.ts":
        "export enum Size { Small, Large }\nexport function large(): Size { return Size.Large; }\nexport function never(): number { return 1; }\n",
      "src/never.ts": "export function one(): number { return 1; }\n",
      "test/parts.test.ts":
        'import { expect, test } from "vitest";\nimport { first } from "../src/parts.ts";\ntest("first", () => expect(first({ n: 2 })).toBe("many"));',
      "notebooks/a.ipynb": notebook(
        'import { first, second } from "../src/parts.ts";\nimport { large } from "../src/notebook-only.ts";',
        "first({ n: 1 }) + second(2) + large();",
      ),
    },
    config,
  );
  await mkdir(join(root, "node_modules/@vitest"));
  await symlink(
    join(CHECKOUT, "node_modules/@vitest/coverage-v8"),
    join(root, "node_modules/@vitest/coverage-v8"),
  );
  const { code, output } = await run(root, "--coverage");
  expect(output).toMatch(/3 passed/);
  expect(output).toContain("isolate: true"); // there are tests, too
  expect(output).not.toContain("ExperimentalWarning: stripTypeScriptTypes");
  expect(code).toBe(0);
  const report = JSON.parse(await readFile(join(root, "coverage/coverage-final.json"), "utf8"));
  const covered = (name: string) => {
    const { s, f, b, fnMap } = report[join(root, "src", name)];
    return {
      s: Object.values(s),
      f: Object.fromEntries(Object.entries(f).map(([key, count]) => [fnMap[key].name, count])),
      b: Object.values(b),
    };
  };
  const parts = covered("parts.ts");
  expect(parts.f).toEqual({ first: 2, second: 1, third: 0 });
  // `if` once each way, `n ? n * 2 : 0` one way.
  expect(parts.b).toEqual([
    [1, 1],
    [1, 0],
  ]);
  expect(covered("notebook-only.ts").f).toMatchObject({ large: 1, never: 0 });
  expect(covered("never.ts").f).toEqual({ one: 0 });
  // Without `include` the report has what ran: also what ran in kernels alone.
  await writeFile(join(root, "bare.config.mjs"), config.replace(', include: ["src/**"]', ""));
  expect(await run(root, "--coverage", "--config=bare.config.mjs")).toMatchObject({ code: 0 });
  const bare = JSON.parse(await readFile(join(root, "coverage/coverage-final.json"), "utf8"));
  expect(Object.keys(bare).sort()).toEqual([
    join(root, "src/notebook-only.ts"),
    join(root, "src/parts.ts"),
  ]);
});

test("watch mode runs a notebook again when it or what it imports was edited", async () => {
  const root = await project({
    "notebooks/a.ipynb": notebook(
      'import { two } from "../src/two.ts";',
      "// Value\nif (two !== 2) throw new Error(String(two));",
    ),
    "notebooks/b.ipynb": notebook("// Other\n1"),
    "src/two.ts": 'export { value as two } from "./value";',
    "src/value.ts": "export const value: number = 2;",
  });
  const child = spawn(
    process.execPath,
    [vitest, "--watch", "--configLoader=native", "--reporter=verbose"],
    {
      cwd: root,
      env: env(),
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => {
      output += data;
    });
  const until = (pattern: RegExp) => expect.poll(() => output).toMatch(pattern);
  try {
    await until(/Waiting for file changes/);
    output = "";
    await writeFile(join(root, "src/value.ts"), "export const value: number = 3;");
    await until(/FAIL {2}Tests failed/);
    expect(output).toContain("Error: 3");
    expect(output).not.toContain("Other");
    output = "";
    await writeFile(join(root, "notebooks/b.ipynb"), notebook("// Changed\n2"));
    await until(/b\.ipynb > cell 1: Changed[\s\S]*Waiting|Changed/);
  } finally {
    child.kill("SIGTERM");
  }
});

test("notebooks of packages and Jupyter's checkpoints are not found", async () => {
  const root = join(folder, "find");
  for (const inside of ["b", "a/b", "node_modules/x", ".ipynb_checkpoints", "a/.hidden"]) {
    await mkdir(join(root, inside), { recursive: true });
    await writeFile(join(root, inside, "one.ipynb"), "{}");
  }
  const found = ["a/b/one.ipynb", "b/one.ipynb"].map((path) => join(root, path));
  expect(findNotebooks([root, "x.ipynb"])).toEqual([...found, "x.ipynb"]);
  expect(await readFile(found[0] ?? "", "utf8")).toBe("{}");
});
