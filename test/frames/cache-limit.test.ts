import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const ROW = "0123456789abcdef,1\n";
const FILE = `text,n\n${ROW.repeat(10_000)}`; // about 190 kB

afterEach(() => vi.unstubAllEnvs());

/** Loads files one after another, each as if a minute after the one before. */
async function load(...names: string[]): Promise<string[]> {
  const root = join(folder, "lake");
  await mkdir(root, { recursive: true });
  const lake = new FolderLake(root);
  for (const name of names) {
    await writeFile(join(root, name), FILE);
    await loadFrame(lake, name);
    // The copy may still be written behind.
    await vi.waitFor(() => expect(kept()).toContain(name), 10_000);
    const minute = new Date(Date.now() - (600 - names.indexOf(name) * 60) * 1000);
    utimesSync(join(cache(), folderOf(name)), minute, minute);
  }
  return lake.downloads;
}

const cache = () => join(folder, "cache");

/** Names of the files that copies are kept of. */
function kept(): string[] {
  const found = readdirSync(cache(), { recursive: true, encoding: "utf8" });
  return found.flatMap((path) => /[^/]+\.csv$/.exec(path) ?? []).sort();
}

function folderOf(name: string): string {
  const found = readdirSync(cache(), { recursive: true, encoding: "utf8" });
  return found.find((path) => path.endsWith(name))?.split("/")[0] ?? "";
}

describe("the limit of what is kept of a lake", () => {
  it("lets go first of what was used longest ago", async () => {
    vi.stubEnv("NOTELAKE_CACHE_BYTES", String(500_000));
    await load("a.csv", "b.csv", "c.csv", "d.csv");
    await vi.waitFor(() => expect(kept()).toEqual(["c.csv", "d.csv"]), 10_000);
  });

  it("is looked after by notes, not by looking at every copy at each load", async () => {
    rmSync(cache(), { recursive: true });
    await mkdir(cache());
    await load("e.csv");
    const notes = () => readFileSync(join(cache(), "sizes.txt"), "utf8");
    const [counted] = notes().split("\n");
    await load("f.csv", "g.csv");
    expect(notes().split("\n")).toEqual([counted, `${FILE.length}`, `${FILE.length}`, ""]);
    expect(Number(counted?.split(" ")[1])).toBeGreaterThanOrEqual(FILE.length);
  });

  it.each(["not a note\n", "0 12\n", ""])("counts anew where the notes are %j", async (notes) => {
    vi.stubEnv("NOTELAKE_CACHE_BYTES", String(300_000));
    await writeFile(join(cache(), "sizes.txt"), notes);
    const name = `n${notes.length}.csv`;
    await load(name);
    await vi.waitFor(() => expect(kept()).toEqual([name]), 10_000);
    expect(existsSync(join(folder, "lake", "e.csv"))).toBe(true);
  });

  it.each(["4 GB", "-1", "1e9"])(
    "is refused where it is %j, before anything is brought",
    async (limit) => {
      vi.stubEnv("NOTELAKE_CACHE_BYTES", limit);
      await writeFile(join(folder, "lake", "refused.csv"), FILE);
      const lake = new FolderLake(join(folder, "lake"));
      await expect(loadFrame(lake, "refused.csv")).rejects.toMatchObject({
        code: "NO_CACHE",
        message: expect.stringContaining(JSON.stringify(limit)),
      });
      expect(kept()).not.toContain("refused.csv");
    },
  );
});
