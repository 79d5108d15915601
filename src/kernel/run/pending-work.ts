import { createHook } from "node:async_hooks";
import type { CellRun } from "./executor.ts";
import { errorStack } from "./stack.ts";

/** Under this name on `globalThis`: a function that answers what cells have begun and left running. */
const PENDING = Symbol.for("notelake.pending");

/** Something that a cell began and that goes on. */
export interface PendingWork {
  /** `In[3]`. */
  readonly cell: string;
  /** Of the cell, from 1; absent when it was not begun by the cell's own code. */
  readonly line?: number;
  /** `a timer of 60 s`. */
  readonly what: string;
}

/** As Node names them to hooks. Pipes are those of programs; servers wait for somebody, and may. */
const KINDS: Readonly<Record<string, string>> = {
  PROCESSWRAP: "a program",
  TCPWRAP: "a connection",
  UDPWRAP: "a socket",
  WORKER: "a thread",
  FSEVENTWRAP: "a watch over files",
  STATWATCHER: "a watch over a file",
};

/** What Node hands to hooks: a handle or a timer. */
interface Resource {
  /** Whether it keeps the process alive; undefined when it was closed. */
  hasRef?(): boolean | undefined;
  readonly _idleTimeout?: number;
  readonly _repeat?: number | null;
}

interface Begun {
  readonly run: CellRun;
  readonly type: string;
  readonly resource: Resource;
  /** Knows where: its stack is only put into words when it is asked for. */
  readonly place: Error;
}

/**
 * Keeps account of what cells begin: timers, programs, connections, threads.
 *
 * @param running the run whose code is being executed
 */
export function watchPendingWork(running: () => CellRun | undefined): void {
  const begun = new Map<number, Begun>();
  createHook({
    init(id, type, _trigger, resource: Resource) {
      if (type !== "Timeout" && !Object.hasOwn(KINDS, type)) return;
      const run = running();
      if (run) begun.set(id, { run, type, resource, place: new Error() });
    },
    destroy(id) {
      begun.delete(id);
    },
    // Promises are many, and nothing of them is wanted. What Node 22 does not know it ignores.
    trackPromises: false,
  }).enable();
  const pending = (): PendingWork[] =>
    [...begun.values()]
      .filter(({ resource }) => resource.hasRef?.() === true)
      .map(({ run: { name: cell }, type, resource, place }) => {
        const line = errorStack(place).places.find((each) => each.cell === cell)?.line;
        return { cell, ...(line && { line }), what: KINDS[type] ?? timerName(resource) };
      });
  Object.assign(globalThis, { [PENDING]: () => JSON.stringify(pending()) });
}

function timerName({ _idleTimeout: delay = 0, _repeat: repeat }: Resource): string {
  const time = delay < 1000 ? `${delay} ms` : `${Math.round(delay / 100) / 10} s`;
  return typeof repeat === "number" ? `a timer of every ${time}` : `a timer of ${time}`;
}
