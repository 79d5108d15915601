import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { CELL_SIGNAL, JUPYTER_DISPLAY } from "../core/cell.ts";

/** MIME types to content; binary content in base64. */
export type Bundle = Readonly<Record<string, unknown>>;

/** How values are printed. */
const INSPECT = { depth: 4, maxArrayLength: 50, maxStringLength: 10_000, breakLength: 90 };

/** Key on `globalThis` of the kernel's display function. */
const KERNEL_DISPLAY = Symbol.for("notelake.display");

/** What the value of a cell is shown as; undefined for a cell without a value. */
export async function bundleOf(value: unknown): Promise<Bundle | undefined> {
  if (value === undefined) return undefined;
  const show = (value as Record<symbol, unknown> | null)?.[JUPYTER_DISPLAY];
  if (typeof show === "function") {
    const bundle: unknown = await show.call(value);
    if (typeof bundle === "object" && bundle !== null) return bundle as Bundle;
  }
  return { "text/plain": typeof value === "string" ? value : inspect(value, INSPECT) };
}

interface DisplayContent {
  readonly data: Bundle;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly transient: { readonly display_id?: string };
}

/** Installs the display function for cells and libraries. */
export function installDisplay(
  send: (type: "display_data" | "update_display_data", content: DisplayContent) => void,
  signal: () => AbortSignal | undefined,
): void {
  const display = (data: Bundle, metadata: Readonly<Record<string, unknown>> = {}) => {
    const content = { metadata, transient: { display_id: randomUUID() } };
    send("display_data", { data, ...content });
    return { update: (next: Bundle) => send("update_display_data", { data: next, ...content }) };
  };
  Object.assign(globalThis, { [KERNEL_DISPLAY]: display, [CELL_SIGNAL]: signal });
}

/** Key on `globalThis` of a function that clears the running cell's output. */
const KERNEL_CLEAR = Symbol.for("notelake.clearOutput");

/** Lets cells and libraries clear the output; with `wait`, when the next output arrives. */
export function installClearOutput(clear: (wait: boolean) => void): void {
  const clearOutput = ({ wait = false }: { wait?: boolean } = {}) => clear(wait);
  Object.assign(globalThis, { [KERNEL_CLEAR]: clearOutput });
}

/** Key on `globalThis` of a function that requests a line of input from the front end. */
const KERNEL_INPUT = Symbol.for("notelake.input");

/** Lets cells and libraries request input from the user. */
export function installInput(ask: (prompt: string, password: boolean) => Promise<string>): void {
  Object.assign(globalThis, { [KERNEL_INPUT]: ask });
}

type Write = (stream: "stdout" | "stderr", text: string) => void;

/** Redirects standard output and error to `write`. */
export function captureStreams(write: Write): void {
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new TextDecoder();
    process[name].write = (
      chunk: string | Uint8Array,
      encodingOrDone?: unknown,
      maybeDone?: unknown,
    ): boolean => {
      write(name, typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
      const done = typeof encodingOrDone === "function" ? encodingOrDone : maybeDone;
      if (typeof done === "function") process.nextTick(done);
      return true;
    };
  }
}

interface StreamPiece<Owner> {
  readonly name: string;
  readonly text: string;
  readonly owner: Owner;
}

/** Number of writes of a cell per interval that are sent singly; further ones are joined. */
const SINGLE_WRITES = 1000;
const WINDOW_MS = 50;

/**
 * Sends text immediately, since the code after a write may block, and joins what else would take much
 * of the processor: 500,000 lines become a few thousand messages. What is joined waits for the next
 * write, or for the event loop.
 */
export class StreamBuffer<Owner> {
  #piece: StreamPiece<Owner> | undefined;
  #windowStart = 0;
  #writes = 0;
  #writer: Owner | undefined;
  readonly #send: (piece: StreamPiece<Owner>) => void;

  constructor(send: (piece: StreamPiece<Owner>) => void) {
    this.#send = send;
  }

  write(name: string, text: string, owner: Owner): void {
    const { name: lastName, owner: lastOwner } = this.#piece ?? {};
    if (this.#piece && (lastName !== name || lastOwner !== owner)) this.flush();
    const before = this.#piece?.text ?? "";
    if (!this.#piece) setImmediate(() => this.flush());
    this.#piece = { name, text: before + text, owner };
    if (owner !== this.#writer || performance.now() - this.#windowStart > WINDOW_MS) {
      this.#writer = owner;
      this.#windowStart = performance.now();
      this.#writes = 0;
      this.flush();
    } else if (++this.#writes < SINGLE_WRITES) {
      this.flush();
    }
  }

  flush(): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece) this.#send(piece);
  }
}
