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
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LOCK_FILE } from "../../src/practice/folder-lock.ts";
import { makeTemporaryFolder } from "../../src/practice/make-temporary-folder.ts";
import { serveCloud } from "./served-cloud.ts";

const isRoot = process.geteuid?.() === 0;
const LOCKING = join(import.meta.dirname, "locking-process.ts");

describe("the folder of a practice cloud that keeps nothing", () => {
  let home: string;
  let holder: ChildProcess | undefined;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "notelake-test-"));
    vi.stubEnv("TMPDIR", home);
  });
  afterEach(() => {
    holder?.kill("SIGKILL");
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });

  it("goes when the practice cloud closes", async () => {
    const served = await serveCloud();
    const [name = ""] = readdirSync(home);
    expect(statSync(join(home, name)).mode & 0o777).toBe(0o700);
    await served.close();
    expect(readdirSync(home)).toHaveLength(0);
  });

  it("is not made when the practice cloud cannot start", async () => {
    const first = await serveCloud();
    await expect(serveCloud({ port: first.port })).rejects.toMatchObject({ code: "PORT_TAKEN" });
    expect(readdirSync(home)).toHaveLength(1);
    await first.close();
  });

  it("is removed by the next one when its process was killed, and not while that runs", async () => {
    const left = join(home, "notelake-practice-abc");
    mkdirSync(join(left, "lake"), { recursive: true });
    holder = fork(LOCKING, { execArgv: ["--disable-warning=ExperimentalWarning"] });
    const locked = once(holder, "message");
    holder.send(left);
    await locked;
    const mine = makeTemporaryFolder();
    expect(existsSync(left)).toBe(true);
    const gone = once(holder, "exit");
    holder.kill("SIGKILL");
    await gone;
    const next = makeTemporaryFolder();
    expect(existsSync(left)).toBe(false);
    expect(existsSync(mine.dir)).toBe(true);
    mine.lock.release();
    next.lock.release();
  });

  it("leaves alone what is no such folder, or has no lock", () => {
    const target = join(home, "elsewhere");
    const kept = [target, join(home, "notelake-practice-of-somebody")];
    for (const folder of kept) mkdirSync(folder);
    writeFileSync(join(target, LOCK_FILE), "");
    symlinkSync(target, join(home, "notelake-practice-link"));
    writeFileSync(join(home, "notelake-practice-file"), "");
    makeTemporaryFolder().lock.release();
    expect(readdirSync(home)).toHaveLength(5);
    expect(existsSync(join(target, LOCK_FILE))).toBe(true);
  });

  it.runIf(isRoot)("leaves alone what belongs to somebody else", () => {
    const folder = join(home, "notelake-practice-123-x");
    mkdirSync(folder);
    writeFileSync(join(folder, LOCK_FILE), "");
    chownSync(folder, 12345, 12345);
    makeTemporaryFolder().lock.release();
    expect(existsSync(folder)).toBe(true);
  });

  it("says which folder cannot be written to", () => {
    vi.stubEnv("TMPDIR", join(home, "missing"));
    expect(() => makeTemporaryFolder()).toThrow(/missing/);
  });
});
