import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** A folder that is there for the tests of one file; loads keep their copies in its `cache`. */
export function scratchFolder(): string {
  const folder = join(tmpdir(), `notelake-frames-${randomUUID()}`);
  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    process.env.NOTELAKE_CACHE = join(folder, "cache");
  });
  // A copy may be on its way to the cache still.
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 9 }));
  return folder;
}
