import { randomUUID } from "node:crypto";
import { type Call, header } from "./lake-call.ts";
import { refuse, refuseHeader } from "./refusals.ts";

/** A lease as it is stored; times in milliseconds since 1970. */
interface Lease {
  readonly id: string;
  /** Seconds; -1 when it never ends by itself. */
  readonly duration: number;
  readonly until?: number;
  /** When a requested break takes effect. */
  readonly breaksAt?: number;
}

type State = "available" | "leased" | "expired" | "breaking" | "broken";

function parse(json: string | null): Lease | undefined {
  return json === null ? undefined : (JSON.parse(json) as Lease);
}

function stateOf(lease: Lease | undefined): State {
  if (!lease) return "available";
  const now = Date.now();
  if (lease.breaksAt !== undefined) return now < lease.breaksAt ? "breaking" : "broken";
  return lease.until !== undefined && now >= lease.until ? "expired" : "leased";
}

/** Headers with the lease state of a path or file system. */
export function leaseHeaders(json: string | null): Record<string, string> {
  const lease = parse(json);
  const state = stateOf(lease);
  const isLocked = state === "leased" || state === "breaking";
  const kind = lease?.duration === -1 ? "infinite" : "fixed";
  return {
    "x-ms-lease-status": isLocked ? "locked" : "unlocked",
    "x-ms-lease-state": state,
    ...(state === "leased" ? { "x-ms-lease-duration": kind } : {}),
  };
}

/**
 * Checks the lease id of a request.
 *
 * @param kind `write` needs the id of an active lease; `read` only must not name a wrong one
 * @param name header with the id
 */
export function checkLease(
  call: Call,
  json: string | null,
  kind: "read" | "write",
  name = "x-ms-lease-id",
): void {
  const lease = parse(json);
  const given = header(call, name);
  const state = stateOf(lease);
  const isActive = state === "leased" || state === "breaking";
  const isContainer = call.names.length === 0;
  if (given === undefined) {
    if (isActive && kind === "write") throw refuse("LeaseIdMissing");
  } else if (!isActive) {
    if (lease && given.toLowerCase() === lease.id.toLowerCase()) throw refuse("LeaseLost");
    throw refuse(
      isContainer ? "LeaseNotPresentWithContainerOperation" : "LeaseNotPresentWithBlobOperation",
    );
  } else if (given.toLowerCase() !== lease?.id.toLowerCase()) {
    throw refuse(
      isContainer ? "LeaseIdMismatchWithContainerOperation" : "LeaseIdMismatchWithBlobOperation",
    );
  }
}

/** Result of a lease operation: what to store, and the answer. */
interface LeaseOutcome {
  readonly lease: string | null;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The headers of a lease operation. */
export interface LeaseRequest {
  readonly action: string;
  readonly id: string | undefined;
  readonly proposedId: string | undefined;
  /** Seconds. */
  readonly duration: number;
  /** Seconds; NaN when not given. */
  readonly breakPeriod: number;
}

export function leaseRequestOf(call: Call): LeaseRequest {
  const proposedId = header(call, "x-ms-proposed-lease-id");
  if (
    proposedId !== undefined &&
    !/^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(proposedId)
  ) {
    throw refuseHeader("x-ms-proposed-lease-id");
  }
  return {
    action: header(call, "x-ms-lease-action")?.toLowerCase() ?? "",
    id: header(call, "x-ms-lease-id"),
    proposedId,
    duration: Number(header(call, "x-ms-lease-duration") ?? Number.NaN),
    breakPeriod: Number(header(call, "x-ms-lease-break-period") ?? Number.NaN),
  };
}

/** Runs `x-ms-lease-action`; see "Lease Blob" and "Lease Container". */
export function changeLease(asked: LeaseRequest, json: string | null): LeaseOutcome {
  const lease = parse(json);
  switch (asked.action) {
    case "acquire":
      return acquire(asked, lease);
    case "renew":
      return renew(asked, lease);
    case "change":
      return change(asked, lease);
    case "release":
      held(asked, lease);
      return { lease: null, status: 200, headers: {} };
    case "break":
      return breakLease(asked, lease);
    default:
      throw refuseHeader("x-ms-lease-action");
  }
}

function outcome(lease: Lease, status: number): LeaseOutcome {
  return { lease: JSON.stringify(lease), status, headers: { "x-ms-lease-id": lease.id } };
}

function acquire(asked: LeaseRequest, lease: Lease | undefined): LeaseOutcome {
  const id = asked.proposedId ?? randomUUID();
  const state = stateOf(lease);
  if (state === "breaking") throw refuse("LeaseIsBreakingAndCannotBeAcquired");
  if (state === "leased" && lease?.id !== id) throw refuse("LeaseAlreadyPresent");
  const { duration } = asked;
  if (duration !== -1 && !(Number.isInteger(duration) && duration >= 15 && duration <= 60)) {
    throw refuseHeader("x-ms-lease-duration");
  }
  return outcome(running(id, duration), 201);
}

function running(id: string, duration: number): Lease {
  return duration === -1
    ? { id, duration }
    : { id, duration, until: Date.now() + duration * 1_000 };
}

/** The lease that the request holds. */
function held(asked: LeaseRequest, lease: Lease | undefined): Lease {
  if (!lease) throw refuse("LeaseNotPresentWithLeaseOperation");
  const given = asked.id;
  if (given === undefined) throw refuse("MissingRequiredHeader");
  if (given.toLowerCase() !== lease.id.toLowerCase()) {
    throw refuse("LeaseIdMismatchWithLeaseOperation");
  }
  return lease;
}

function renew(asked: LeaseRequest, lease: Lease | undefined): LeaseOutcome {
  const { id, duration, breaksAt } = held(asked, lease);
  if (breaksAt !== undefined) throw refuse("LeaseIsBrokenAndCannotBeRenewed");
  return outcome(running(id, duration), 200);
}

function change(asked: LeaseRequest, lease: Lease | undefined): LeaseOutcome {
  const id = asked.proposedId;
  if (id === undefined) throw refuse("MissingRequiredHeader");
  if (lease && lease.id.toLowerCase() === id.toLowerCase()) return outcome(lease, 200);
  const current = held(asked, lease);
  if (stateOf(current) === "breaking") throw refuse("LeaseIsBreakingAndCannotBeChanged");
  if (stateOf(current) !== "leased") throw refuse("LeaseNotPresentWithLeaseOperation");
  return outcome({ ...current, id }, 200);
}

function breakLease(asked: LeaseRequest, lease: Lease | undefined): LeaseOutcome {
  const state = stateOf(lease);
  if (!lease || state === "expired") {
    if (!lease) throw refuse("LeaseNotPresentWithLeaseOperation");
    return { lease: null, status: 202, headers: { "x-ms-lease-time": "0" } };
  }
  const now = Date.now();
  const period = asked.breakPeriod;
  if (period < 0 || period > 60) throw refuseHeader("x-ms-lease-break-period");
  const end = lease.breaksAt ?? lease.until;
  const remaining = end === undefined ? 0 : Math.max(0, (end - now) / 1_000);
  // Without a period a fixed lease ends as planned, an infinite one at once.
  const natural = lease.duration === -1 && lease.breaksAt === undefined;
  const wait = Number.isNaN(period) ? remaining : natural ? period : Math.min(period, remaining);
  const broken = { ...lease, breaksAt: now + wait * 1_000 };
  const headers = { "x-ms-lease-time": String(Math.ceil(wait)) };
  return { lease: JSON.stringify(broken), status: 202, headers };
}
