import { stat } from "node:fs/promises";
import { uptime } from "node:os";

// Nobody waits until a file of the cache is on the disk: one from before a power cut may have holes.
const MACHINE_STARTED = Date.now() - 1000 * uptime();

/**
 * Size of a file that was kept for later calls; nothing when there is none, or none that can be
 * relied on, as it is from before the machine was started.
 */
export async function keptSize(path: string): Promise<number | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts && facts.mtimeMs >= MACHINE_STARTED ? facts.size : undefined;
}
