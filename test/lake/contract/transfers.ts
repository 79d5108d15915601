import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Lake, TransferProgress } from "../../../src/lake/lake.ts";
import { everythingIn, pathsIn } from "../listed.ts";
import type { ContractLake } from "./contract-lake.ts";

/** Folders of this machine that go up and come down. */
export function transfers(served: () => ContractLake): void {
  let lake: Lake;
  let local: string;
  beforeAll(async () => {
    lake = served().lake;
    local = await mkdtemp(join(tmpdir(), "notelake-contract-"));
  });
  afterAll(() => rm(local, { recursive: true }));

  test("a folder goes up and comes down as it was, with progress", async () => {
    const folder = join(local, "up");
    await mkdir(join(folder, "sub/empty"), { recursive: true });
    const contents: Record<string, Buffer> = {
      "a.bin": randomBytes(5_000_000),
      "sub/ü.txt": Buffer.from("ü"),
      "sub/.hidden": Buffer.from(""),
    };
    for (const [name, bytes] of Object.entries(contents))
      await writeFile(join(folder, name), bytes);
    const steps: TransferProgress[] = [];
    await lake.upload(folder, "out/folder", { onProgress: (step) => steps.push(step) });
    const last = { bytes: 5_000_002, totalBytes: 5_000_002, files: 3, totalFiles: 3 };
    expect(steps.at(-1)).toMatchObject(last);
    expect((await lake.stat("out/folder/sub/empty")).kind).toBe("directory");

    const down = join(local, "down");
    steps.length = 0;
    await lake.download("out/folder", down, { onProgress: (step) => steps.push(step) });
    expect(steps.at(-1)).toMatchObject(last);
    expect((await readdir(down, { recursive: true })).sort()).toEqual(
      ["a.bin", "sub", "sub/.hidden", "sub/empty", "sub/ü.txt"].sort(),
    );
    for (const [name, bytes] of Object.entries(contents)) {
      expect(Buffer.compare(await readFile(join(down, name)), bytes)).toBe(0);
    }
    await expect(lake.download("out/folder", down)).rejects.toMatchObject({ code: "EXISTS" });
    await expect(lake.upload(folder, "out/folder")).rejects.toMatchObject({ code: "EXISTS" });
    await expect(lake.upload(join(folder, "none"), "out/x")).rejects.toMatchObject({
      code: "LOCAL_FILE",
    });
  });
  test("a folder is synced up and down again, and is the same on both sides", async () => {
    const folder = join(local, "synced");
    await mkdir(join(folder, "sub/empty"), { recursive: true });
    await writeFile(join(folder, "a.txt"), "a");
    await writeFile(join(folder, "sub/ü.txt"), "ü");
    await lake.syncUp(folder, "synced");
    // A temporary name of an upload under way is nobody's file.
    const part = "synced/.a.txt.0123456789ab.ba9876543210.part";
    await lake.write(part, "half");
    expect((await lake.syncUp(folder, "synced", { delete: true })).changes).toEqual([]);
    expect((await lake.syncUp(folder, "synced", { compare: "md5" })).changes).toEqual([]);
    await lake.write("synced/sub/more.txt", "more");
    const down = join(local, "synced-down");
    await lake.syncDown("synced", down);
    expect((await readdir(down, { recursive: true })).sort()).toEqual(
      ["a.txt", "sub", "sub/empty", "sub/more.txt", "sub/ü.txt"].sort(),
    );
    expect((await lake.syncDown("synced", down, { delete: true })).changes).toEqual([]);
    await rm(join(down, "sub"), { recursive: true });
    await lake.syncUp(down, "synced", { delete: true });
    expect((await everythingIn(lake, "synced")).sort()).toEqual([part, "synced/a.txt"].sort());
  });
  test("an upload removes what one of an earlier version of the file has left, and nothing else", async () => {
    const file = join(local, "edited.txt");
    const [path, others] = ["edited/a.txt", Array.from({ length: 150 }, (_, n) => `edited/.${n}`)];
    await writeFile(file, "first");
    let part: Promise<string[]> | undefined;
    await lake.upload(file, path, {
      onProgress: () => {
        part ??= pathsIn(lake, "edited/.*.part");
      },
    });
    const [left = ""] = (await part) ?? [];
    expect(left).toMatch(/^edited\/\.a\.txt\..*\.part$/);
    const kept = ["edited/.a.txt.part", "edited/.b.txt.1.part", ...others].sort();
    for (const each of [left, ...kept]) await lake.write(each, "");

    await writeFile(file, "second");
    await lake.upload(file, path, { overwrite: true });
    expect(await lake.readText(path)).toBe("second");
    expect((await everythingIn(lake, "edited")).sort()).toEqual([...kept, path].sort());
  });
}
