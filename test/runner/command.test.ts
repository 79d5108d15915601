import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
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
});
