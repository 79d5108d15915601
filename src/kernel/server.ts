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
import { logError } from "./channels.ts";
import type { ConnectionInfo, Message } from "./wire.ts";

type Content = Record<string, unknown>;

/** What a server does with what arrives. */
export interface Handlers {
  /** Content of the reply to a request; undefined for a request that has no reply. */
  request(request: Message): Promise<Content | undefined> | Content | undefined;
  /** Stops the running cell. */
  interrupt(): void;
}

/** So many bytes may be on their way before a cell that prints has to wait for its readers. */
const UNSENT_BYTES = 64 * 1024 * 1024;
/** A message weighs more than its content: headers, and what it costs to hold. */
const MESSAGE_BYTES = 1000;
/** The channel thread gives up on a reader earlier than this, in milliseconds. */
const WAIT_MS = 120_000;
/** How long the end of the process waits for its last output to leave, in milliseconds. */
const CLOSE_MS = 5000;

/** How long what cells have left to do may take before the kernel ends, in milliseconds. */
const LAST_WORK_MS = 2000;

/** The main thread's end of the kernel's sockets, which a thread of their own serves. */
export class KernelServer {
  readonly #counters = new Int32Array(new SharedArrayBuffer(Shared.length * 4));
  readonly #thread: Worker;
  readonly #arrived: FromChannels[] = [];
  #asking: Promise<unknown> = Promise.resolve();
  #asked: PromiseWithResolvers<string> | undefined;
  #receive = (message: FromChannels): unknown => this.#arrived.push(message);

  constructor(connection: ConnectionInfo) {
    this.protect(true);
    const file = import.meta.url.endsWith(".ts") ? "./channel-thread.ts" : "./channel-thread.js";
    const workerData: ChannelThreadData = { connection, shared: this.#counters.buffer };
    // What the thread itself would print is not for the cells.
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

  /** Sends what was written to `stdout` or `stderr`. */
  stream(name: string, text: string, parent?: Message): void {
    const size = text.length + MESSAGE_BYTES;
    const piece = { name, text, parent: parent?.header ?? {}, size };
    this.#post({ op: "stream", piece }, size);
  }

  /**
   * Says whether the main thread now does work of the kernel's own, such as compiling: an interrupt
   * waits until it is done. True from the start on.
   */
  protect(on: boolean): void {
    Atomics.store(this.#counters, Shared.protected, on ? 1 : 0);
  }

  /** Says which request's cell runs from now on. */
  running(request: Message | undefined): void {
    const cell = request && { identities: request.identities, header: request.header };
    this.#post({ op: "running", cell });
  }

  /**
   * Asks the client of `request` for a line of text. One is asked for at a time.
   *
   * @throws what `signal` is aborted with; Error with code `STDIN_NOT_ALLOWED`
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

  /** SIGINT reached the main thread. */
  signalled(): void {
    this.#post({ op: "signalled" });
  }

  /** Waits until all that was published has left: for the very end of the process. */
  close(): void {
    this.#post({ op: "close" });
    Atomics.wait(this.#counters, Shared.closed, 0, CLOSE_MS);
  }

  /** Requests overlap: a completion is answered while a cell runs. */
  async #answer(
    { channel, message: request }: Extract<FromChannels, { op: "request" }>,
    handlers: Handlers,
  ): Promise<void> {
    const { msg_type: type } = request.header;
    // Cells wait for each other: the kernel says when it is the turn of one.
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

  /** A cell that prints faster than its readers read waits here, as it would at a full pipe. */
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
