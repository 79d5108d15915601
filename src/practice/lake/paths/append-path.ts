import { demand } from "../access/demand.ts";
import { existingFile, type PathOperation } from "../access/operation.ts";
import { demandMadeBy, demandOnline } from "../operations/demand-state.ts";
import { flushAppended } from "../operations/flush-appended.ts";
import type { Node } from "../storage/node.ts";
import { replaceContent } from "../storage/stored-headers.ts";
import { answer, ENCRYPTED } from "../wire/answer.ts";
import { bodyOf } from "../wire/body.ts";
import { checksumsOf } from "../wire/checksums.ts";
import { checkConditions } from "../wire/conditions.ts";
import { type Call, count, flag, header } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { contentHeadersOf, versionHeaders } from "../wire/properties.ts";
import { refuse } from "../wire/refusals.ts";
import { runLeaseAction } from "./lease-path.ts";

/** PATCH ?action=append */
export async function append(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  demand(operation, "append");
  const file = writableFile(operation);
  const isReleased = beginLease(operation, file);
  const position = positionOf(call);
  const checksums = checksumsOf(call);
  const body = checksums.watch(bodyOf(call));
  await store.uploads.append(file, position, body, () => checksums.check());
  const isFlush = flag(call, "flush");
  const version = isFlush ? await flushAppended(store, file) : undefined;
  if (isFlush && isReleased) runLeaseAction(operation, file, "release");
  const headers = version && versionHeaders(version);
  answer(call, 202, { ...headers, ...checksums.headers, ...ENCRYPTED });
}

/** PATCH ?action=flush: commits what was appended. */
export async function flush(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  demand(operation, "flush");
  const file = writableFile(operation);
  checkConditions(call, file);
  const isReleased = beginLease(operation, file);
  const position = positionOf(call);
  const isKept = flag(call, "retainuncommitteddata");
  const version = await flushAppended(store, file, position, isKept);
  const headers = contentHeadersOf(call, "x-ms-");
  if (headers !== null) store.tree.change(file.id, { headers: replaceContent(file, headers) });
  if (isReleased) runLeaseAction(operation, file, "release");
  answer(call, 200, { ...versionHeaders(version), ...ENCRYPTED });
}

/** The file to append to, which this API must have made. */
function writableFile(operation: PathOperation): Node {
  const file = existingFile(operation);
  demandOnline(file);
  demandMadeBy(file, "dfs");
  return file;
}

function positionOf(call: Call): number {
  if (!call.query.has("position")) throw refuse("MissingRequiredQueryParameter");
  return count(call, "position", 0);
}

/**
 * Acquires or renews a lease as `x-ms-lease-action` says, or checks the lease id.
 *
 * @returns whether the action releases the lease at the end
 */
function beginLease(operation: PathOperation, file: Node): boolean {
  const { call } = operation;
  const action = header(call, "x-ms-lease-action")?.toLowerCase() ?? "";
  if (action.startsWith("acquire")) runLeaseAction(operation, file, "acquire");
  else if (action === "auto-renew") runLeaseAction(operation, file, "renew");
  else checkLease(call, file.lease, "write");
  return action.endsWith("release");
}
