import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { kernelCommand } from "../../src/kernel/kernelspec.ts";
import { NOTELAKE, notelake } from "./notelake.ts";

const FILES = ["kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];
let home: string;
let data: string;
let folder: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "notelake-kernel-cli-"));
  data = join(home, "data");
  folder = join(data, "kernels", "notelake");
});
afterEach(() => rm(home, { recursive: true }));

const kernel = (args: string[], env: NodeJS.ProcessEnv = {}, before?: string) =>
  notelake(["kernel", ...args], {
    env: { HOME: home, JUPYTER_DATA_DIR: data, JUPYTER_PATH: "", VIRTUAL_ENV: "", ...env },
    ...(before && { before }),
  });
const spec = async (path = folder) => JSON.parse(await readFile(join(path, "kernel.json"), "utf8"));

describe("install", () => {
  test("writes a kernelspec with absolute paths and logos, however often it is run", async () => {
    for (let run = 0; run < 2; run++) {
      const { code, stdout, stderr } = await kernel(["install"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain(`Installed: TypeScript (notelake)\n  ${folder}\n`);
    }
    expect((await readdir(folder)).sort()).toEqual(FILES);
    expect(await spec()).toMatchObject({
      argv: [...kernelCommand(), "{connection_file}"],
      display_name: "TypeScript (notelake)",
      language: "typescript",
    });
    for (const size of [32, 64]) {
      // A PNG's width is the big-endian number behind the name of its first chunk.
      const logo = await readFile(join(folder, `logo-${size}x${size}.png`));
      expect([logo.toString("latin1", 1, 4), logo.readUInt32BE(16)]).toEqual(["PNG", size]);
    }
  });

  test("goes to a prefix, to the environment that is activated, under another name", async () => {
    const prefix = await kernel(["install", "--prefix", join(home, "usr")]);
    expect(prefix.stdout).toContain("JUPYTER_PATH=");
    await spec(join(home, "usr/share/jupyter/kernels/notelake"));
    const venv = join(home, "venv");
    const active = await kernel(["install", "--sys-prefix"], { VIRTUAL_ENV: venv });
    expect(active.stdout).not.toContain("JUPYTER_PATH=");
    await spec(join(venv, "share/jupyter/kernels/notelake"));
    await kernel(["install", "--name", "sales", "--display-name", "Sales"]);
    expect(await spec(join(data, "kernels/sales"))).toMatchObject({ display_name: "Sales" });
  });

  test("from npm's cache, it says that npm may empty that at any time", async () => {
    await mkdir(join(home, "_npx"));
    await symlink(join(import.meta.dirname, "../.."), join(home, "_npx/notelake"));
    const [node, ...flags] = NOTELAKE.slice(0, -1);
    const keep = ["--preserve-symlinks", "--preserve-symlinks-main", ...flags];
    const args = [...keep, join(home, "_npx/notelake/src/cli.ts"), "kernel", "install"];
    const env = { ...process.env, JUPYTER_DATA_DIR: data };
    const { stdout } = await promisify(execFile)(node ?? "", args, { env });
    expect(stdout).toContain("It starts this notelake from npm's cache");
    expect((await kernel(["install"])).stdout).not.toContain("cache");
  });

  test("leaves another program's kernel of that name as it was", async () => {
    await mkdir(folder, { recursive: true });
    const foreign = JSON.stringify({ argv: ["other"], display_name: "Other", language: "x" });
    for (const content of [foreign, "{ damaged"]) {
      await writeFile(join(folder, "kernel.json"), content);
      for (const action of ["install", "uninstall"]) {
        const { code, stderr } = await kernel([action]);
        expect(stderr).toMatch(/^JupyterError \[FOREIGN_KERNEL\]: \S+notelake holds /);
        expect(code).toBe(1);
      }
      expect(await readdir(folder)).toEqual(["kernel.json"]);
      expect(await readFile(join(folder, "kernel.json"), "utf8")).toBe(content);
    }
  });

  test("leaves nothing behind when it cannot write", async () => {
    // The largest of its files is larger than one block of 512 bytes, or of 1024 in some shells.
    const { code, stderr } = await kernel(["install"], {}, "trap '' XFSZ; ulimit -f 1;");
    expect(stderr).toMatch(/^notelake kernel: \S+logo\S+: the file would be larger [^\n]+\n$/);
    expect(code).toBe(1);
    expect(await readdir(home)).toEqual([]);
  });

  test("leaves what was there when it cannot write", async () => {
    await kernel(["install", "--display-name", "before"]);
    expect(await kernel(["install"], {}, "trap '' XFSZ; ulimit -f 1;")).toMatchObject({ code: 1 });
    expect(await spec()).toMatchObject({ display_name: "before" });
    expect((await readdir(folder)).sort()).toEqual(FILES);
  });

  test("says in a line that it may not write there", async () => {
    const { code, stderr } = await kernel(["install", "--prefix", "/sys/notelake"]);
    expect(stderr).toMatch(/^notelake kernel: \/sys\/notelake: [^\n]+ Use a folder [^\n]+\n$/);
    expect(code).toBe(1);
  });
});

test("uninstall removes what install wrote, and nothing else", async () => {
  const nothing = await kernel(["uninstall"]);
  expect(nothing).toMatchObject({ code: 0, stderr: "" });
  expect(nothing.stdout).toContain("nothing was removed");
  await kernel(["install"]);
  expect((await kernel(["uninstall"])).stdout).toBe(`Removed: ${folder}\n`);
  expect(await readdir(join(data, "kernels"))).toEqual([]);
  await kernel(["install"]);
  await writeFile(join(folder, "kernel.js"), "");
  await kernel(["uninstall"]);
  expect(await readdir(folder)).toEqual(["kernel.js"]);
});

test("list says where kernels are, and which cannot start any more", async () => {
  const none = await kernel(["list"]);
  expect(none.stdout).toContain(`No kernel of notelake is installed in\n  ${data}\n`);
  await kernel(["install"]);
  expect((await kernel(["list"])).stdout).toBe(
    `✓ notelake: TypeScript (notelake)\n  folder    ${folder}\n  Node.js   ${process.execPath}\n` +
      `  launcher  ${kernelCommand().at(-1)}\n`,
  );
  const stale = {
    ...(await spec()),
    argv: ["/gone/node", "/gone/launcher.js", "{connection_file}"],
  };
  await writeFile(join(folder, "kernel.json"), JSON.stringify(stale));
  const { stdout } = await kernel(["list"]);
  expect(stdout).toMatch(/^✕ notelake/);
  expect(stdout).toContain("/gone/launcher.js  (is gone)");
});

describe("a wrong command line exits with 2", () => {
  test.each([
    [[], "takes one of: install, uninstall, list"],
    [["instal"], "Did you mean install?"],
    [["install", "--user", "--prefix", "/usr"], "exclude each other"],
    [["install", "--name", "My Kernel"], "is no name for a kernel"],
    [["install", "--name", ".."], "is no name for a kernel"],
    [["install", "--sys-prefix"], "no Python environment is activated"],
  ])("%j", async (args, text) => {
    const { code, stderr } = await kernel(args, { CONDA_PREFIX: "" });
    expect(stderr).toContain(text);
    expect(code).toBe(2);
  });
});
