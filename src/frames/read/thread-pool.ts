import { Worker } from "node:worker_threads";

/** Threads that run one program, one task at a time each. */
export class ThreadPool {
  readonly #program: URL;
  readonly #idleMs: number;
  /** Those that have nothing to do, and when each is let go. */
  readonly #idle = new Map<Worker, NodeJS.Timeout>();

  /**
   * @param program the path of the thread's program from `base` on, without its ending
   * @param idleMs milliseconds for which a thread waits for another task
   */
  constructor(program: string, base: string, idleMs: number) {
    this.#program = new URL(program + base.slice(base.lastIndexOf(".")), base);
    this.#idleMs = idleMs;
  }

  /**
   * Sends a task to a thread, which is ended where that fails or is given up, and else kept.
   *
   * @param receive called with each answer; true for the last one
   * @throws the signal's reason; the error that the thread died of
   */
  async run<Answer>(
    task: unknown,
    receive: (answer: Answer) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    signal?.throwIfAborted();
    const worker = this.#take();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const listen = (answer: Answer) => {
      if (receive(answer)) resolve();
    };
    const exit = () => reject(new Error("the thread ended"));
    const abort = () => reject(signal?.reason);
    worker.on("message", listen).on("error", reject).on("exit", exit);
    signal?.addEventListener("abort", abort, { once: true });
    let isWell = false;
    try {
      worker.postMessage(task);
      await promise;
      isWell = true;
    } finally {
      signal?.removeEventListener("abort", abort);
      worker.off("message", listen).off("error", reject).off("exit", exit);
      if (isWell) this.#keep(worker);
      else await end(worker);
    }
  }

  #take(): Worker {
    const [kept] = this.#idle;
    if (!kept) {
      // What a library prints is not for whoever loads a file, and what this process was started
      // with is not always allowed in a thread.
      return new Worker(this.#program, { stdout: true, stderr: true, execArgv: [] });
    }
    const [worker, timer] = kept;
    this.#idle.delete(worker);
    clearTimeout(timer);
    worker.removeAllListeners("error");
    worker.ref();
    return worker;
  }

  #keep(worker: Worker): void {
    worker.unref();
    const forget = () => {
      this.#idle.delete(worker);
      void end(worker);
    };
    worker.on("error", forget);
    this.#idle.set(worker, setTimeout(forget, this.#idleMs).unref());
  }
}

async function end(worker: Worker): Promise<void> {
  worker.on("error", () => {});
  await worker.terminate();
}
