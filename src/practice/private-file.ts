import { randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Writes a file that only its owner may read; a reader sees the old content or all of the new. */
export function writePrivate(file: string, content: string): void {
  const half = `${file}.${randomBytes(8).toString("hex")}.part`;
  try {
    writeFileSync(half, content, { mode: 0o600, flag: "wx" });
    renameSync(half, file);
  } catch (error) {
    rmSync(half, { force: true });
    throw error;
  }
}

/** Whether a file is one that `writePrivate` had begun when its process was killed. */
export function isDraft(name: string): boolean {
  return /\.[0-9a-f]{16}\.part$/.test(name);
}
