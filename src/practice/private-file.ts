import { randomBytes } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";

/** Writes a file that only its owner may read; a reader sees the old content or all of the new. */
export function writePrivate(file: string, content: string): void {
  const half = `${file}.${process.pid}.${randomBytes(4).toString("hex")}.part`;
  writeFileSync(half, content, { mode: 0o600, flag: "wx" });
  renameSync(half, file);
}
