import type { Fault, FaultRefusal, FaultTarget } from "./fault.ts";

/** A fault that is in force. */
export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  /** When it began, in milliseconds since 1970 by this machine's clock. */
  readonly since: number;
}

/** A fault that strikes requests to one target. */
export type Strike = Extract<Fault, { kind: "status" | "delay" | "silence" | "reset" }>;

/** The faults of one practice cloud: what makes it fail the way Azure fails, on demand. */
export class Faults {
  readonly #active = new Map<string, ActiveFault & { left: number }>();
  readonly #listeners: (() => void)[] = [];
  #count = 0;

  /** Puts a fault in force. The answer says how to end it. */
  add(fault: Fault): { readonly id: string; remove(): void } {
    this.#count += 1;
    const id = String(this.#count);
    const left = ("times" in fault ? fault.times : undefined) ?? Number.POSITIVE_INFINITY;
    this.#active.set(id, { id, fault, since: Date.now(), left });
    this.#announce();
    return { id, remove: () => void this.remove(id) };
  }

  /** Ends one fault; false when there is none of this id. */
  remove(id: string): boolean {
    const known = this.#active.delete(id);
    this.#announce();
    return known;
  }

  /** Ends every fault. */
  clear(): void {
    this.#active.clear();
    this.#announce();
  }

  list(): ActiveFault[] {
    return [...this.#active.values()].map(({ id, fault, since }) => ({ id, fault, since }));
  }

  /** Calls back whenever a fault begins or ends. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The strikes that the next request to `target` takes, each counted as taken. */
  takeStrikes(target: FaultTarget): Strike[] {
    const strikes: Strike[] = [];
    for (const active of this.#active.values()) {
      if (isStrike(active.fault) && active.fault.on === target) {
        strikes.push(active.fault);
        this.#countDown(active);
      }
    }
    return strikes;
  }

  /** Whether a refusal of this reason strikes the request at hand; counted as taken. */
  takeRefusal(reason: FaultRefusal): boolean {
    const active = this.#refusal(reason);
    if (active) this.#countDown(active);
    return active !== undefined;
  }

  /** The refusal of this reason that is in force, not counted. */
  findRefusal(reason: FaultRefusal): ActiveFault | undefined {
    return this.#refusal(reason);
  }

  /** Every fault of one kind that is in force. */
  ofKind<K extends Fault["kind"]>(kind: K) {
    return this.list().flatMap(({ fault, since }) =>
      fault.kind === kind ? [{ ...(fault as Extract<Fault, { kind: K }>), since }] : [],
    );
  }

  #refusal(reason: FaultRefusal) {
    return [...this.#active.values()].find(
      ({ fault }) => fault.kind === "refuse" && fault.reason === reason,
    );
  }

  #countDown(active: { readonly id: string; left: number }): void {
    active.left -= 1;
    if (active.left <= 0) this.remove(active.id);
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isStrike(fault: Fault): fault is Strike {
  return ["status", "delay", "silence", "reset"].includes(fault.kind);
}
