import { setImmediate as nextTurn } from "node:timers/promises";
import { KernelClient } from "./kernel-client.ts";
import type { KernelStart } from "./kernel-process.ts";

/** How to start a kernel. New kernels with equal options are interchangeable. */
export type PooledStart = KernelStart & { limit: number; signal?: AbortSignal | undefined };

/** A source of kernels for notebooks. */
export interface KernelSource {
  take(start: PooledStart): Promise<KernelClient>;
}

/** Starts the kernel of the next notebook while another runs. Keeps at most one spare kernel. */
export class KernelPool implements KernelSource {
  #spare: { readonly key: string; readonly client: Promise<KernelClient | undefined> } | undefined;

  /** Starts a spare kernel for `take`, unless there is one already. */
  prepare(start: PooledStart): void {
    this.#spare ??= { key: keyOf(start), client: startWarm(start).catch(() => undefined) };
  }

  /**
   * The spare kernel if it was started with the same options, else a new one.
   *
   * @throws KernelDied, TimeLimit
   */
  async take(start: PooledStart): Promise<KernelClient> {
    return (await this.takeSpare(start)) ?? KernelClient.start(start);
  }

  /** The spare kernel, if there is one and it was started with the same options. */
  async takeSpare(start: PooledStart): Promise<KernelClient | undefined> {
    if (this.#spare?.key !== keyOf(start)) return undefined;
    const { client } = this.#spare;
    this.#spare = undefined;
    const spare = await client;
    // If it failed to start or has ended since, the caller starts a new one, which reports the
    // cause.
    if (!spare || !(await hasEnded(spare))) return spare;
    await spare.close();
    return undefined;
  }

  /** Ends the spare kernel at once. */
  async close(): Promise<void> {
    const spare = await this.#spare?.client;
    this.#spare = undefined;
    await spare?.close();
  }
}

/**
 * Loads the modules that the first cell needs. The type checker takes the comment for an import, and
 * makes room for those that follow.
 */
const FIRST = 'undefined; // import "packages"';

/** A kernel that has run something. */
async function startWarm(start: PooledStart): Promise<KernelClient> {
  const client = await KernelClient.start(start);
  try {
    await client.runSilently(FIRST, start.limit);
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

const hasEnded = ({ kernel }: KernelClient): Promise<boolean> =>
  Promise.race([kernel.exited.then(() => true), nextTurn(false)]);

function keyOf({ cwd, env, command }: PooledStart): string {
  const variables = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([cwd, variables, command]);
}
