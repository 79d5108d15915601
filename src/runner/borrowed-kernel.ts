import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { KnownSecret } from "../core/redact.ts";
import { KernelClient } from "./kernel-client.ts";
import type { BorrowerWord, LenderWord } from "./kernel-lender.ts";
import type { KernelSource, PooledStart } from "./kernel-pool.ts";
import type { KernelExit, KernelProcess } from "./kernel-process.ts";

/** Kernels that another process has started in advance; where it has none, one is started here. */
export class BorrowedKernels implements KernelSource {
  readonly #path: string;

  /** @param path of a `KernelLender` */
  constructor(path: string) {
    this.#path = path;
  }

  async take(start: PooledStart): Promise<KernelClient> {
    const socket = connect(this.#path);
    const kernel = await borrow(socket, start);
    if (kernel) return KernelClient.attach(kernel, start.limit);
    try {
      return await KernelClient.start(start);
    } finally {
      // The end of the connection is the lender's signal to start another kernel.
      socket.end();
    }
  }
}

/** Undefined when the lender has no kernel or cannot be reached. */
function borrow(socket: Socket, start: PooledStart): Promise<KernelProcess | undefined> {
  const answered = Promise.withResolvers<KernelProcess | undefined>();
  const exited = Promise.withResolvers<KernelExit>();
  const issued: KnownSecret[] = [];
  const asked: (() => void)[] = [];
  let log = "";
  let gone = false;
  const say = (word: BorrowerWord) => void socket.write(`${JSON.stringify(word)}\n`);
  createInterface(socket).on("line", (line) => {
    const word: LenderWord = JSON.parse(line);
    switch (word.op) {
      case "none":
        return answered.resolve(undefined);
      case "lent":
        return answered.resolve({
          connection: word.connection,
          pid: word.pid,
          exited: exited.promise,
          issued,
          log: () => log,
          readSecrets() {
            if (gone) return Promise.resolve();
            const { promise, resolve } = Promise.withResolvers<void>();
            asked.push(resolve);
            say({ op: "ask" });
            return promise;
          },
          forgetFile: () => Promise.resolve(),
          async dispose() {
            if (!gone) say({ op: "dispose" });
            await exited.promise;
          },
        });
      case "news":
        issued.push(...word.secrets);
        log = word.log;
        return asked.shift()?.();
      case "exit":
        return exited.resolve(word.exit);
    }
  });
  socket.on("error", () => {}); // the lender has ended
  socket.on("close", () => {
    gone = true;
    answered.resolve(undefined);
    exited.resolve({ code: null, signal: null });
    for (const resolve of asked.splice(0)) resolve();
  });
  const { cwd, env, limit } = start;
  say({ op: "borrow", start: { cwd, env, limit } });
  return answered.promise;
}
