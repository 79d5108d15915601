import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { lastWork } from "../core/cell.ts";
import type { CommExtras } from "../core/comm-types.ts";
import {
  type ChannelThreadData,
  type FromChannels,
  type Outgoing,
  Shared,
  type ToChannels,
} from "./channel-messages.ts";
import { logError } from "./log-error.ts";
import type { ConnectionInfo, Message } from "./wire.ts";

type Content = Record<string, unknown>;

/** Handlers of a server's messages. */
export interface Handlers {
  /** Content of the reply to a request; undefined for a request that has no reply. */
  request(request: Message): Promise<Content | undefined> | Content | undefined;
  /** Stops the running cell. */
  interrupt(): void;
}

/** Bytes that may be unsent before a printing cell has to wait for its readers. */
const UNSENT_BYTES = 64 * 1024 * 1024;
/** Overhead of a message beside its content, in bytes. */
const MESSAGE_BYTES = 1000;
/** In milliseconds; the channel thread gives up on a reader earlier than this. */
const WAIT_MS = 120_000;
/** How long the exiting process waits for its last output, in ms; the channel thread gives up earlier. */
const CLOSE_MS = 5000;

/** How long the cells' remaining work may take before the kernel exits, in milliseconds. */
const LAST_WORK_MS = 2000;

/** The main thread's side of the kernel's sockets, which a worker thread serves. */
export class KernelServer {
  readonly #counters = new Int32Array(new SharedArrayBuffer(Shared.length * 4));
  readonly #thread: Worker;
  readonly #arrived: FromChannels[] = [];
  #asking: Promise<unknown> = Promise.resolve();
  #asked: PromiseWithResolvers<string> | undefined;
  #reading: PromiseWithResolvers<void> | undefined;
  #receive = (message: FromChannels): unknown => this.#arrived.push(message);

  constructor(connection: ConnectionInfo) {
    this.protect(true);
    const file = import.meta.url.endsWith(".ts") ? "./channel-thread.ts" : "./channel-thread.js";
    const workerData: ChannelThreadData = { connection, shared: this.#counters.buffer };
    // Output of the thread itself does not belong to cells.
    const options = { workerData, stdout: true, stderr: true };
    this.#thread = new Worker(new URL(file, import.meta.url), options);
    this.#thread.on("message", (message: FromChannels) => this.#receive(message));
    this.#thread.on("error", (error) => {
      logError(error);
      process.exit(1);
    });
  }

  /** @throws Error with code `EADDRINUSE` when a port is taken */
  listen(handlers: Handlers): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#receive = (message) => {
      switch (message.op) {
        case "listening":
          return resolve();
        case "failed":
          return reject(Object.assign(new Error(message.message), { code: message.code }));
        case "request":
          return void this.#answer(message, handlers);
        case "input":
          return this.#asked?.resolve(message.value);
        case "read":
          return this.#reading?.resolve();
        case "interrupt":
          handlers.interrupt();
          return this.#post({ op: "reached" });
        case "end":
          return void this.#doLastWork().finally(() => process.exit(0));
      }
    };
    for (const message of this.#arrived.splice(0)) this.#receive(message);
    return promise;
  }

  /** Sends to every client; `parent` is the request it belongs to. */
  publish(type: string, content: Content, parent?: Message, extras: CommExtras = {}): void {
    const message = { ...toMessage(type, content, parent), ...extras };
    const binary = extras.buffers?.reduce((sum, { byteLength }) => sum + byteLength, 0) ?? 0;
    const size = message.content.length + binary + MESSAGE_BYTES;
    this.#post({ op: "publish", message, size }, size);
  }

  /** Sends text written to `stdout` or `stderr`. */
  stream(name: string, text: string, parent?: Message): void {
    const size = text.length + MESSAGE_BYTES;
    const piece = { name, text, parent: parent?.header ?? {}, size };
    this.#post({ op: "stream", piece }, size);
  }

  /**
   * Declares that the main thread does the kernel's own work, such as compiling: an interrupt waits
   * until it is done. True initially.
   */
  protect(on: boolean): void {
    Atomics.store(this.#counters, Shared.protected, on ? 1 : 0);
  }

  /** Sets the request whose cell runs from now on. */
  running(request: Message | undefined): void {
    const cell = request && { identities: request.identities, header: request.header };
    this.#post({ op: "running", cell });
  }

  /** Waits until the requests that clients have sent by now are here. */
  async requestsRead(): Promise<void> {
    this.#reading = Promise.withResolvers();
    this.#post({ op: "read" });
    await this.#reading.promise;
  }

  /**
   * Requests a line of input from the client of `request`, one at a time.
   *
   * @throws the reason of `signal`; Error with code `STDIN_NOT_ALLOWED`
   */
  ask(
    request: Message,
    { prompt, password, signal }: { prompt: string; password: boolean; signal: AbortSignal },
  ): Promise<string> {
    if (request.content.allow_stdin !== true) {
      const error = new Error("the front end takes no input for this cell");
      return Promise.reject(Object.assign(error, { code: "STDIN_NOT_ALLOWED" }));
    }
    const answer = this.#asking.then(async () => {
      signal.throwIfAborted();
      const asked = Promise.withResolvers<string>();
      this.#asked = asked;
      signal.addEventListener("abort", () => asked.reject(signal.reason), { once: true });
      const message = toMessage("input_request", { prompt, password }, request);
      const { identities } = request;
      this.#post({ op: "reply", channel: "stdin", identities, message });
      return asked.promise.finally(() => {
        this.#asked = undefined;
      });
    });
    this.#asking = answer.catch(() => undefined);
    return answer;
  }

  /** Reports that SIGINT reached the main thread. */
  signalled(): void {
    this.#post({ op: "signalled" });
  }

  /** Blocks until everything published was sent; for the exit of the process. */
  close(): void {
    this.#post({ op: "close" });
    Atomics.wait(this.#counters, Shared.closed, 0, CLOSE_MS);
  }

  /** Requests overlap: a completion is computed while a cell runs. */
  async #answer(
    { channel, message: request }: Extract<FromChannels, { op: "request" }>,
    handlers: Handlers,
  ): Promise<void> {
    const { msg_type: type } = request.header;
    // Cells are queued: the kernel publishes `busy` when one starts.
    if (type !== "execute_request") this.publish("status", { execution_state: "busy" }, request);
    let content: Content | undefined;
    try {
      content = await handlers.request(request);
    } catch (error) {
      logError(error);
      const { name: ename, message: evalue } = error as Error;
      content = { status: "error", ename, evalue, traceback: [] };
    }
    if (content && type.endsWith("_request")) {
      const { identities } = request;
      const message = toMessage(type.replace(/_request$/, "_reply"), content, request);
      this.#post({ op: "reply", channel, identities, message });
    }
    this.publish("status", { execution_state: "idle" }, request);
  }

  async #doLastWork(): Promise<void> {
    const work = [...lastWork()].map((one) => one());
    if (work.length === 0) return;
    this.#post({ op: "ending", within: LAST_WORK_MS });
    await Promise.race([Promise.allSettled(work), sleep(LAST_WORK_MS)]);
  }

  /**
   * Backpressure: a cell that prints faster than its readers read waits here, as at a full pipe.
   */
  #post(message: ToChannels, size = 0): void {
    const unsent = Atomics.add(this.#counters, Shared.unsent, size) + size;
    this.#thread.postMessage(message);
    if (size === 0 || unsent <= UNSENT_BYTES) return;
    for (;;) {
      const unsent = Atomics.load(this.#counters, Shared.unsent);
      if (unsent <= UNSENT_BYTES / 2) return;
      if (Atomics.wait(this.#counters, Shared.unsent, unsent, WAIT_MS) === "timed-out") return;
    }
  }
}

function toMessage(type: string, content: Content, parent?: Message): Outgoing {
  return { type, content: JSON.stringify(content), parent: parent?.header ?? {} };
}
