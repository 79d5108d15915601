import { createHook } from "node:async_hooks";
import type { CellRun } from "./executor.ts";
import { errorStack } from "./stack.ts";

/** Key on `globalThis` of a function that returns what cells have left running. */
const PENDING = Symbol.for("notelake.pending");

/** Something that a cell started and that is still active. */
export interface PendingWork {
  /** `In[3]`. */
  readonly cell: string;
  /** Line in the cell, from 1; absent when the cell's own code did not start it. */
  readonly line?: number;
  /** `a timer of 60 s`. */
  readonly what: string;
}

/**
 * Types of async resources. Pipes belong to child processes; servers are left out, since waiting
 * for clients is their purpose.
 */
const KINDS: Readonly<Record<string, string>> = {
  PROCESSWRAP: "a program",
  TCPWRAP: "a connection",
  UDPWRAP: "a socket",
  WORKER: "a thread",
  FSEVENTWRAP: "a watch over files",
  STATWATCHER: "a watch over a file",
};

/** A resource as async hooks get it: a handle or a timer. */
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
  /** Holds the stack, which V8 formats only on access. */
  readonly place: Error;
}

/**
 * Tracks what cells start: timers, child processes, connections, threads.
 *
 * @param running returns the run whose code is being executed
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
    // Promises are many and not needed here. Node 22 ignores this option.
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
