import { Session } from "node:inspector";
import { signalChildren } from "./child-processes.ts";

/** Milliseconds after the interrupt until the code is terminated. */
const TERMINATE_MS = 1000;
/**
 * The same after another interrupt: enough for an event loop that is not blocked to answer. Code that
 * is terminated then would be the kernel's own, such as what ends the cell.
 */
const AGAIN_MS = 250;
const END_MS = 10_000;
/** Interval of checks whether protected work is done, in milliseconds. */
const PROTECTED_MS = 50;

interface Target {
  /** Sends a message to the main thread, which answers with `reached`. */
  ask(): void;
  /** Whether the main thread's work must not be terminated. */
  isProtected(): boolean;
  /** Shows a message to the user. */
  report(text: string): void;
  /** Ends the process. */
  end(reason: string): void;
}

/**
 * Interrupts the main thread from another thread, in steps:
 * 1. at once: the cell's signal aborts and the cell fails, which needs the event loop;
 * 2. after 1 s in which that loop is blocked, or 0.25 s after another interrupt: V8 terminates the
 * running code, again each second; the cell's child processes get SIGINT, which ends an `execSync`;
 * 3. after 10 s: the kernel ends. Only native code that does not return gets there.
 *
 * Work of the kernel itself is only asked to stop.
 */
export class Interrupter {
  readonly #target: Target;
  #timers: NodeJS.Timeout[] = [];
  #session: Session | undefined;
  #terminated = false;

  constructor(target: Target) {
    this.#target = target;
  }

  interrupt(): void {
    this.#target.ask();
    if (this.#session) {
      this.#at(AGAIN_MS, () => this.#terminate());
    } else {
      this.#session = new Session();
      this.#escalate();
    }
  }

  #escalate(): void {
    if (this.#target.isProtected()) {
      this.#at(PROTECTED_MS, () => this.#escalate());
      return;
    }
    this.#at(TERMINATE_MS, () => this.#terminate());
    this.#at(END_MS, () =>
      this.#target.end(
        `the cell did not stop within ${END_MS / 1000} s of the interrupt, so the kernel was ended`,
      ),
    );
  }

  /** The event loop runs: the interrupted code has stopped. */
  reached(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    // An open session would delay the end of the process.
    this.#session?.disconnect();
    this.#session = undefined;
    this.#terminated = false;
  }

  #at(delay: number, action: () => void): void {
    this.#timers.push(setTimeout(action, delay));
  }

  #terminate(): void {
    if (this.#target.isProtected()) return;
    if (!this.#terminated) {
      this.#target.report(
        "The cell did not stop when it was interrupted: its execution is terminated.\n",
      );
    }
    this.#terminated = true;
    this.#connected()?.post("Runtime.terminateExecution");
    signalChildren("SIGINT");
    this.#at(TERMINATE_MS, () => this.#terminate());
  }

  #connected(): Session | undefined {
    try {
      this.#session?.connectToMainThread();
    } catch {
      // It is connected already.
    }
    return this.#session;
  }
}
