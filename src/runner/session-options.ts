import { dirname, resolve } from "node:path";
import type { KernelSource, PooledStart } from "./kernel-pool.ts";
import type { ParameterValues } from "./parameters.ts";

/** How to run a notebook. All times in milliseconds. */
export interface SessionOptions {
  /** Until the kernel answers. Default 30,000. */
  startLimit?: number;
  /** For each cell. Default 120,000. */
  cellLimit?: number;
  /** For the whole notebook, from the moment its kernel is there. Default 600,000. */
  limit?: number;
  /** How long timers may outlive the last cell: their errors count until then. Default 2,000. */
  drain?: number;
  /** Characters that the outputs of one cell may have. Default 32 million. */
  outputLimit?: number;
  /** Variables for the kernel beside this process's own; NOTELAKE_HEADLESS is always 1. */
  env?: Readonly<Record<string, string>>;
  /** What the parameters of the notebook are, in place of their defaults. */
  parameters?: ParameterValues;
  /**
   * Where `connect()` goes: `practice` (the default) is the practice cloud, whatever the environment
   * and the settings file say; `azure` is what these say. A cell that names a cloud itself gets it.
   */
  profile?: "practice" | "azure";
  /** Where kernels come from; without it each is started when it is needed. */
  kernels?: KernelSource;
  /** Ends the kernel at once, whatever it does. */
  signal?: AbortSignal | undefined;
  /** Run the cells tagged `slow` too. */
  slow?: boolean;
  /** Fail a cell that left something running when the notebook ended, in place of a notice. */
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
