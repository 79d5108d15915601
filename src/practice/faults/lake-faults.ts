/**
 * A way in which the lake is told to fail. It holds for requests that match `method` and `path`,
 * `times` times when that is given, else until it is removed.
 */
export type LakeFault = FaultMatch & FaultKind;

/** Which requests a fault of the lake strikes. */
export interface FaultMatch {
  /** `GET`, `PATCH` and so on; every method when absent. */
  readonly method?: string;
  /** Text that the decoded path behind the account contains, such as `/raw/sales/`. */
  readonly path?: string;
  /** Requests to strike; all of them when absent. */
  readonly times?: number;
}

/** What a fault of the lake does. */
export type FaultKind =
  /** Answers with an error instead; `retryAfter` in seconds. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code?: string;
      readonly retryAfter?: number;
    }
  /** Waits this long before it does anything, in milliseconds. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Sends an answer's body no faster than this, in bytes a second. */
  | { readonly kind: "slow"; readonly rate: number }
  /** Breaks the connection off after this many bytes of an answer's body: RST or FIN. */
  | { readonly kind: "reset" | "end"; readonly after: number }
  /** Stops after this many bytes of an answer's body, and leaves the connection open. */
  | { readonly kind: "stall"; readonly after: number }
  /** More requests a second than this are answered `503 ServerBusy`. */
  | { readonly kind: "throttle"; readonly perSecond: number; readonly retryAfter?: number }
  /** Replaces the file by as many other bytes once it has been read from. */
  | { readonly kind: "replace" };

interface Active {
  readonly fault: LakeFault;
  remaining: number;
  /** Requests in the present second, for `throttle`. */
  second: number;
  count: number;
}

/** The faults that a lake has been told to show. */
export class LakeFaults {
  #active: Active[] = [];

  /** @returns what takes the fault away again, and how often it is still to be shown */
  add(fault: LakeFault): { remove(): void; remaining(): number } {
    const remaining = fault.times ?? Number.POSITIVE_INFINITY;
    const active = { fault, remaining, second: 0, count: 0 };
    this.#active.push(active);
    return {
      remove: () => {
        this.#active = this.#active.filter((one) => one !== active);
      },
      remaining: () => active.remaining,
    };
  }

  clear(): void {
    this.#active = [];
  }

  list(): readonly LakeFault[] {
    return this.#active.map(({ fault }) => fault);
  }

  /** The faults that a request meets; counted as shown. */
  meet(method: string, path: string): readonly LakeFault[] {
    if (this.#active.length === 0) return [];
    const met = this.#active.filter(
      ({ fault }) =>
        (fault.method === undefined || fault.method === method) &&
        (fault.path === undefined || path.includes(fault.path)),
    );
    const shown = met.filter((active) => isDue(active));
    for (const active of shown) active.remaining--;
    this.#active = this.#active.filter(({ remaining }) => remaining > 0);
    return shown.map(({ fault }) => fault);
  }
}

function isDue(active: Active): boolean {
  const { fault } = active;
  if (fault.kind !== "throttle") return true;
  const second = Math.floor(Date.now() / 1_000);
  if (active.second !== second) {
    active.second = second;
    active.count = 0;
  }
  active.count++;
  return active.count > fault.perSecond;
}
