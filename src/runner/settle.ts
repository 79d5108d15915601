import { setTimeout as sleep } from "node:timers/promises";
import type { PendingWork } from "../kernel/run/pending-work.ts";
import type { KernelClient } from "./kernel-client.ts";

const ASK_AGAIN_MS = 20;
/** Each time has a mark of its own in the kernel. */
let times = 0;
/** Resources of Node that are there while nothing is going on: the kernel's own, and servers. */
const IDLE = "/^(?:MessagePort|Worker|PipeWrap|TTYWrap|SignalWrap|TCPServerWrap|PipeServerWrap)$/";
/** What cells have left running, as our own kernel tells it. */
const PENDING = 'Reflect.get(globalThis, Symbol.for("notelake.pending"))?.()';

/**
 * Waits until nothing that the notebook has begun is under way: timers, files, requests, programs.
 *
 * What takes longer than `drain` milliseconds is not waited for. The kernel itself measures them,
 * by a timer: whatever was to happen earlier has happened when that one fires, however busy the
 * machine is.
 *
 * @param limit milliseconds in which the kernel has to answer
 * @returns what goes on all the same
 * @throws KernelDied; TimeLimit when something that the cells left behind does not let go of it
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
