import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SparkError } from "../src/core/errors.ts";
import { installSail } from "../src/spark/sail.ts";

/** Where the engine is for the tests of a checkout. */
export const SAIL_FOLDER = join(import.meta.dirname, "..", ".notelake", "spark");
/** For the download, at the first run of a checkout. */
const LIMIT_MS = 120_000;

/** Brings the engine of the cluster; why it cannot be had, or undefined once it is there. */
export async function whyNoSpark(): Promise<string | undefined> {
  await mkdir(SAIL_FOLDER, { recursive: true, mode: 0o700 });
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    await installSail(SAIL_FOLDER, { say: () => {}, signal });
    return undefined;
  } catch (error) {
    if (error instanceof SparkError && error.code === "NO_PYTHON") return "no Python 3.9, nor uv";
    if (error instanceof SparkError || signal.aborted) {
      return "Sail is not in .notelake/spark, and PyPI cannot be reached; npx notelake spark --install";
    }
    throw error;
  }
}
