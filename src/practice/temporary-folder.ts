import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "./folder-lock.ts";

const NAME = /^notelake-practice-(\d+)-/;

/**
 * Makes the folder of a practice cloud that keeps nothing, and removes those that processes left
 * behind when they were killed: the folder's name says whose it is.
 */
export function makeTemporaryFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const owner = NAME.exec(name)?.[1];
    if (owner && !isRunning(Number(owner))) removeFolder(join(tmpdir(), name));
  }
  return mkdtempSync(join(tmpdir(), `notelake-practice-${process.pid}-`));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
