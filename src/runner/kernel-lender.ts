import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { KnownSecret } from "../core/redact.ts";
import { makeTemporaryFolder } from "../core/temporary-folder.ts";
import type { ConnectionInfo } from "../kernel/wire.ts";
import { KernelPool, type PooledStart } from "./kernel-pool.ts";
import type { KernelExit, KernelProcess } from "./kernel-process.ts";

/** Messages from a borrower, one JSON value a line. */
export type BorrowerWord =
  | { readonly op: "borrow"; readonly start: PooledStart }
  | { readonly op: "ask" }
  | { readonly op: "dispose" };

/** Messages from the lender. */
export type LenderWord =
  | { readonly op: "none" }
  | { readonly op: "lent"; readonly connection: ConnectionInfo; readonly pid: number }
  | { readonly op: "news"; readonly secrets: readonly KnownSecret[]; readonly log: string }
  | { readonly op: "exit"; readonly exit: KernelExit };

/** Variables that differ between worker processes and do not affect a kernel. */
const OF_PROCESS = /^(?:VITEST|JEST)_(?:POOL|WORKER)_ID$/;

/**
 * Starts the kernel of the next notebook in advance and lends it to the process that tests it.
 * Vitest runs each test file in a process of its own, none of which could start a kernel for the
 * next. A kernel ends when its borrower does.
 */
export class KernelLender {
  /** Path of the socket to which borrowers connect. */
  readonly path = join(makeTemporaryFolder("lender"), "socket");
  readonly #pool = new KernelPool();
  #server: Server | undefined;
  #toCome = 0;

  /** @param notebooks how many notebooks will run before `end` */
  async begin(notebooks: number): Promise<void> {
    this.#toCome = notebooks;
    if (this.#server) return;
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    // When it cannot listen, e.g. because the path is too long, each process starts its own
    // kernels.
    await new Promise<void>((done) => {
      server.once("error", () => done());
      server.unref().listen(this.path, done);
    });
  }

  /** Ends a kernel that was not borrowed. */
  async end(): Promise<void> {
    this.#toCome = 0;
    await this.#pool.close();
  }

  #serve(socket: Socket): void {
    let borrowed: Promise<KernelProcess | undefined> | undefined;
    let start: PooledStart | undefined;
    let reported = 0;
    const tell = (word: LenderWord) => {
      if (socket.writable) socket.write(`${JSON.stringify(word)}\n`);
    };
    const tellNews = async (kernel: KernelProcess) => {
      await kernel.readSecrets();
      tell({ op: "news", secrets: kernel.issued.slice(reported), log: kernel.log() });
      reported = kernel.issued.length;
    };
    const lend = async (requested: PooledStart) => {
      const kernel = await this.#lend(requested);
      if (!kernel) {
        tell({ op: "none" });
        return undefined;
      }
      tell({ op: "lent", connection: kernel.connection, pid: kernel.pid });
      void kernel.exited.then(async (exit) => {
        await tellNews(kernel);
        tell({ op: "exit", exit });
        socket.end();
      });
      return kernel;
    };
    createInterface(socket).on("line", async (line) => {
      const word: BorrowerWord = JSON.parse(line);
      if (word.op === "borrow") {
        start = word.start;
        borrowed = lend(word.start);
        if (await borrowed) this.#prepare(start);
        return;
      }
      const kernel = await borrowed;
      if (kernel && word.op === "ask") await tellNews(kernel);
      if (word.op === "dispose") await kernel?.dispose();
    });
    socket.on("error", () => {}); // a borrower that was killed
    socket.on("close", async () => {
      const kernel = await borrowed;
      // A borrower that got none has started its own by now.
      if (!kernel && start) this.#prepare(start);
      await kernel?.dispose();
    });
  }

  async #lend(requested: PooledStart): Promise<KernelProcess | undefined> {
    this.#toCome--;
    const client = await this.#pool.takeSpare(spareStart(requested));
    if (!client) return undefined;
    const own = Object.entries(requested.env).filter(([name]) => OF_PROCESS.test(name));
    const code = `Object.assign(process.env, ${JSON.stringify(Object.fromEntries(own))});`;
    try {
      await client.runSilently(code, requested.limit);
      return client.release();
    } catch {
      await client.close();
      return undefined;
    }
  }

  #prepare(start: PooledStart): void {
    if (this.#toCome > 0) this.#pool.prepare(spareStart(start));
  }
}

function spareStart(start: PooledStart): PooledStart {
  const env = Object.entries(start.env).filter(([name]) => !OF_PROCESS.test(name));
  return { ...start, env: Object.fromEntries(env) };
}
