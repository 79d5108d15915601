import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNotebook, writeNotebook } from "../../src/runner/notebook.ts";

const cli = resolve(import.meta.dirname, "../../src/cli.ts");
const fixture = (name: string) => join(import.meta.dirname, "fixtures", `${name}.ipynb`);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-command-"));
});
afterAll(() => rm(folder, { recursive: true }));

function notelake(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
  return new Promise((done) => {
    execFile(process.execPath, [...flags, cli, ...args], (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe("notelake run", () => {
  test("says what passed and what failed, and exits with 1", async () => {
    const { code, stdout } = await notelake("run", fixture("passes"), fixture("exit"));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok {4}\S+passes\.ipynb {2}3 code cells {2}\d+\.\d s$/m);
    expect(stdout).toMatch(/^FAIL {2}\S+exit\.ipynb/m);
    expect(stdout).toContain("exit.ipynb, cell 2 (id cell-2), line 3: KernelDied");
    expect(stdout).toMatch(/^1 passed, 1 failed$/m);
  });

  test("--update stores outputs once, and a rerun leaves the file as it was", async () => {
    const file = join(folder, "raises.ipynb");
    await copyFile(fixture("raises"), file);
    expect(await notelake("run", "--check", file)).toMatchObject({ code: 1 });
    expect((await notelake("run", "--update", file)).stdout).toContain("2 written anew");
    const written = await readFile(file, "utf8");
    expect(written).toContain("as promised");
    expect(await notelake("run", "--update", file)).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toBe(written);
    expect(await notelake("run", "--check", file)).toMatchObject({ code: 0 });
  });

  test("a notebook that fails is not written", async () => {
    const file = join(folder, "exception.ipynb");
    await copyFile(fixture("exception"), file);
    expect(await notelake("run", "--update", file)).toMatchObject({ code: 1 });
    expect(await readFile(file, "utf8")).toBe(await readFile(fixture("exception"), "utf8"));
  });

  test("a notebook that cannot be stored leaves nothing beside it", async () => {
    const place = join(folder, "taken.ipynb");
    await mkdir(place);
    const notebook = await readNotebook(fixture("passes"));
    await expect(writeNotebook(place, notebook)).rejects.toMatchObject({ path: place });
    expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("a file that is not there fails by its name", async () => {
    const { code, stdout } = await notelake("run", "nowhere.ipynb");
    expect(code).toBe(1);
    expect(stdout).toContain("nowhere.ipynb cannot be read as a notebook");
  });

  test("says how each cell went, and names those that are skipped", async () => {
    const file = join(folder, "tags.ipynb");
    await writeCells(file, ["// First\n1", 'throw new Error("no")', "3"], { 0: ["skip"] });
    const { code, stdout } = await notelake("run", file);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}skip {2}\S+tags\.ipynb > cell 1: First {2}\(tagged skip\)$/m);
    expect(stdout).toMatch(/^ {2}FAIL {2}\S+tags\.ipynb > cell 2: throw .* {2}\d\.\d s$/m);
    expect(stdout).toMatch(/^ {2}skip {2}\S+tags\.ipynb > cell 3: 3 {2}\(cell 2: .* failed\)$/m);
    expect(stdout).toContain("tags.ipynb, cell 2 (id cell-2), line 1: Error: no");
  });

  test("says what a cell left running, and fails it with --strict", async () => {
    const file = join(folder, "left.ipynb");
    const report = join(folder, "left.xml");
    await writeCells(file, [
      "setTimeout(() => {}, 50_000).unref();\nclearTimeout(setTimeout(() => {}, 50_000));",
      "// Beat\nlet n = 0;\nawait 1;\nsetInterval(() => n++, 100);\nsetTimeout(() => n++, 60_000);",
      'import { spawn } from "node:child_process";\nspawn("sleep", ["50"]);',
    ]);
    const lax = await notelake("run", file, "--reporter", `junit=${report}`);
    const went = "went on when the notebook ended: ";
    expect(lax.stderr).toBe(
      [
        `note  ${file} > cell 2: Beat  ${went}line 4: a timer of every 100 ms; line 5: a timer of 60 s\n`,
        `note  ${file} > cell 3: import { spawn } from "node:child_process";  ${went}line 2: a program\n`,
      ].join(""),
    );
    expect(await readFile(report, "utf8")).toContain(`<system-err>${went}line 4: a timer of`);
    expect(lax.code).toBe(0);
    const strict = await notelake("run", file, "--strict");
    expect(strict.stdout).toContain(
      "left.ipynb, cell 2 (id cell-2): LeftRunning: it went on when the notebook ended: line 4: a",
    );
    expect(strict.code).toBe(1);
  });

  test("cells tagged slow run on request", async () => {
    const file = join(folder, "slow.ipynb");
    await writeCells(file, ["1", "2"], { 1: ["slow"] });
    expect((await notelake("run", file)).stdout).toContain("1 code cells");
    expect((await notelake("run", "--slow", file)).stdout).toContain("2 code cells");
  });

  test("writes reports, and the notebooks with their outputs to another folder", async () => {
    const source = join(folder, "reports");
    await mkdir(source);
    await writeCells(join(source, "bad.ipynb"), [
      'console.log("<1> & 2")',
      'throw new Error("<no>")',
      "3",
    ]);
    await writeCells(join(source, "good.ipynb"), ['"fine"']);
    await writeFile(join(source, "none.ipynb"), "{}");
    const before = await readFile(join(source, "bad.ipynb"), "utf8");
    const [junit, json, output] = ["r.xml", "r.json", "out/here"].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const reporters = ["--reporter", `junit=${junit}`, "--reporter", `json=${json}`];
    const { code } = await notelake("run", source, ...reporters, "--output", output, "--html");
    expect(code).toBe(1);
    const xml = await readFile(junit, "utf8");
    expect(xml).toContain(
      '<testsuites name="notelake run" tests="5" failures="1" errors="1" skipped="1">',
    );
    expect(xml).toMatch(
      /<testcase classname="\S+bad.ipynb" name="cell 2: .*<failure type="Error" message="&lt;no&gt;">/,
    );
    expect(xml).toMatch(
      /<testcase classname="\S+none.ipynb".*<error message="\S+none.ipynb is no notebook of nbformat 4">/,
    );
    const report = JSON.parse(await readFile(json, "utf8"));
    expect(report.success).toBe(false);
    expect(report.notebooks.map(({ status }: { status: string }) => status)).toEqual([
      "failed",
      "passed",
      "failed",
    ]);
    expect(report.notebooks[0].cells).toMatchObject([
      { index: 1, status: "passed" },
      { index: 2, status: "failed", error: { name: "Error", line: 1 } },
      { index: 3, status: "skipped", reason: expect.stringContaining("cell 2") },
    ]);
    expect((await readdir(output)).sort()).toEqual([
      "bad.html",
      "bad.ipynb",
      "good.html",
      "good.ipynb",
    ]);
    expect(
      JSON.stringify((await readNotebook(join(output, "bad.ipynb"))).cells[1]?.outputs),
    ).toContain("<no>");
    expect(await readFile(join(output, "bad.html"), "utf8")).toContain("&lt;1&gt; &amp; 2");
    expect(await readFile(join(source, "bad.ipynb"), "utf8")).toBe(before);
  });

  test("refuses what it does not know, before anything runs", async () => {
    const file = fixture("passes");
    for (const args of [["--reporter", "tap=x"], ["--reporter", "junit"], ["--html"]]) {
      expect(await notelake("run", file, ...args)).toMatchObject({ code: 2, stdout: "" });
    }
  });
});

describe.skipIf(process.platform === "win32")("a run that is stopped", () => {
  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)(
    "by %s ends at once, with its kernels and all that they started",
    async (signal, code) => {
      const file = join(folder, `${signal}.ipynb`);
      const pids = join(folder, `${signal}.pids`);
      const start = `import { spawn } from "node:child_process";
      import { writeFileSync } from "node:fs";
      const children = [false, true].map((detached) => spawn("sleep", ["600"], { detached, stdio: "ignore" }));
      for (const child of children) child.unref();
      writeFileSync(${JSON.stringify(pids)}, [process.pid, ...children.map(({ pid }) => pid)].join(" "));
      console.log("started");`;
      await writeCells(file, [start, "while (true) {}"]);
      const before = await readFile(file, "utf8");
      const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
      const report = join(folder, `${signal}.json`);
      const args = ["run", file, "--update", "--reporter", `json=${report}`];
      const child = spawn(process.execPath, [...flags, cli, ...args], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (data) => {
          said += data;
        });
      await expect.poll(() => said).toMatch(/ok .*cell 1/);
      const started = performance.now();
      child.kill(signal);
      const exit = await new Promise((done) => child.once("close", done));
      expect(performance.now() - started).toBeLessThan(5000);
      expect(exit).toBe(code);
      expect(said).toContain(`stopped by ${signal}`);
      const left = (await readFile(pids, "utf8")).split(" ").map(Number).filter(isRunning);
      expect(left).toEqual([]);
      expect(await readFile(file, "utf8")).toBe(before);
      expect(JSON.parse(await readFile(report, "utf8"))).toMatchObject({ success: false });
    },
  );

  test("also by a kill that it cannot notice, a child of a cell in a session of its own included", async () => {
    const file = join(folder, "killed.ipynb");
    const pids = join(folder, "killed.pids");
    await writeCells(file, [
      `import { spawn } from "node:child_process";
      import { writeFileSync } from "node:fs";
      const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
      child.unref();
      writeFileSync(${JSON.stringify(pids)}, process.pid + " " + child.pid);`,
      "await new Promise(() => setInterval(() => {}, 1000));",
    ]);
    const child = spawn(process.execPath, ["--conditions=notelake-source", cli, "run", file]);
    await expect.poll(() => readFile(pids, "utf8").catch(() => "")).toMatch(/\d+ \d+/);
    child.kill("SIGKILL");
    const left = async () =>
      (await readFile(pids, "utf8")).split(" ").map(Number).filter(isRunning);
    await expect.poll(left).toEqual([]);
  });
});

test.skipIf(process.platform === "win32")(
  "what a cell started ends with a run that passes",
  async () => {
    const file = join(folder, "passes.ipynb");
    const pids = join(folder, "passes.pids");
    await writeCells(file, [
      `import { spawn } from "node:child_process";
    import { writeFileSync } from "node:fs";
    const child = spawn("sh", ["-c", "setsid sleep 600 & echo $! > ${pids}"], { detached: true, stdio: "ignore" });
    await new Promise((done) => child.once("close", done));`,
    ]);
    expect(await notelake("run", file)).toMatchObject({ code: 0 });
    const pid = Number(await readFile(pids, "utf8"));
    expect(pid).toBeGreaterThan(0);
    expect(isRunning(pid)).toBe(false);
  },
);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that has ended is there until its parent has looked.
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function writeCells(
  file: string,
  sources: readonly string[],
  tags: Readonly<Record<number, string[]>> = {},
): Promise<void> {
  return writeNotebook(file, {
    cells: sources.map((source, index) => ({
      cell_type: "code",
      id: `cell-${index + 1}`,
      metadata: { tags: tags[index] ?? [] },
      source,
      execution_count: null,
      outputs: [],
    })),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  });
}
