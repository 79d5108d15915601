import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { notelake } from "./notelake.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a wrong command line exits with 2 and says why, and what is right", () => {
  test.each([
    [["fly"], "notelake has no command fly. See: npx notelake --help"],
    [["docter"], "notelake has no command docter. Did you mean notelake doctor?"],
    [["constructor"], "notelake has no command constructor"],
    [["run"], "notelake run needs a notebook"],
    [["run", "--cell-timeout", "soon", "x.ipynb"], "--cell-timeout soon is not a number above 0"],
    [["run", "--upadte", "x.ipynb"], "no option --upadte. Did you mean --update?"],
    [["practice", "--port", "99999"], "--port 99999 is no port"],
    [
      ["practice", "--approve", "eve@contoso.com"],
      "nobody in the practice directory is called eve",
    ],
    [["practice", "--port", ""], "--port  is no port"],
    [["practice", "--port"], "notelake practice: --port needs a value"],
    [["practice", "--port", "--dir"], "notelake practice: --port needs a value"],
    [["lab", "notebooks"], "notelake lab takes no argument notebooks"],
    [["lab", "--dir", "nowhere"], "there is no folder"],
    [["doctor", "--verbose"], "notelake doctor has no option --verbose"],
  ])("%j", async (args, text) => {
    const { code, stdout, stderr } = await notelake(args, { cwd: folder });
    expect(stderr).toContain(text);
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});

test("help and the version are no failure, and fit a terminal of 80 columns", async () => {
  const commands = ["new", "lab", "run", "check", "spark", "practice", "kernel", "doctor", "docs"];
  for (const args of [[], ["-h"], ...commands.map((name) => [name, "--help"])]) {
    const { code, stdout, stderr } = await notelake(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  }
  expect((await notelake(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
});

test("docs lists the pages that come with the package, prints one, and knows the nearest name", async () => {
  const { stdout } = await notelake(["docs"], { cwd: folder });
  expect(stdout).toMatch(/^your-own-azure +Your own Azure$/m);
  const page = await notelake(["docs", "your-own-azure"], { cwd: folder });
  expect(page.stdout).toMatch(/^# Your own Azure\n/);
  const wrong = await notelake(["docs", "sparc"], { cwd: folder });
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("notelake docs spark") });
});

describe("what the system refuses is a line that says what to do, with exit code 1", () => {
  const atMostOneLine = /^[^\n]+\n$/;

  test("a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const { code, stderr } = await notelake(["practice", "--port", String(port)]);
    server.close();
    expect(stderr).toMatch(atMostOneLine);
    expect(stderr).toContain(String(port));
    expect(stderr).toContain("--port");
    expect(code).toBe(1);
  });

  test("a file where .jupyter/ would be", async () => {
    await writeFile(join(folder, ".jupyter"), "");
    const { code, stderr } = await notelake(["lab", "--no-browser"], { cwd: folder });
    expect(stderr).toMatch(atMostOneLine);
    expect(stderr).toContain(join(folder, ".jupyter"));
    expect(code).toBe(1);
  });

  test("a disk that is full where the output goes", async () => {
    const { code, stderr } = await notelake(["--help"], { before: "exec >/dev/full;" });
    expect(stderr).toMatch(/^notelake[^\n]*the disk is full \(ENOSPC\)[^\n]*\n$/);
    expect(code).toBe(1);
  });
});
