import { setTimeout as sleep } from "node:timers/promises";
import { signalChildren } from "./child-processes.ts";
import { captureStreams, installDisplay, StreamBuffer } from "./outputs.ts";
import { type AsyncChecker, startCheckerThread } from "./run/checker-thread.ts";
import { type CellRun, Executor } from "./run/executor.ts";
import { type CellFailure, describeError } from "./run/failure.ts";
import type { KernelServer } from "./server.ts";
import type { Message } from "./wire.ts";

type Content = Record<string, unknown>;
const READING_MS = 300;

/** Answers the requests of one kernel's clients. */
export class Kernel {
  readonly #checker: AsyncChecker;
  readonly #executor: Executor;
  readonly #server: KernelServer;
  /** Which request started which run: its timers may write long after its reply. */
  readonly #requests = new WeakMap<CellRun, Message>();
  #latest: CellRun | undefined;
  #count = 0;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #waiting = new Set<{ aborted: boolean }>();
  readonly #output: StreamBuffer<CellRun | undefined>;

  /** @param folder the notebook's folder */
  constructor(server: KernelServer, folder: string) {
    const notice = (text: string) => this.#output.write("stderr", `${text}\n`, this.#current());
    this.#checker = startCheckerThread({ folder, notice });
    this.#executor = new Executor({ folder, checker: this.#checker });
    this.#server = server;
    this.#output = new StreamBuffer(({ name, text, owner }) =>
      this.#server.stream(name, text, owner && this.#requests.get(owner)),
    );
    captureStreams((name, text) => this.#output.write(name, text, this.#current()));
    installDisplay(
      (type, content) => this.#send(type, { ...content }, this.#current()),
      () => this.#current()?.signal,
    );
    this.#announceExit();
    const report = (thrown: unknown, preface: string) =>
      this.#failed(describeError(thrown, this.#executor.cells, preface));
    process.on("unhandledRejection", (reason) =>
      report(reason, "A promise was rejected and nobody awaited it."),
    );
    process.on("uncaughtException", (error) => {
      report(error, "A callback threw where no cell could catch it.");
      if (isImmediateQueueBroken(error)) process.exit(1);
    });
  }

  /**
   * Does what the first cells would have to wait for, where a person reads before running anything:
   * the declarations of notelake.
   */
  warmUp(): void {
    void this.#checker.warmUp();
    if (process.env.NOTELAKE_HEADLESS) return;
    const read = () => this.#checker.check('import {} from "notelake";', "").catch(() => []);
    setTimeout(read, READING_MS).unref();
  }

  interrupt(): void {
    this.#executor.interrupt();
  }

  /** Says which cell ended the kernel, and where, before it is gone. */
  #announceExit(): void {
    const exit = process.exit;
    process.exit = (code) => {
      const run = this.#executor.context.getStore();
      if (run) {
        const error = new Error(`process.exit(${code ?? ""}) ended the kernel`);
        error.name = "ProcessExit";
        this.#send("error", { ...describeError(error, this.#executor.cells) }, run);
      }
      return exit(code);
    };
    // What listeners of `exit` print is delivered too: this is called behind them.
    const { reallyExit } = process as typeof process & { reallyExit: typeof exit };
    const last = (code?: number) => {
      this.#output.flush();
      signalChildren("SIGTERM");
      this.#server.close();
      return reallyExit.call(process, code);
    };
    Object.assign(process, { reallyExit: last });
  }

  /** The content of the reply to `request`. */
  request(request: Message): Promise<Content | undefined> | Content | undefined {
    const { content, header } = request;
    const code = String(content.code ?? "");
    const position = Number(content.cursor_pos ?? code.length);
    switch (header.msg_type) {
      case "execute_request":
        return this.#enqueue(request, code);
      case "complete_request":
        return this.#complete(code, position);
      case "inspect_request":
        return this.#inspect(code, position);
      case "is_complete_request":
        return this.#checker.isComplete(code).then((answer) => ({ ...answer }));
      case "comm_info_request":
        return { status: "ok", comms: {} };
      case "history_request":
        return { status: "ok", history: [] };
      default:
        return undefined;
    }
  }

  /** Cells run one after another; a failing one takes those already waiting with it. */
  #enqueue(request: Message, code: string): Promise<Content> {
    const ticket = { aborted: false };
    this.#waiting.add(ticket);
    const reply = this.#queue.then(async () => {
      this.#waiting.delete(ticket);
      this.#server.running(request);
      const content = ticket.aborted ? { status: "aborted" } : await this.#execute(request, code);
      this.#server.running(undefined);
      return content;
    });
    this.#queue = reply.catch(() => undefined);
    return reply;
  }

  async #execute(request: Message, code: string): Promise<Content> {
    const { silent = false, stop_on_error: stopOnError = true } = request.content;
    if (!silent) this.#count++;
    const count = this.#count;
    if (!silent) this.#server.publish("execute_input", { code, execution_count: count }, request);
    const outcome = await this.#executor.execute(code, `In[${count}]`, (run) => {
      this.#server.protect(false);
      this.#latest = run;
      this.#requests.set(run, request);
    });
    this.#output.flush();
    const { bundle, failure } = outcome;
    if (failure) {
      this.#server.publish("error", { ...failure }, request);
      if (stopOnError) {
        // What is already on its way must be read to be among those that are aborted.
        await sleep(10);
        for (const ticket of this.#waiting) ticket.aborted = true;
      }
      return { status: "error", execution_count: count, ...failure };
    }
    if (bundle && !silent) {
      const content = { execution_count: count, data: bundle, metadata: {} };
      this.#server.publish("execute_result", content, request);
    }
    return { status: "ok", execution_count: count, user_expressions: {}, payload: [] };
  }

  /** An error outside the flow of a cell: it fails the cell it came from, or shows there later. */
  #failed(failure: CellFailure): void {
    const run = this.#current();
    if (run?.fail(failure)) return;
    this.#output.flush();
    this.#send("error", { ...failure }, run);
  }

  #current(): CellRun | undefined {
    return this.#executor.context.getStore() ?? this.#latest;
  }

  #send(type: string, content: Content, run: CellRun | undefined): void {
    this.#output.flush();
    this.#server.publish(type, content, run && this.#requests.get(run));
  }

  async #complete(code: string, position: number): Promise<Content> {
    const { start, end, ...rest } = await this.#checker.complete(code, position);
    return { status: "ok", cursor_start: start, cursor_end: end, ...rest };
  }

  async #inspect(code: string, position: number): Promise<Content> {
    const data = await this.#checker.inspect(code, position);
    return { status: "ok", found: data !== undefined, data: data ?? {}, metadata: {} };
  }
}

/**
 * Whether Node has lost its queue of immediates, as it can when the callback of `setImmediate` is
 * terminated: it would throw this same error for ever.
 */
function isImmediateQueueBroken(error: Error): boolean {
  return error instanceof TypeError && error.message.includes("_idleNext");
}
