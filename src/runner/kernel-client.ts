import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, Subscriber } from "zeromq";
import { SendQueue } from "../kernel/send-queue.ts";
import { channelAddress, type Message, newHeader, pack, unpack } from "../kernel/wire.ts";
import {
  type KernelExit,
  type KernelProcess,
  type KernelStart,
  lostItsPort,
  startKernelProcess,
} from "./kernel-process.ts";

type Content = Record<string, unknown>;

/** The kernel's process ended. */
export class KernelDied extends Error {
  override readonly name = "KernelDied";
  readonly exit: KernelExit;

  constructor(exit: KernelExit, log: string) {
    const how = exit.signal ? `killed by ${exit.signal}` : `exit code ${exit.code}`;
    super(`the kernel ended: ${how}${log ? `\n${log.trimEnd()}` : ""}`);
    this.exit = exit;
  }
}

/** A time limit was exceeded. */
export class TimeLimit extends Error {
  override readonly name = "TimeLimit";
}

interface Pending {
  readonly onOutput: ((message: Message) => void) | undefined;
  reply?: Content;
  idle: boolean;
  readonly done: (reply: Content) => void;
}

export interface RequestOptions {
  /** Time limit in milliseconds. */
  readonly limit?: number;
  readonly onOutput?: (message: Message) => void;
  /** Use the control channel, which a running cell does not block. */
  readonly control?: boolean;
}

const PORT_ATTEMPTS = 5;
const READY_INTERVAL_MS = 250;
/**
 * Connections are retried after this time: one made before the kernel had bound its port may have
 * reached another process.
 */
const CONNECT_AGAIN_MS = 2000;
const LAST_WORDS_MS = 500;

/** A client of one kernel; closing it ends the kernel. */
export class KernelClient {
  readonly kernel: KernelProcess;
  readonly #session = randomUUID();
  readonly #shell = new Dealer({ linger: 0, reconnectInterval: 20 });
  readonly #control = new Dealer({ linger: 0, reconnectInterval: 20 });
  readonly #iopub = new Subscriber({ linger: 0, reconnectInterval: 20, receiveHighWaterMark: 0 });
  readonly #requests = {
    shell: new SendQueue((frames) => this.#shell.send(frames)),
    control: new SendQueue((frames) => this.#control.send(frames)),
  };
  readonly #pending = new Map<string, Pending>();
  #lastOutputAt = 0;
  /** Called with messages whose request has already finished. */
  onLate: (message: Message) => void = () => {};

  private constructor(kernel: KernelProcess) {
    this.kernel = kernel;
    this.#sockets((socket, address) => socket.connect(address));
    this.#iopub.subscribe();
    for (const socket of [this.#shell, this.#control]) {
      void this.#read(socket, (message) => this.#takeReply(message));
    }
    void this.#read(this.#iopub, (message) => this.#takeOutput(message));
  }

  /**
   * Starts a kernel and waits until it replies and its IOPub messages arrive. Aborting `signal`
   * before that ends it.
   *
   * @throws KernelDied, TimeLimit
   */
  static async start({
    signal,
    ...options
  }: KernelStart & { limit: number; signal?: AbortSignal | undefined }): Promise<KernelClient> {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      const client = new KernelClient(await startKernelProcess(options));
      const abort = () => void client.kernel.dispose();
      signal?.addEventListener("abort", abort, { once: true });
      try {
        await client.#ready(options.limit);
        await client.kernel.forgetFile();
        return client;
      } catch (error) {
        await client.close();
        signal?.throwIfAborted();
        const taken = error instanceof KernelDied && lostItsPort(error.exit);
        if (!taken || attempt === PORT_ATTEMPTS) throw error;
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    }
  }

  /**
   * A client of a kernel that is already running.
   *
   * @throws KernelDied, TimeLimit
   */
  static async attach(kernel: KernelProcess, limit: number): Promise<KernelClient> {
    const client = new KernelClient(kernel);
    try {
      await client.#ready(limit);
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** Disconnects without ending the kernel, so that another client can use it. */
  release(): KernelProcess {
    this.#sockets((socket) => socket.close());
    return this.kernel;
  }

  /**
   * Sends a request and waits for both its reply and the status `idle` that follows its output.
   *
   * @throws KernelDied, TimeLimit
   */
  async request(type: string, content: Content, options: RequestOptions = {}): Promise<Content> {
    const { limit, onOutput, control = false } = options;
    const header = newHeader(type, this.#session);
    const { key } = this.kernel.connection;
    const message = { identities: [], header, parent: {}, content };
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        // Registered before sending: the reply may come at once.
        new Promise<Content>((done) => {
          this.#pending.set(header.msg_id, { onOutput, idle: false, done });
          this.#requests[control ? "control" : "shell"].add(pack(key, message));
        }),
        this.kernel.exited.then(async (exit) => {
          // The kernel's last messages may still arrive.
          const died = performance.now();
          const quiet = () => performance.now() - Math.max(died, this.#lastOutputAt);
          while (!this.#pending.get(header.msg_id)?.idle && quiet() < LAST_WORDS_MS) {
            await sleep(10);
          }
          throw new KernelDied(exit, this.kernel.log());
        }),
        new Promise<never>((_, reject) => {
          if (limit === undefined) return;
          timer = setTimeout(() => reject(new TimeLimit(`no end after ${limit} ms`)), limit);
        }),
      ]);
    } finally {
      clearTimeout(timer);
      this.#pending.delete(header.msg_id);
    }
  }

  /**
   * Runs code that nobody sees: without output, number or history. Returns its error, if any.
   *
   * @throws KernelDied, TimeLimit
   */
  async runSilently(code: string, limit: number): Promise<string | undefined> {
    const content = { code, silent: true, store_history: false, allow_stdin: false };
    const reply = await this.request("execute_request", content, { limit });
    return reply.status === "ok" ? undefined : String(reply.evalue);
  }

  /** Asks the kernel to shut down, and kills it after `limit` milliseconds. */
  async shutdown(limit = 3000): Promise<void> {
    try {
      await this.request("shutdown_request", { restart: false }, { control: true, limit });
      await Promise.race([this.kernel.exited, sleep(limit, undefined, { ref: false })]);
    } catch {
      // Has ended, or `close` ends it.
    }
    await this.close();
  }

  /** Ends the kernel at once and closes the sockets. */
  async close(): Promise<void> {
    await this.kernel.dispose();
    this.#sockets((socket) => socket.close());
  }

  #sockets(act: (socket: Dealer | Subscriber, address: string) => void): void {
    const { connection } = this.kernel;
    act(this.#shell, channelAddress(connection, "shell"));
    act(this.#control, channelAddress(connection, "control"));
    act(this.#iopub, channelAddress(connection, "iopub"));
  }

  async #ready(limit: number): Promise<void> {
    let exit: KernelExit | undefined;
    void this.kernel.exited.then((how) => {
      exit = how;
    });
    const started = performance.now();
    let connected = started;
    for (;;) {
      try {
        // Messages published before the subscription takes effect are lost, so wait for the output
        // of a request of our own.
        await this.request("kernel_info_request", {}, { limit: READY_INTERVAL_MS });
        return;
      } catch (error) {
        if (exit) throw new KernelDied(exit, this.kernel.log());
        if (!(error instanceof TimeLimit)) throw error;
        const now = performance.now();
        if (now - started > limit) {
          const log = this.kernel.log().trimEnd();
          throw new TimeLimit(`the kernel did not answer within ${limit} ms${log && `\n${log}`}`);
        }
        if (now - connected < CONNECT_AGAIN_MS) continue;
        connected = now;
        this.#sockets((socket, address) => socket.disconnect(address));
        this.#sockets((socket, address) => socket.connect(address));
      }
    }
  }

  /** Reads a socket until it is closed, which the library does not always take for the end. */
  async #read(socket: Dealer | Subscriber, take: (message: Message) => void): Promise<void> {
    try {
      for await (const frames of socket) take(unpack(this.kernel.connection.key, frames));
    } catch (error) {
      if (!socket.closed) throw error;
    }
  }

  #takeReply({ parent, content }: Message): void {
    const pending = this.#pending.get(parent.msg_id ?? "");
    if (pending) settle(Object.assign(pending, { reply: content }));
  }

  #takeOutput(message: Message): void {
    this.#lastOutputAt = performance.now();
    const pending = this.#pending.get(message.parent.msg_id ?? "");
    if (message.header.msg_type !== "status") {
      (pending?.onOutput ?? this.onLate)(message);
    } else if (pending && message.content.execution_state === "idle") {
      settle(Object.assign(pending, { idle: true }));
    }
  }
}

function settle({ reply, idle, done }: Pending): void {
  if (reply && idle) done(reply);
}
