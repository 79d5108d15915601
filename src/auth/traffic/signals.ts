import type { GetTokenOptions } from "@azure/core-auth";

/** The Azure SDK accepts objects like AbortSignal, which AbortSignal.any refuses. */
export function toAbortSignal(alike: NonNullable<GetTokenOptions["abortSignal"]>): AbortSignal {
  if (alike instanceof AbortSignal) return alike;
  const controller = new AbortController();
  if (alike.aborted) controller.abort();
  else alike.addEventListener("abort", () => controller.abort());
  return controller.signal;
}

/** Settles as `task` does, or rejects as soon as `signal` aborts: some tasks cannot be stopped. */
export function unlessAborted<T>(task: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    task.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
