import { dirname, resolve } from "node:path";
import type { KernelSource, PooledStart } from "./kernel-pool.ts";
import type { ParameterValues } from "./parameters.ts";

/** How to run a notebook. All times in milliseconds. */
export interface SessionOptions {
  /** Until the kernel replies. Default 30,000. */
  startLimit?: number;
  /** For each cell. Default 120,000. */
  cellLimit?: number;
  /** For the whole notebook, without the kernel's start. Default 600,000. */
  limit?: number;
  /**
   * How long to wait for timers after the last cell: their errors count until then. Default 2,000.
   */
  drain?: number;
  /** Maximum length of a cell's outputs in characters. Default 32 million. */
  outputLimit?: number;
  /** Additional environment variables for the kernel; NOTELAKE_HEADLESS is always 1. */
  env?: Readonly<Record<string, string>>;
  /** Values of the notebook's parameters; the others have their defaults. */
  parameters?: ParameterValues;
  /**
   * Where `connect()` connects to: `practice` (the default) is the practice cloud, whatever the
   * environment and the settings file say; `azure` follows these. A cell that names a cloud itself
   * gets it.
   */
  profile?: "practice" | "azure";
  /** Source of kernels. Default: each is started when needed. */
  kernels?: KernelSource;
  /** Kills the kernel at once when aborted. */
  signal?: AbortSignal | undefined;
  /** Run the cells tagged `slow` too. */
  slow?: boolean;
  /** Fail a cell that left something running when the notebook ended, instead of a notice. */
  strict?: boolean;
}

export const DEFAULTS = {
  startLimit: 30_000,
  cellLimit: 120_000,
  limit: 600_000,
  drain: 2000,
  outputLimit: 32_000_000,
};

/** How the kernel of a notebook is started. */
export function kernelStart(file: string, options: SessionOptions): PooledStart {
  const isPractice = options.profile !== "azure";
  const env = {
    ...process.env,
    ...(isPractice && { NOTELAKE_CLOUD: "practice" }),
    ...options.env,
    NOTELAKE_HEADLESS: "1",
  };
  const { startLimit: limit = DEFAULTS.startLimit, signal } = options;
  return { cwd: dirname(resolve(file)), env, limit, signal };
}
