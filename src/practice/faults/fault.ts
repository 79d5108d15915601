import type { LakeFault } from "./lake-faults.ts";

/** Where a fault strikes; the lake has faults of its own. */
export const FAULT_TARGETS = [
  "discovery",
  "devicecode",
  "authorize",
  "token",
  "metadata",
  "management",
] as const;
/** The name of one of them. */
export type FaultTarget = (typeof FAULT_TARGETS)[number];

/** Refusals of the authority that a test or a notebook can ask for. */
export const REFUSALS = [
  /** The service application's secret or certificate has expired: AADSTS7000222. */
  "expired-secret",
  /** The tenant is unknown to discovery, device codes and tokens: AADSTS90002. */
  "unknown-tenant",
  /** Tokens come from another tenant, which Resource Manager refuses. */
  "wrong-tenant",
  /** Discovery names an issuer on another host. */
  "bad-issuer",
  /** Polls for a device code are too fast for the authority's taste. */
  "slow-down",
  /** Device codes that wait have expired. */
  "expired-device-code",
  /** The person at the device page has declined. */
  "declined",
  /** Conditional access asks for a second factor shown after this fault began: AADSTS50076. */
  "mfa-required",
  /** Nobody has given this machine a managed identity. */
  "no-identity",
] as const;
/** The name of one of them. */
export type FaultRefusal = (typeof REFUSALS)[number];

/** A fault that strikes single requests. */
export interface Limited {
  /** Requests to strike; all of them when absent. */
  readonly times?: number;
}

/** One way in which the practice cloud misbehaves, until it is removed. */
export type Fault =
  | ({ readonly on: "lake" } & LakeFault)
  | (Limited & {
      readonly kind: "status";
      readonly on: FaultTarget;
      /** 429, 500, 503 and so on, with the body that the service sends. */
      readonly status: number;
      /** Seconds, sent as `Retry-After`. */
      readonly retryAfter?: number;
    })
  | (Limited & { readonly kind: "delay"; readonly on: FaultTarget; readonly ms: number })
  /** Takes the request and never answers: what a black hole looks like from inside. */
  | (Limited & { readonly kind: "silence"; readonly on: FaultTarget })
  /** Ends the connection by RST instead of answering. */
  | (Limited & { readonly kind: "reset"; readonly on: FaultTarget })
  | (Limited & { readonly kind: "refuse"; readonly reason: FaultRefusal })
  /**
   * Resources answer 401 with a claims challenge: `mfa` until the token shows a second factor that
   * was asked for, `revoked` until it was issued after the fault began (continuous access
   * evaluation).
   */
  | {
      readonly kind: "challenge";
      readonly on: "management" | "lake";
      readonly reason: "mfa" | "revoked";
    }
  /** The cloud's clock is this far ahead of the client's; behind when negative. */
  | { readonly kind: "clock"; readonly seconds: number }
  /** Access tokens live this long. */
  | { readonly kind: "token-lifetime"; readonly seconds: number }
  /** The server shows a certificate of an authority that nobody trusts. */
  | { readonly kind: "untrusted-certificate" };

/**
 * Reads a fault that came as JSON.
 *
 * @throws TypeError that says what is wrong with it
 */
export function readFault(value: unknown): Fault {
  if (typeof value !== "object" || value === null) throw new TypeError("a fault is an object");
  const fields = value as Record<string, unknown>;
  const kinds = fields.on === "lake" && fields.kind !== "challenge" ? LAKE_FIELDS : FIELDS;
  const kind = String(fields.kind);
  const allowed = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!allowed) throw new TypeError(`kind must be one of ${Object.keys(kinds).join(", ")}`);
  for (const [name, check] of Object.entries(allowed)) check(fields[name], name);
  for (const name of Object.keys(fields)) {
    if (name !== "kind" && !Object.hasOwn(allowed, name)) {
      throw new TypeError(`a fault of kind ${kind} has no field ${name}`);
    }
  }
  return fields as unknown as Fault;
}

type Check = (value: unknown, name: string) => void;
type Fields = Readonly<Record<string, Check>>;

const number: Check = (value, name) => {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new TypeError(`${name} must be a number`);
  }
};
const maybe =
  (check: Check): Check =>
  (value, name) => {
    if (value !== undefined) check(value, name);
  };
const string: Check = (value, name) => {
  if (typeof value !== "string") throw new TypeError(`${name} must be a string`);
};
const oneOf =
  (choices: readonly string[]): Check =>
  (value, name) => {
    if (!choices.includes(String(value))) {
      throw new TypeError(`${name} must be one of ${choices.join(", ")}`);
    }
  };
const times = maybe(number);
const on = oneOf(FAULT_TARGETS);

const FIELDS: Readonly<Record<string, Fields>> = {
  status: { on, status: number, retryAfter: maybe(number), times },
  delay: { on, ms: number, times },
  silence: { on, times },
  reset: { on, times },
  refuse: { reason: oneOf(REFUSALS), times },
  challenge: { on: oneOf(["management", "lake"]), reason: oneOf(["mfa", "revoked"]) },
  clock: { seconds: number },
  "token-lifetime": { seconds: number },
  "untrusted-certificate": {},
};

const IN_LAKE = { on: oneOf(["lake"]), method: maybe(string), path: maybe(string), times };
const LAKE_FIELDS: Readonly<Record<string, Fields>> = {
  status: { ...IN_LAKE, status: number, code: maybe(string), retryAfter: maybe(number) },
  delay: { ...IN_LAKE, ms: number },
  slow: { ...IN_LAKE, rate: number },
  reset: { ...IN_LAKE, after: number },
  end: { ...IN_LAKE, after: number },
  stall: { ...IN_LAKE, after: number },
  throttle: { ...IN_LAKE, perSecond: number, retryAfter: maybe(number) },
  replace: IN_LAKE,
};
