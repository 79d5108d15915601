import { demand } from "../access/demand.ts";
import type { PathOperation } from "../access/operation.ts";
import { demandOnline } from "../operations/demand-state.ts";
import { putPath } from "../operations/put-path.ts";
import { type ContentHeaders, writeHeaders } from "../storage/stored-headers.ts";
import { answer, ENCRYPTED } from "../wire/answer.ts";
import { checkConditions } from "../wire/conditions.ts";
import { type Call, header } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import {
  contentHeadersOf,
  expiryOf,
  metadataOf,
  TRANSACTION,
  versionHeaders,
} from "../wire/properties.ts";
import { refuse, refuseQuery } from "../wire/refusals.ts";
import { runLeaseAction } from "./lease-path.ts";

/** PUT ?resource=file|directory: creates a path, or replaces a file. */
export async function createPath(operation: PathOperation): Promise<void> {
  const { call, node, store } = operation;
  demand(operation, node ? "overwrite" : "create");
  const resource = call.query.get("resource") ?? "";
  if (resource !== "file" && resource !== "directory") throw refuseQuery("resource", resource);
  const isDirectory = resource === "directory";
  checkConditions(call, node);
  if (node) {
    checkLease(call, node.lease, "write");
    demandOnline(node);
  }
  const option = header(call, "x-ms-expiry-option");
  if (option !== undefined && isDirectory) throw refuse("ExpiryNotSupportedForDirectory");
  const made = await store.replace(() =>
    putPath(operation, isDirectory, {
      headers: madeHeaders(call, isDirectory),
      metadata: metadataOf(call),
      ...(option === undefined ? {} : { expires: expiryOf(call, Date.now()) }),
    }),
  );
  if (option !== undefined) store.expectExpiry(made.expires);
  if (header(call, "x-ms-proposed-lease-id") !== undefined)
    runLeaseAction(operation, made, "acquire");
  answer(call, 201, { ...versionHeaders(made), ...ENCRYPTED });
}

/** Content headers of the request, and its transaction id. */
function madeHeaders(call: Call, isDirectory: boolean): string {
  const content = JSON.parse(contentHeadersOf(call, "x-ms-") ?? "{}") as ContentHeaders;
  const transaction = header(call, TRANSACTION);
  return writeHeaders(content, { transaction, ...(!isDirectory && { madeBy: "dfs" }) });
}
