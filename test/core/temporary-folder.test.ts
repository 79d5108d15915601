import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { importAfresh } from "../import-afresh.ts";

type Afresh = typeof import("../../src/core/temporary-folder.ts");
const isRoot = process.geteuid?.() === 0;

describe("the temporary folders of a process", () => {
  let home: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "notelake-test-"));
    vi.stubEnv("TMPDIR", home);
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });

  async function start(): Promise<{ child: ChildProcess; folder: string }> {
    const execArgv = ["--disable-warning=ExperimentalWarning"];
    const child = fork(join(import.meta.dirname, "making-process.ts"), { execArgv });
    children.push(child);
    const [folder] = await once(child, "message");
    return { child, folder: dirname(String(folder)) };
  }

  it("are for its user only, and go with it", async () => {
    const { child, folder } = await start();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toHaveLength(2);
    const gone = once(child, "exit");
    child.send("end");
    await gone;
    expect(readdirSync(home)).toEqual([]);
  });

  it("are removed by the next one when it was killed, and not while it runs", async () => {
    const [one, other] = [await start(), await start()];
    expect(existsSync(one.folder)).toBe(true);
    const gone = once(one.child, "exit");
    one.child.kill("SIGKILL");
    await gone;
    expect(existsSync(one.folder)).toBe(true);
    const next = await start();
    expect(readdirSync(home).sort()).toEqual(
      [other, next].map(({ folder }) => folder.slice(home.length + 1)).sort(),
    );
  });

  it.runIf(isRoot)("stay when they are another user's", async () => {
    const foreign = join(home, "notelake-process-abc");
    mkdirSync(foreign);
    writeFileSync(join(foreign, "process.lock"), "");
    chownSync(foreign, 12345, 12345);
    await start();
    expect(existsSync(foreign)).toBe(true);
  });

  it("are refused with the remedy where none can be made", async () => {
    vi.stubEnv("TMPDIR", join(home, "missing"));
    const module = new URL("../../src/core/temporary-folder.ts", import.meta.url);
    const { makeTemporaryFolder } = (await importAfresh(module)) as Afresh;
    expect(() => makeTemporaryFolder("test")).toThrow(/missing.*\n {2}Set TMPDIR/);
  });
});
