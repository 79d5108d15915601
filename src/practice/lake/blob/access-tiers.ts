import { demand } from "../access/demand.ts";
import { existingFile, type PathOperation } from "../access/operation.ts";
import { demandType } from "../operations/demand-state.ts";
import {
  type BlobState,
  type Rehydration,
  readHeaders,
  type Tier,
  tierNow,
  writeHeaders,
} from "../storage/stored-headers.ts";
import { answer } from "../wire/answer.ts";
import { type Call, header } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { tierHeaders } from "../wire/properties.ts";
import { refuse, refuseHeader } from "../wire/refusals.ts";

const TIERS: readonly string[] = ["Hot", "Cool", "Cold", "Archive"] satisfies Tier[];

/**
 * Milliseconds until an archived blob is readable again, by `x-ms-rehydrate-priority`. The service
 * takes up to 15 hours, here seconds; with High priority up to an hour, here nothing.
 */
const PENDING = { Standard: 15_000, High: 0 };

/** The access tier that a request asks for. */
export function tierOf(call: Call): Tier | undefined {
  const tier = header(call, "x-ms-access-tier");
  if (tier === undefined || TIERS.includes(tier)) return tier as Tier | undefined;
  throw refuseHeader("x-ms-access-tier");
}

/** PUT ?comp=tier */
export function setTier(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "write");
  const file = existingFile(operation);
  demandType(file, "BlockBlob");
  checkLease(call, file.lease, "read");
  const tier = tierOf(call);
  if (tier === undefined) throw refuse("MissingRequiredHeader");
  const { content, state } = readHeaders(file);
  const isArchived = tierNow(state) === "Archive";
  const pending = isArchived ? state.rehydration : undefined;
  if (pending && pending.to !== tier) throw refuse("BlobBeingRehydrated");
  const isRehydrated = isArchived && tier !== "Archive";
  // An archived snapshot stays so; a copy of it is rehydrated.
  if (isRehydrated && call.query.has("snapshot")) throw refuse("BlobArchived");
  const next: BlobState = isRehydrated
    ? { ...state, tier: "Archive", rehydration: rehydrationOf(call, tier, pending) }
    : { ...state, tier, rehydration: undefined };
  store.tree.change(file.id, { headers: writeHeaders(content, next) });
  const isThere = tierNow(next) === tier;
  answer(call, isThere ? 200 : 202, isThere ? {} : tierHeaders(next));
}

/** State of a copy by "Copy Blob"; that of an archived blob is being rehydrated. */
export function stateOfCopy(call: Call, source: BlobState): BlobState {
  const isSealed = header(call, "x-ms-seal-blob")?.toLowerCase() === "true";
  if (isSealed && source.type !== "AppendBlob") throw refuse("InvalidBlobType");
  if (source.type === "AppendBlob") return { type: source.type, ...(isSealed && { sealed: true }) };
  const tier = tierOf(call);
  if (tier === undefined || tierNow(source) !== "Archive") return { tier };
  return { tier: "Archive", rehydration: rehydrationOf(call, tier) };
}

/** The rehydration that a request starts; it can raise the priority of a pending one. */
function rehydrationOf(call: Call, to: Tier, pending?: Rehydration): Rehydration {
  const priority = header(call, "x-ms-rehydrate-priority") ?? "Standard";
  if (priority !== "Standard" && priority !== "High") throw refuseHeader("x-ms-rehydrate-priority");
  if (pending && priority === "Standard") return pending;
  return { to, priority, until: Date.now() + PENDING[priority] };
}
