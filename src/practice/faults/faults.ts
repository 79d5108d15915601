import type { Fault, FaultRefusal, FaultTarget } from "./fault.ts";
import type { LakeFault, LakeFaults } from "./lake-faults.ts";

/** A fault that is in force. */
export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  /** When it began, in milliseconds since 1970 by this machine's clock. */
  readonly since: number;
}

/** A fault as it is kept in JSON. */
interface KeptFault {
  readonly fault: Fault;
  readonly since: number;
  /** Remaining requests; null for all. */
  readonly left: number | null;
}

/** A fault for requests to one target. */
export type Strike = Extract<Fault, { on: FaultTarget }>;

interface Entry extends ActiveFault {
  /** Remaining requests. */
  remaining: number;
  /** Its counterpart in the lake. */
  readonly inLake?: { readonly fault: LakeFault; remove(): void; remaining(): number };
}

/** The faults of one practice cloud: what makes it fail the way Azure fails, on demand. */
export class Faults {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners: (() => void)[] = [];
  #lake: LakeFaults | undefined;
  #count = 0;

  /** Forwards faults of the lake to the lake. @internal */
  forwardTo(lake: LakeFaults): void {
    this.#lake = lake;
  }

  /** Puts a fault in force. The answer says how to end it. */
  add(fault: Fault): { readonly id: string; remove(): void } {
    const remaining = ("times" in fault ? fault.times : undefined) ?? Number.POSITIVE_INFINITY;
    const id = this.#put(fault, Date.now(), remaining);
    this.#announce();
    return { id, remove: () => void this.remove(id) };
  }

  /** Ends one fault; false when there is none of this id. */
  remove(id: string): boolean {
    this.#entries.get(id)?.inLake?.remove();
    const known = this.#entries.delete(id);
    this.#announce();
    return known;
  }

  /** Ends every fault. */
  clear(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
  }

  /** Those that are in force. */
  list(): ActiveFault[] {
    const inForce = ({ inLake }: Entry) => !inLake || this.#lake?.list().includes(inLake.fault);
    return [...this.#entries.values()]
      .filter(inForce)
      .map(({ id, fault, since }) => ({ id, fault, since }));
  }

  /** @internal */
  snapshot(): KeptFault[] {
    const kept = [...this.#entries.values()].map(({ fault, since, remaining, inLake }) => {
      const left = inLake ? inLake.remaining() : remaining;
      return { fault, since, left: Number.isFinite(left) ? left : null };
    });
    return kept.filter(({ left }) => left === null || left > 0);
  }

  /** @internal */
  restore(kept: readonly KeptFault[]): void {
    for (const entry of this.#entries.values()) entry.inLake?.remove();
    this.#entries.clear();
    for (const { fault, since, left } of kept) {
      this.#put(fault, since, left ?? Number.POSITIVE_INFINITY);
    }
    this.#announce();
  }

  /** Calls back whenever a fault begins or ends. @internal */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The faults for the next request to `target`, counted. @internal */
  takeStrikes(target: FaultTarget): Strike[] {
    const strikes: Strike[] = [];
    for (const entry of this.#entries.values()) {
      const { fault } = entry;
      if (!isStrike(fault) || fault.on !== target) continue;
      strikes.push(fault);
      this.#countDown(entry);
    }
    return strikes;
  }

  /** Whether to refuse this request for this reason; counted. @internal */
  takeRefusal(reason: FaultRefusal): boolean {
    const entry = this.#refusal(reason);
    if (entry) this.#countDown(entry);
    return entry !== undefined;
  }

  /** The active refusal of this reason, not counted. @internal */
  findRefusal(reason: FaultRefusal): ActiveFault | undefined {
    return this.#refusal(reason);
  }

  /** All active faults of a kind, and since when. @internal */
  ofKind<K extends Fault["kind"]>(kind: K): (Extract<Fault, { kind: K }> & { since: number })[] {
    return [...this.#entries.values()].flatMap(({ fault, since }) =>
      fault.kind === kind ? [{ ...(fault as Extract<Fault, { kind: K }>), since }] : [],
    );
  }

  #put(fault: Fault, since: number, remaining: number): string {
    this.#count += 1;
    const id = String(this.#count);
    const entry = { id, fault, since, remaining };
    const inLake = isLakeFault(fault) ? this.#tellLake(fault, remaining) : undefined;
    this.#entries.set(id, inLake ? { ...entry, inLake } : entry);
    return id;
  }

  #tellLake({ on: _on, ...fault }: { readonly on: "lake" } & LakeFault, remaining: number) {
    if (!this.#lake) throw new TypeError("there is no lake yet");
    const counted = Number.isFinite(remaining) ? { ...fault, times: remaining } : fault;
    return { fault: counted, ...this.#lake.add(counted) };
  }

  #refusal(reason: FaultRefusal): Entry | undefined {
    return [...this.#entries.values()].find(
      ({ fault }) => fault.kind === "refuse" && fault.reason === reason,
    );
  }

  #countDown(entry: Entry): void {
    entry.remaining -= 1;
    if (entry.remaining <= 0) this.remove(entry.id);
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isLakeFault(fault: Fault): fault is { readonly on: "lake" } & LakeFault {
  return "on" in fault && fault.on === "lake" && fault.kind !== "challenge";
}

function isStrike(fault: Fault): fault is Strike {
  return (
    "on" in fault &&
    fault.on !== "lake" &&
    ["status", "delay", "silence", "reset"].includes(fault.kind)
  );
}
