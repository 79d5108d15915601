import { setImmediate as nextTurn } from "node:timers/promises";
import { KernelClient } from "./kernel-client.ts";
import type { KernelStart } from "./kernel-process.ts";

/** How a kernel is started; two that are alike can stand for each other before a cell has run. */
export type PooledStart = KernelStart & { limit: number; signal?: AbortSignal | undefined };

/** Where the kernels of notebooks come from. */
export interface KernelSource {
  take(start: PooledStart): Promise<KernelClient>;
}

/** Starts the kernel of the next notebook while another runs. One spare kernel is kept at most. */
export class KernelPool implements KernelSource {
  #spare: { readonly key: string; readonly client: Promise<KernelClient | undefined> } | undefined;

  /** Starts a kernel that `take` will answer with, unless there is a spare one already. */
  prepare(start: PooledStart): void {
    this.#spare ??= { key: keyOf(start), client: startWarm(start).catch(() => undefined) };
  }

  /**
   * The spare kernel if it is like the one that is asked for, else a new one.
   *
   * @throws KernelDied, TimeLimit
   */
  async take(start: PooledStart): Promise<KernelClient> {
    return (await this.takeSpare(start)) ?? KernelClient.start(start);
  }

  /** The spare kernel, if there is one and it is like the one that is asked for. */
  async takeSpare(start: PooledStart): Promise<KernelClient | undefined> {
    if (this.#spare?.key !== keyOf(start)) return undefined;
    const { client } = this.#spare;
    this.#spare = undefined;
    const spare = await client;
    // One that does not start, or has ended meanwhile, says why when it is started again.
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

/** A kernel that has loaded what the first cell would otherwise wait for. */
async function startWarm(start: PooledStart): Promise<KernelClient> {
  const client = await KernelClient.start(start);
  const request = { code: "undefined", silent: true, store_history: false, allow_stdin: false };
  try {
    await client.request("execute_request", request, { limit: start.limit });
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
