import { completionReply } from "./check/completion-reply.ts";
import { utf16Offset } from "./check/positions.ts";
import { captureChildOutput } from "./child-output.ts";
import { signalChildren } from "./child-processes.ts";
import { KernelComms } from "./comms.ts";
import {
  captureStreams,
  installClearOutput,
  installDisplay,
  installInput,
  StreamBuffer,
} from "./outputs.ts";
import { endOwnTree } from "./process-tree.ts";
import type { AsyncChecker, CheckerThread } from "./run/checker-thread.ts";
import { type CellFailure, describeError } from "./run/describe-error.ts";
import { type CellRun, Executor, type Outcome } from "./run/executor.ts";
import { watchPendingWork } from "./run/pending-work.ts";
import type { KernelServer } from "./server.ts";
import { SessionHistory } from "./session-history.ts";
import type { Message } from "./wire.ts";

type Content = Record<string, unknown>;
const READING_MS = 300;

/** `?loadFrame` and `loadFrame?` ask for help. */
const HELP =
  /^(?:\?{1,2}\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)|([\p{ID_Start}$_][\p{ID_Continue}$.]*)\?{1,2})$/u;

export interface KernelOptions {
  /** The notebook's folder. */
  readonly folder: string;
  /** Whether a program runs the notebook, and nobody types. */
  readonly headless: boolean;
}

/** Answers the requests of one kernel's clients. */
export class Kernel {
  readonly #headless: boolean;
  readonly #checkerThread: CheckerThread;
  readonly #checker: AsyncChecker;
  readonly #executor: Executor;
  readonly #server: KernelServer;
  /** The request of a run: its timers may write after its reply. */
  readonly #requests = new WeakMap<CellRun, Message>();
  #latest: CellRun | undefined;
  #count = 0;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #comms: KernelComms;
  readonly #history = new SessionHistory();
  /** Failures after the last statement of a cell, before its reply is sent. */
  readonly #failedSince = new WeakMap<Message, CellFailure>();
  readonly #waiting = new Set<{ aborted: boolean }>();
  readonly #output: StreamBuffer<CellRun | undefined>;

  constructor(
    server: KernelServer,
    checkerThread: CheckerThread,
    { folder, headless }: KernelOptions,
  ) {
    this.#headless = headless;
    this.#checkerThread = checkerThread;
    this.#checker = checkerThread.checker;
    this.#executor = new Executor({ folder, checker: this.#checker });
    this.#server = server;
    this.#output = new StreamBuffer(({ name, text, owner }) =>
      this.#server.stream(name, text, owner && this.#requests.get(owner)),
    );
    checkerThread.hear((notice) => this.#output.write("stderr", `${notice}\n`, this.#current()));
    captureStreams((name, text) => this.#output.write(name, text, this.#current()));
    captureChildOutput();
    installDisplay(
      (type, content) => this.#send(type, { ...content }, this.#current()),
      () => this.#current()?.signal,
    );
    this.#comms = new KernelComms((type, content, extras) => {
      const run = this.#current();
      this.#output.flush();
      server.publish(type, content, run && this.#requests.get(run), extras);
    });
    Object.assign(globalThis, { [Symbol.for("notelake.comms")]: this.#comms });
    installClearOutput((wait) => this.#send("clear_output", { wait }, this.#current()));
    installInput((prompt, password) => {
      const run = this.#current();
      const request = run && this.#requests.get(run);
      if (!request) throw new Error("only a cell can ask for input");
      this.#output.flush();
      return this.#server.ask(request, { prompt, password, signal: run.signal });
    });
    if (this.#headless) watchPendingWork(() => this.#current());
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
   * Loads what the first cells would wait for: the declarations of notelake. In a headless kernel
   * the first cell comes at once, and says whether the compiler needs room for imports.
   */
  warmUp(): void {
    if (this.#headless) return;
    void this.#checker.warmUp();
    const read = () => this.#checker.check('import {} from "notelake";', "").catch(() => []);
    setTimeout(read, READING_MS).unref();
  }

  interrupt(): void {
    this.#executor.interrupt();
  }

  /** Reports the cell that ends the kernel, and where. */
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
    // After all listeners of `exit`, to send what they print.
    const { reallyExit } = process as typeof process & { reallyExit: typeof exit };
    const last = (code?: number) => {
      this.#output.flush();
      signalChildren("SIGTERM");
      endOwnTree();
      this.#server.close();
      this.#checkerThread.endProcess();
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
        return { status: "ok", comms: this.#comms.info(content.target_name) };
      case "comm_open":
      case "comm_msg":
      case "comm_close": {
        const { metadata = {}, buffers = [] } = request;
        const data = (content.data ?? {}) as Content;
        this.#comms.receive(header.msg_type, content, { data, metadata, buffers });
        return undefined;
      }
      case "history_request":
        return { status: "ok", history: this.#history.find(content) };
      default:
        return undefined;
    }
  }

  /** Cells run one after another; a failing one aborts those that wait. */
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
    const stored = !silent && request.content.store_history !== false;
    if (stored) this.#count++;
    const count = this.#count;
    if (!silent) this.#server.publish("execute_input", { code, execution_count: count }, request);
    const noteOutput = stored ? this.#history.add(count, code) : undefined;
    const reply = { status: "ok", execution_count: count, user_expressions: {}, payload: [] };
    const asked = HELP.exec(code.trim());
    if (asked) return { ...reply, payload: await this.#page(asked[1] ?? asked[2] ?? "") };
    const outcome = await this.#run(request, code, stored ? `In[${count}]` : "In[not stored]");
    const { bundle } = outcome;
    if (outcome.failure && !silent) this.#server.publish("error", { ...outcome.failure }, request);
    if (bundle && !silent) {
      noteOutput?.(String(bundle["text/plain"] ?? ""));
      const content = { execution_count: count, data: bundle, metadata: {} };
      this.#server.publish("execute_result", content, request);
    }
    const expressions = outcome.failure ? {} : await this.#expressions(request);
    const failure = outcome.failure ?? this.#failedSince.get(request);
    if (!failure) return { ...reply, user_expressions: expressions };
    if (stopOnError) {
      // To be aborted, too.
      await this.#server.requestsRead();
      for (const ticket of this.#waiting) ticket.aborted = true;
    }
    return { status: "error", execution_count: count, ...failure };
  }

  async #run(request: Message, code: string, name: string): Promise<Outcome> {
    const outcome = await this.#executor.execute(code, name, (run) => {
      this.#server.protect(false);
      this.#latest = run;
      this.#requests.set(run, request);
    });
    this.#output.flush();
    return outcome;
  }

  /** The values of the `user_expressions` of a request. */
  async #expressions(request: Message): Promise<Content> {
    const requested = Object.entries(request.content.user_expressions ?? {});
    const values: Content = {};
    for (const [key, expression] of requested) {
      const { bundle, failure } = await this.#run(request, String(expression), "user expression");
      const data = bundle ?? { "text/plain": "undefined" };
      values[key] = failure
        ? { status: "error", ...failure }
        : { status: "ok", data, metadata: {} };
    }
    return values;
  }

  /** Help for a name, as a pager payload. */
  async #page(name: string): Promise<Content[]> {
    const match = await this.#checker.inspect(name, name.length);
    const data = match ?? { "text/plain": `Nothing is known of ${name}.` };
    return [{ source: "page", data, start: 0 }];
  }

  /** An error in a callback: it fails its cell, or is shown there. */
  #failed(failure: CellFailure): void {
    const run = this.#current();
    if (run?.fail(failure)) return;
    const request = run && this.#requests.get(run);
    if (request) this.#failedSince.set(request, failure);
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
    const offset = utf16Offset(code, position);
    const [match, inLake] = await Promise.all([
      this.#checker.complete(code, position),
      this.#executor.completePath(code.slice(0, offset)),
    ]);
    const paths = inLake?.paths.map((text) => ({ text, kind: "path" })) ?? [];
    const { start, end, ...rest } =
      inLake && match.matches.length === 0
        ? completionReply(code, offset - inLake.typed.length, offset, paths)
        : match;
    return { status: "ok", cursor_start: start, cursor_end: end, ...rest };
  }

  async #inspect(code: string, position: number): Promise<Content> {
    const data = await this.#checker.inspect(code, position);
    return { status: "ok", found: data !== undefined, data: data ?? {}, metadata: {} };
  }
}

/**
 * Whether Node's queue of immediates is broken, as after the termination of a callback of
 * `setImmediate`: it would throw this error forever.
 */
function isImmediateQueueBroken(error: Error): boolean {
  return error instanceof TypeError && error.message.includes("_idleNext");
}
