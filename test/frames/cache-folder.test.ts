import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { importAfresh } from "../import-afresh.ts";

type Afresh = typeof import("../../src/frames/cache/cache-folder.ts");
const MODULE = new URL("../../src/frames/cache/cache-folder.ts", import.meta.url);
const isRoot = process.geteuid?.() === 0;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "notelake-cache-test-"));
  for (const name of ["NOTELAKE_CACHE", "XDG_CACHE_HOME"]) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** As in a process that has not looked yet. */
async function cacheFolder(): Promise<string> {
  const { cacheFolder } = (await importAfresh(MODULE)) as Afresh;
  return cacheFolder();
}

describe.runIf(process.platform === "linux")("the folder that keeps copies of lake files", () => {
  it("lies in the user's folder for caches, for its owner only", async () => {
    const folder = await cacheFolder();
    expect(folder).toBe(join(home, ".cache/notelake"));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    vi.stubEnv("XDG_CACHE_HOME", join(home, "elsewhere"));
    expect(await cacheFolder()).toBe(join(home, "elsewhere/notelake"));
    vi.stubEnv("XDG_CACHE_HOME", "not/absolute");
    expect(await cacheFolder()).toBe(folder);
    vi.stubEnv("NOTELAKE_CACHE", join(home, "named"));
    expect(await cacheFolder()).toBe(join(home, "named"));
  });

  it("is a private one that goes with the process where none can be made", async () => {
    vi.stubEnv("HOME", "/dev/null");
    const folder = await cacheFolder();
    expect(folder).toMatch(new RegExp(`^${tmpdir()}/notelake-process-\\w+/cache-\\w+$`));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it("is refused where it is a link, and may be where the user has named the link", async () => {
    const target = join(home, "target");
    mkdirSync(target, { mode: 0o700 });
    mkdirSync(join(home, ".cache"));
    symlinkSync(target, join(home, ".cache/notelake"));
    await expect(cacheFolder()).rejects.toMatchObject({ code: "UNSAFE_CACHE" });
    vi.stubEnv("NOTELAKE_CACHE", join(home, ".cache/notelake"));
    expect(await cacheFolder()).toBe(target);
  });

  it("is refused where others may write to it", async () => {
    const folder = join(home, ".cache/notelake");
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o775);
    const error = await cacheFolder().catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "UNSAFE_CACHE" });
    expect(error.message).toContain(`chmod go-w ${folder}`);
    chmodSync(folder, 0o755);
    expect(await cacheFolder()).toBe(folder);
  });

  it.runIf(isRoot)("is refused where it belongs to another user", async () => {
    const folder = join(home, ".cache/notelake");
    mkdirSync(folder, { recursive: true });
    chownSync(folder, 12345, 12345);
    const error = await cacheFolder().catch((cause) => cause);
    expect(error).toMatchObject({ code: "UNSAFE_CACHE" });
    expect(error.message).toContain("belongs to another user (uid 12345)");
    vi.stubEnv("NOTELAKE_CACHE", folder);
    await expect(cacheFolder()).rejects.toMatchObject({ code: "UNSAFE_CACHE" });
  });

  it.runIf(isRoot)("is not left by the administrator in somebody's home", async () => {
    chownSync(home, 12345, 12345);
    expect(await cacheFolder()).toContain("notelake-process-");
    expect(existsSync(join(home, ".cache"))).toBe(false);
  });

  it("is named when the one that the user named cannot be made", async () => {
    vi.stubEnv("NOTELAKE_CACHE", "/dev/null/cache");
    const error = await cacheFolder().catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "NO_CACHE" });
    expect(error.message).toContain("/dev/null/cache");
    expect(error.hint).toContain("NOTELAKE_CACHE");
  });
});
