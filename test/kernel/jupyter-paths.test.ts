import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataFolders, userDataFolder } from "../../src/kernel/jupyter-paths.ts";
import { lastingPath } from "../../src/kernel/kernelspec.ts";

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "notelake-paths-")));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ["linux", { HOME: "/home/ada" }, "/home/ada/.local/share/jupyter"],
  ["linux", { HOME: "/home/ada", XDG_DATA_HOME: "/data" }, "/data/jupyter"],
  ["darwin", { HOME: "/Users/ada" }, "/Users/ada/Library/Jupyter"],
  ["win32", { APPDATA: "/ada/AppData/Roaming" }, "/ada/AppData/Roaming/jupyter"],
  ["win32", { USERPROFILE: "/ada" }, "/ada/.jupyter/data"],
  ["linux", { HOME: "/home/ada", JUPYTER_DATA_DIR: "/jupyter" }, "/jupyter"],
] as const)("on %s, %j is where Jupyter looks", (platform, env, expected) => {
  expect(userDataFolder(env, platform)).toBe(expected);
});

test("Jupyter looks in JUPYTER_PATH, the environment, the user's folder and the system's", () => {
  const env = { HOME: "/home/ada", JUPYTER_PATH: "/one:/two", VIRTUAL_ENV: "/venv" };
  expect(dataFolders(env, "linux")).toEqual([
    "/one",
    "/two",
    "/venv/share/jupyter",
    "/home/ada/.local/share/jupyter",
    "/usr/local/share/jupyter",
    "/usr/share/jupyter",
  ]);
});

test.each([
  [
    "node_modules/.pnpm/notelake@0.1.0_x/node_modules/notelake",
    "dist/launcher.js",
    "node_modules/notelake",
  ],
  ["homebrew/Cellar/node@24/24.1.0_2", "bin/node", "homebrew/opt/node@24"],
])("a program in %s is named by the link that outlives an update", async (real, file, link) => {
  await mkdir(dirname(join(folder, real, file)), { recursive: true });
  await writeFile(join(folder, real, file), "");
  expect(lastingPath(join(folder, real, file))).toBe(join(folder, real, file));
  await mkdir(dirname(join(folder, link)), { recursive: true });
  await symlink(join(folder, real), join(folder, link));
  expect(lastingPath(join(folder, real, file))).toBe(join(folder, link, file));
});
