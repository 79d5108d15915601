import type { PendingWork } from "../kernel/run/pending-work.ts";
import type { KernelClient } from "./kernel-client.ts";

const LOOK_AGAIN_MS = 20;
/** Node's resource types that are active in an idle kernel, and servers. */
const IDLE = "/^(?:MessagePort|Worker|PipeWrap|TTYWrap|SignalWrap|TCPServerWrap|PipeServerWrap)$/";

/**
 * Code for the kernel whose value is what cells have left running, once that is nothing or `drain`
 * milliseconds have passed. Only our own kernel can say it.
 */
const pendingAfter = (drain: number): string => `
  await new Promise<void>((done) => {
    const isIdle = () => process.getActiveResourcesInfo().every((kind) => ${IDLE}.test(kind));
    if (isIdle()) return done();
    const looking = setInterval(() => isIdle() && end(), ${LOOK_AGAIN_MS}).unref();
    const end = () => (clearInterval(looking), done());
    setTimeout(end, ${drain}).unref();
  });
  Reflect.get(globalThis, Symbol.for("notelake.pending"))?.()`;

/**
 * Waits until nothing that the notebook started is active: timers, files, requests, programs.
 *
 * Waits at most `drain` milliseconds, measured by a timer in the kernel itself: everything due
 * earlier has happened when it fires, however busy the machine is.
 *
 * @param limit milliseconds beyond `drain` in which the kernel must reply
 * @returns what is still active
 * @throws KernelDied; TimeLimit when the notebook's code blocks the kernel
 */
export async function settle(
  client: KernelClient,
  drain: number,
  limit: number,
): Promise<PendingWork[]> {
  const user_expressions = { pending: pendingAfter(drain) };
  const request = { code: "", silent: true, store_history: false, user_expressions };
  const reply = await client.request("execute_request", request, { limit: drain + limit });
  const { pending } = reply.user_expressions as { pending?: { data?: Record<string, string> } };
  return JSON.parse(pending?.data?.["text/plain"] || "[]");
}
