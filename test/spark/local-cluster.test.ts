import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startSpark } from "../../src/connect/spark.ts";
import { engineFolder, findLocalCluster } from "../../src/spark/local-cluster.ts";
import { installSail } from "../../src/spark/sail.ts";
import { NOTELAKE, notelake } from "../cli/notelake.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-cluster-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function note(pid: number): Promise<void> {
  await mkdir(join(folder, ".notelake", "spark"), { recursive: true });
  await writeFile(
    join(folder, ".notelake", "spark", "cluster.json"),
    JSON.stringify({ url: "sc://127.0.0.1:9", pid, authority: "https://here", reader: "ada" }),
  );
}

test("a cluster is found from the folders below, and only for its own cloud", async () => {
  const below = join(folder, "notebooks", "deep");
  await mkdir(below, { recursive: true });
  expect(await findLocalCluster({ folder: below })).toBeUndefined();
  await note(process.pid);
  const found = { url: "sc://127.0.0.1:9" };
  expect(await findLocalCluster({ folder: below })).toEqual(found);
  expect(await findLocalCluster({ folder, authority: "https://here" })).toEqual(found);
  expect(await findLocalCluster({ folder, authority: "https://elsewhere" })).toBeUndefined();
});

test("what a killed one has left is not found", async () => {
  const child = spawn("true");
  await new Promise((done) => child.once("close", done));
  await note(Number(child.pid));
  expect(await findLocalCluster({ folder })).toBeUndefined();
});

test("a second cluster of a folder is refused, and the first one named", async () => {
  await note(process.pid);
  const { code, stderr } = await notelake(["spark"], { cwd: folder });
  expect(stderr).toContain("a cluster of this folder runs already: sc://127.0.0.1:9");
  expect(stderr).toContain("It reads as ada.");
  expect(code).toBe(1);
});

test("its size is said first; without Python the remedy is named, and nothing is left", async () => {
  const env = { PATH: join(folder, "bin") };
  const { code, stdout, stderr } = await notelake(["spark"], { cwd: folder, env });
  expect(stdout).toContain("a download of 63 MB, 195 MB on disk");
  expect(stderr).toContain("SparkError [NO_PYTHON]: there is no Python 3.9 or later on PATH");
  expect(stderr).toContain("Install Python 3.9 or later");
  expect(code).toBe(1);
  expect(await readdir(join(folder, ".notelake", "spark"))).toEqual(["install.lock"]);
});

test("the engine may be brought by itself, and is not had without Python either", async () => {
  const env = { PATH: join(folder, "bin") };
  const { code, stdout, stderr } = await notelake(["spark", "--install"], { cwd: folder, env });
  expect(stdout).toContain("a download of 63 MB, 195 MB on disk");
  expect(stderr).toContain("SparkError [NO_PYTHON]");
  expect(code).toBe(1);
});

test("the engine is looked for above, and else goes to the project", async () => {
  const below = join(folder, "project", "notebooks");
  await mkdir(below, { recursive: true });
  expect(engineFolder(below)).toBe(join(below, ".notelake", "spark"));
  await writeFile(join(folder, "project", "package.json"), "{}");
  expect(engineFolder(below)).toBe(join(folder, "project", ".notelake", "spark"));
  await mkdir(join(folder, ".notelake", "spark", "venv"), { recursive: true });
  expect(engineFolder(below)).toBe(join(folder, ".notelake", "spark"));
});

test("a cluster reads as somebody", async () => {
  await expect(startSpark()).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
    hint: expect.stringContaining("signIn()"),
  });
});

test("what the installation said is shown when it fails", async () => {
  await mkdir(join(folder, "bin"));
  const python = join(folder, "bin", "python3");
  await writeFile(
    python,
    '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.12.1 && exit\necho "ensurepip is not available"\nexit 1\n',
  );
  await chmod(python, 0o755);
  const env = { PATH: join(folder, "bin") };
  const { code, stderr } = await notelake(["spark"], { cwd: folder, env });
  expect(stderr).toContain("SparkError [NO_SAIL]: Sail could not be installed: python3 -m venv");
  expect(stderr).toContain("ensurepip is not available");
  expect(code).toBe(1);
});

/**
 * Puts a Python on PATH that makes no real environments: it writes down what it is asked for, and
 * is busy with `-m venv` until there is a file `go`.
 */
async function slowPython(): Promise<void> {
  await mkdir(join(folder, "bin"));
  const script = `#!/bin/sh
[ "$1" = --version ] && echo Python 3.12.1 && exit
echo "$2" >> '${folder}/asked'
[ "$2" = venv ] || exit 0
while [ ! -e '${folder}/go' ]; do /bin/sleep 0.1; done
/bin/mkdir -p "$3/bin" && /bin/cp "$0" "$3/bin/python"
`;
  await writeFile(join(folder, "bin", "python3"), script, { mode: 0o755 });
  vi.stubEnv("PATH", join(folder, "bin"));
}

async function asked(): Promise<string[]> {
  const text = await readFile(join(folder, "asked"), "utf8").catch(() => "");
  return text.split("\n").slice(0, -1);
}

function install() {
  const said: string[] = [];
  const signal = AbortSignal.timeout(60_000);
  const python = installSail(folder, { say: (line) => said.push(line), signal });
  return { python, said };
}

test("of two that want the engine at once, one brings it and the other waits", async () => {
  await slowPython();
  const [one, other] = [install(), install()];
  const said = () => [...one.said, ...other.said].join();
  await expect.poll(said).toContain("Another program brings Sail into");
  await writeFile(join(folder, "go"), "");
  expect(await one.python).toBe(await other.python);
  expect(await asked()).toEqual(["venv", "pip"]);
});

test("who waits for a process that is killed brings the engine instead", async () => {
  await slowPython();
  const [node = "", ...args] = NOTELAKE;
  await mkdir(join(folder, ".notelake"));
  await symlink(folder, join(folder, ".notelake", "spark"));
  const child = spawn(node, [...args, "spark", "--install"], { cwd: folder, stdio: "ignore" });
  await expect.poll(asked).toEqual(["venv"]);
  const { python, said } = install();
  await expect.poll(() => said.join()).toContain("Another program brings Sail into");
  child.kill("SIGKILL");
  await expect.poll(asked).toEqual(["venv", "venv"]);
  await writeFile(join(folder, "go"), "");
  expect(await python).toBe(join(folder, "venv", "bin", "python"));
  expect((await asked()).slice(2)).toContain("pip");
});

test("a folder that cannot be written to is named", async () => {
  await mkdir(join(folder, "install.lock"));
  await expect(install().python).rejects.toMatchObject({
    code: "NO_SAIL",
    message: expect.stringContaining(`nothing can be written to ${folder}`),
  });
});

test("a method that does not exist is refused", async () => {
  const { code, stderr } = await notelake(["spark", "--method", "magic"], { cwd: folder });
  expect(stderr).toContain("--method magic is none");
  expect(code).toBe(2);
});
