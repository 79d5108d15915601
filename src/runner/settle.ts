import { setTimeout as sleep } from "node:timers/promises";
import type { PendingWork } from "../kernel/run/pending-work.ts";
import type { KernelClient } from "./kernel-client.ts";

const ASK_AGAIN_MS = 20;
/** Makes the kernel-side names unique. */
let times = 0;
/** Node's resource types that are active in an idle kernel, and servers. */
const IDLE = "/^(?:MessagePort|Worker|PipeWrap|TTYWrap|SignalWrap|TCPServerWrap|PipeServerWrap)$/";
/** Expression for what cells have left running; only our own kernel defines it. */
const PENDING = 'Reflect.get(globalThis, Symbol.for("notelake.pending"))?.()';

/**
 * Waits until nothing that the notebook started is active: timers, files, requests, programs.
 *
 * Waits at most `drain` milliseconds, measured by a timer in the kernel itself: everything due
 * earlier has happened when it fires, however busy the machine is.
 *
 * @param limit milliseconds in which the kernel must reply
 * @returns what is still active
 * @throws KernelDied; TimeLimit when the notebook's code blocks the kernel
 */
export async function settle(
  client: KernelClient,
  drain: number,
  limit: number,
): Promise<PendingWork[]> {
  const ask = async (expression: string): Promise<string> => {
    const user_expressions = { asked: expression };
    const request = { code: "", silent: true, store_history: false, user_expressions };
    const reply = await client.request("execute_request", request, { limit });
    const { asked } = reply.user_expressions as { asked?: { data?: Record<string, string> } };
    return asked?.data?.["text/plain"] ?? "";
  };
  const drained = `Symbol.for("notelake.drained.${times++}")`;
  await ask(`(setTimeout(() => Reflect.set(globalThis, ${drained}, true), ${drain}).unref(), "")`);
  const isSettled = `String(Reflect.get(globalThis, ${drained}) === true ||
    process.getActiveResourcesInfo().every((kind) => ${IDLE}.test(kind)))`;
  while ((await ask(isSettled)) === "false") await sleep(ASK_AGAIN_MS);
  return JSON.parse((await ask(PENDING)) || "[]");
}
