import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { notelake } from "./notelake.ts";

const CHECKOUT = join(import.meta.dirname, "../..");
const FILES = [
  ".github/workflows/test.yml",
  ".gitignore",
  "README.md",
  "notebooks/00-start-here.ipynb",
  "notebooks/mean-by.ts",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
];
let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "notelake-new-"));
});
afterEach(() => rm(parent, { recursive: true }));

const make = (folder: string, before?: string) =>
  notelake(["new", folder], { cwd: parent, ...(before && { before }) });

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Runs a program of this checkout in a project. */
function run(cwd: string, program: string, ...args: string[]): Promise<string> {
  const line = [join(CHECKOUT, "node_modules", program), ...args];
  return new Promise((done) => {
    // The sources of this checkout in place of what is published.
    const options = `${process.env.NODE_OPTIONS ?? ""} --conditions=notelake-source`;
    // A type checker that ends soon need not collect garbage.
    const env = { ...process.env, NODE_OPTIONS: options, GOGC: "off" };
    execFile(process.execPath, line, { cwd, env }, (error, stdout, stderr) =>
      done(`exit code ${error?.code ?? 0}\n${stdout}${stderr}`),
    );
  });
}

/** What npm install would do, with the packages of this checkout. */
async function install(project: string): Promise<void> {
  const modules = join(project, "node_modules");
  for (const name of ["vitest", "typescript", "@types/node"]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(CHECKOUT, "node_modules", name), join(modules, name));
  }
  await symlink(CHECKOUT, join(modules, "notelake"));
}

test("a new project passes its own tests and its own check of types", {
  timeout: 120_000,
}, async () => {
  const { code, stdout, stderr } = await make("my lake");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain('cd "my lake"\n  npm install\n');
  const project = join(parent, "my lake");
  expect(await filesOf(project)).toEqual(FILES);
  expect(await readdir(parent)).toEqual(["my lake"]);
  await install(project);
  const vitest = ["run", "--configLoader=native", "--no-color", "--reporter=verbose"];
  const tested = await run(project, "vitest/vitest.mjs", ...vitest);
  expect(tested).toMatch(/^exit code 0\n/);
  expect(tested).toMatch(/✓ notebooks\/00-start-here\.ipynb > cell \d+: /);
  // The sources in place of the declarations that are published: they need the stricter option.
  const sources = ["--customConditions", "notelake-source", "--exactOptionalPropertyTypes"];
  expect(await run(project, "typescript/bin/tsc", "--singleThreaded", ...sources)).toBe(
    "exit code 0\n",
  );
  // What the notebook imports is really the file beside it.
  await writeFile(join(project, "notebooks/mean-by.ts"), "export const meanBy = () => [];");
  const checked = await notelake(["check", "notebooks"], { cwd: project });
  expect(checked.stdout).toMatch(/^00-start-here\.ipynb, cell 8 .*: Expected 0 arguments/);
  expect(checked.code).toBe(1);
});

test("its package.json has the version that runs, and a name that npm accepts", async () => {
  const own = JSON.parse(await readFile(join(CHECKOUT, "package.json"), "utf8"));
  for (const [folder, name] of [
    ["Größe 2", "gro-e-2"],
    ["vitest", "vitest-notebooks"],
    ["日本", "my-notebooks"],
  ] as const) {
    await make(folder);
    const made = JSON.parse(await readFile(join(parent, folder, "package.json"), "utf8"));
    expect(made).toMatchObject({
      name,
      scripts: { start: "notelake lab", test: "vitest run" },
      dependencies: { notelake: `^${own.version}` },
      devDependencies: { vitest: `^${own.devDependencies.vitest}` },
    });
  }
  expect((await stat(join(parent, "vitest"))).mode & 0o777).toBe(0o777 & ~process.umask());
});

test("an empty folder will do, and one with nothing but .git; folders above it are made", async () => {
  await mkdir(join(parent, "mine/.git"), { recursive: true });
  expect(await make("mine")).toMatchObject({ code: 0 });
  expect(await filesOf(join(parent, "mine"))).toEqual(FILES);
  expect((await make("a/b/c")).stdout).toContain("cd a/b/c\n");
  expect(await filesOf(join(parent, "a/b/c"))).toEqual(FILES);
});

describe("refuses, and leaves everything as it was", () => {
  test("a folder that is not empty, a second time too", async () => {
    await mkdir(join(parent, "full"));
    await writeFile(join(parent, "full/notes.txt"), "mine");
    const { code, stderr } = await make("full");
    expect(stderr).toContain(`${join(parent, "full")} is not empty: notes.txt`);
    expect(code).toBe(1);
    expect(await filesOf(parent)).toEqual(["full/notes.txt"]);
  });

  test("a file, and a folder inside a file", async () => {
    await writeFile(join(parent, "file"), "mine");
    for (const folder of ["file", "file/below"]) {
      const { code, stderr } = await make(folder);
      expect(stderr).toContain("is a file, or inside one");
      expect(code).toBe(1);
    }
    expect(await readFile(join(parent, "file"), "utf8")).toBe("mine");
  });

  test("a folder that it may not write to", async () => {
    const { code, stderr } = await make("/sys/notelake");
    expect(stderr).toMatch(/^notelake new: \/sys\/notelake: [^\n]+ Use a folder [^\n]+\n$/);
    expect(code).toBe(1);
  });

  test.each(["new", "a/b", "empty"])("a disk that is full half-way: %s", async (folder) => {
    await mkdir(join(parent, "empty"));
    const { code, stderr } = await make(folder, "trap '' XFSZ; ulimit -f 4;");
    expect(stderr).toContain(`${join(parent, folder)}/notebooks/00-start-here.ipynb: the file`);
    expect(code).toBe(1);
    expect(await readdir(parent, { recursive: true })).toEqual(["empty"]);
  });

  test.each([
    [[], "takes one folder"],
    [["one", "two"], "takes one folder"],
    [["--force", "one"], "no option --force"],
  ])("a wrong command line: %j", async (args, text) => {
    const { code, stderr } = await notelake(["new", ...args], { cwd: parent });
    expect(stderr).toContain(text);
    expect(code).toBe(2);
    expect(await readdir(parent)).toEqual([]);
  });
});
