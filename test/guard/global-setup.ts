import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeDeclarations } from "../../src/kernel/own-declarations.ts";

/**
 * Puts every process that the tests start under the guard, and fails the run if it was needed. Gives
 * kernels declarations to check cells by.
 */
export default async function guardRun(): Promise<() => void> {
  await writeDeclarations();
  const folder = mkdtempSync(join(tmpdir(), "notelake-guard-"));
  const log = join(folder, "refused.log");
  const preload = join(import.meta.dirname, "loopback-only.cjs");
  process.env.NOTELAKE_GUARD_LOG = log;
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --require=${JSON.stringify(preload)}`;
  return () => {
    const refused = existsSync(log) ? readFileSync(log, "utf8") : "";
    rmSync(folder, { recursive: true });
    if (refused) throw new Error(`something reached for another machine:\n${refused}`);
  };
}
