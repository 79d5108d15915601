import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DatabaseSync } from "../../src/practice/database-sync.ts";
import { LOCK_FILE, tryLock } from "../../src/practice/folder-lock.ts";

const PROGRAM = join(import.meta.dirname, "locking-process.ts");
const NODE_FLAGS = ["--disable-warning=ExperimentalWarning"];
const NAMESPACE = ["--pid", "--fork", "--kill-child", "--mount-proc"];
const hasNamespaces = spawnSync("unshare", [...NAMESPACE, "true"]).status === 0;

describe("the lock of a folder", () => {
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "notelake-lock-"));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child);
    rmSync(folder, { recursive: true });
  });

  function start(): ChildProcess {
    const child = fork(PROGRAM, { execArgv: NODE_FLAGS });
    children.push(child);
    return child;
  }

  async function ask(child: ChildProcess, dir: string): Promise<boolean> {
    const answer = once(child, "message");
    child.send(dir);
    return (await answer)[0] as boolean;
  }

  it("is had by one at a time, and is for its owner only", () => {
    const lock = tryLock(folder, { create: true });
    expect(lock).toBeDefined();
    expect(tryLock(folder, { create: true })).toBeUndefined();
    expect(statSync(join(folder, LOCK_FILE)).mode & 0o777).toBe(0o600);
    lock?.release();
    const next = tryLock(folder, { create: false });
    expect(next).toBeDefined();
    next?.release();
  });

  it("goes to one of two that try at once, however far the other one came", () => {
    tryLock(folder, { create: true })?.release();
    const other = new DatabaseSync(join(folder, LOCK_FILE));
    other.exec("begin; select * from sqlite_master;"); // How each begins.
    const lock = tryLock(folder, { create: true });
    expect(lock).toBeDefined();
    expect(() => other.exec("commit; begin immediate;")).toThrow("locked");
    other.close();
    lock?.release();
  });

  it("is free as soon as its process has been killed", async () => {
    const child = start();
    expect(await ask(child, folder)).toBe(true);
    expect(tryLock(folder, { create: true })).toBeUndefined();
    await kill(child);
    const lock = tryLock(folder, { create: true });
    expect(lock).toBeDefined();
    lock?.release();
  });

  it("goes to exactly one of those who come at once where a killed process had it", async () => {
    const dirs = Array.from({ length: 300 }, (_, number) => join(folder, String(number)));
    const victim = start();
    for (const dir of dirs) {
      mkdirSync(dir);
      expect(await ask(victim, dir)).toBe(true);
    }
    await kill(victim);
    const contenders = [start(), start(), start()];
    for (const dir of dirs) {
      const answers = await Promise.all(contenders.map((child) => ask(child, dir)));
      expect(answers.filter((got) => got)).toHaveLength(1);
    }
  });

  it.runIf(hasNamespaces)("holds in another process namespace", async () => {
    const lock = tryLock(folder, { create: true });
    const script = `import { tryLock } from ${JSON.stringify(join(import.meta.dirname, "../../src/practice/folder-lock.ts"))};
      console.log(process.pid, tryLock(${JSON.stringify(folder)}, { create: true }) !== undefined);`;
    const inside = async () => {
      const flags = [...NODE_FLAGS, "--input-type=module", "--eval", script];
      const child = spawn("unshare", [...NAMESPACE, process.execPath, ...flags]);
      const [[output]] = await Promise.all([once(child.stdout, "data"), once(child, "exit")]);
      return String(output).trim();
    };
    expect(await inside()).toBe("1 false");
    lock?.release();
    expect(await inside()).toBe("1 true");
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
