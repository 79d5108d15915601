import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeTemporaryFolder } from "../../src/practice/temporary-folder.ts";
import { serveCloud } from "./served-cloud.ts";

describe("the folder of a practice cloud that keeps nothing", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "notelake-test-"));
    vi.stubEnv("TMPDIR", home);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });

  it("goes when the practice cloud closes", async () => {
    const served = await serveCloud();
    expect(readdirSync(home)).toHaveLength(1);
    await served.close();
    expect(readdirSync(home)).toHaveLength(0);
  });

  it("goes when the practice cloud cannot start", async () => {
    const first = await serveCloud();
    await expect(serveCloud({ port: first.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(readdirSync(home)).toHaveLength(1);
    await first.close();
  });

  it("is removed by the next one when its process was killed, and not while that runs", async () => {
    const child = spawn(process.execPath, ["--eval", "setInterval(() => undefined, 1000)"]);
    await once(child, "spawn");
    const left = join(home, `notelake-practice-${child.pid}-abc`);
    mkdirSync(join(left, "lake"), { recursive: true });
    const other = join(home, "notelake-practice-of-somebody");
    mkdirSync(other);
    const mine = makeTemporaryFolder();
    expect(existsSync(left)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    makeTemporaryFolder();
    expect(existsSync(left)).toBe(false);
    expect(existsSync(mine)).toBe(true);
    expect(existsSync(other)).toBe(true);
  });
});
