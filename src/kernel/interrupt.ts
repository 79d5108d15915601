import { Session } from "node:inspector";
import { signalChildren } from "./child-processes.ts";

/** Milliseconds since the interrupt at which the next means is taken. */
const TERMINATE_MS = 1000;
const END_MS = 10_000;
/** How often it is looked whether protected work is done. */
const PROTECTED_MS = 50;

interface Target {
  /** Asks the main thread's event loop, which answers with `reached` when it turns. */
  ask(): void;
  /** Whether the main thread does work that must not be terminated. */
  isProtected(): boolean;
  /** Tells the person who interrupted what happens. */
  report(text: string): void;
  /** Ends the process, whatever it does. */
  end(reason: string): void;
}

/**
 * Interrupts the main thread from another thread, with means that get rougher:
 * 1. at once: the cell's signal aborts and the cell fails, which the event loop has to do;
 * 2. after 1 s in which that loop does not turn, or when interrupted again: V8 ends the code that
 *    runs, and each second anew; the cell's child processes get SIGINT, which ends an `execSync`;
 * 3. after 10 s: the kernel ends. Only native code that does not return comes that far.
 *
 * Work of the kernel's own, as at its start, is only asked to stop.
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
      this.#terminate();
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

  /** The event loop turned: what was to be interrupted no longer runs. */
  reached(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    // A session that stays open would hold up the end of the process.
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
