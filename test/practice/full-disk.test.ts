import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataLakeServiceClient } from "@azure/storage-file-datalake";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startPractice } from "../../src/practice/index.ts";

function canMount(): boolean {
  return process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
}

describe.runIf(canMount())("a full disk", () => {
  let disk: string;
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), "notelake-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]);
  });
  afterEach(() => {
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  });

  it("is said to the client and to the owner, is no reason to lose a file, and can be freed", async () => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    await using cloud = await startPractice({ dir: join(disk, "cloud") });
    const { httpClient } = cloud;
    const url = "https://contosolake.dfs.core.windows.net";
    const options = { httpClient, retryOptions: { maxTries: 1 } };
    const lake = new DataLakeServiceClient(url, cloud.credential("ada@contoso.com"), options);
    const raw = lake.getFileSystemClient("raw");
    const bytes = Buffer.alloc(700_000, "x");
    const write = (name: string) => raw.getFileClient(name).upload(bytes);

    const kept: string[] = [];
    let refused: unknown;
    for (let number = 0; number < 30 && !refused; number++) {
      await write(`${number}.bin`).then(
        () => kept.push(`${number}.bin`),
        (error) => {
          refused = error;
        },
      );
    }
    expect(refused).toMatchObject({ statusCode: 507, code: "InsufficientStorage" });
    const failed = cloud.requests.list().find(({ status }) => status === 507);
    expect(failed?.reasons).toMatchObject([
      { by: "failure", why: expect.stringContaining("no space left") },
    ]);
    expect(said.mock.calls.join("")).toMatch(/practice cloud: \w+ https.*contosolake.*no space/);
    expect(kept.length).toBeGreaterThan(1);

    // Not a byte is left now, for a database neither.
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, "filler"), Buffer.alloc(bavail * bsize));
    expect(statfsSync(disk).bavail).toBe(0);
    for (const name of kept) {
      expect((await raw.getFileClient(name).readToBuffer()).equals(bytes)).toBe(true);
    }
    await raw.getFileClient(kept[0] ?? "").delete();
    expect(await raw.getFileClient(kept[0] ?? "").exists()).toBe(false);
    await vi.waitFor(() => write("again.bin"), { timeout: 60_000, interval: 100 });
    said.mockRestore();
  });
});
