import { randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Replaces a file atomically, readable by its owner only. */
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

/** Whether a file is an incomplete one of `writePrivate`. */
export function isDraft(name: string): boolean {
  return /\.[0-9a-f]{16}\.part$/.test(name);
}
