import type { Store } from "../storage/lake-store.ts";
import { IGNORED_ON_ONELAKE, ON_ONELAKE, SAS_NOT_ON_ONELAKE } from "../wire/inputs.ts";
import { type Call, header, targetNames } from "../wire/lake-call.ts";
import { refuseSignature } from "../wire/refusals.ts";
import { refuseOnOneLake } from "./onelake-refusals.ts";
import { isId } from "./workspaces.ts";

/**
 * Refuses what OneLake does not support, see "OneLake and ADLS Gen2 API parity": operations on
 * workspaces but HEAD and listing, changes of items and of the folders that Fabric manages, access
 * lists.
 *
 * @param operation name of the handler
 */
export function checkOneLake(call: Call, operation: string, store: Store): void {
  const { fileSystem, method } = call;
  const where = ON_ONELAKE[operation];
  if (where === undefined) {
    throw refuseOnOneLake(call.names.length > 0 ? "UnsupportedQueryParameter" : "BadRequest");
  }
  if (where === "account") return;
  if (fileSystem === "") throw refuseOnOneLake("BadRequest");
  const names = targetNames(call);
  if (where === "change" && names.length > 0) checkUnmanaged(names);
  checkPlace(call, names, store);
  if (where === "workspace") {
    if (operation === "getFileSystem" && method !== "HEAD") throw refuseOnOneLake("BadRequest");
    return;
  }
  if (names.length === 0) throw refuseOnOneLake("BadRequest");
}

/** Refuses a missing workspace or item, and a name beside an id. */
export function checkPlace(call: Call, names: readonly string[], store: Store): void {
  const { oneLake, fileSystem } = call;
  const workspace = store.fileSystems.get(fileSystem);
  if (!workspace) throw refuseOnOneLake("WorkspaceNotFound");
  const [item] = names;
  if (item === undefined || oneLake?.item === undefined) return;
  if (isId(oneLake.item) !== oneLake.byId) throw refuseOnOneLake("FriendlyNameSupportDisabled");
  if (!store.tree.child(workspace.root, item)) throw refuseOnOneLake("ArtifactNotFound");
}

/** Refuses to change an item, the first folders in it, or anything beside those. */
export function checkUnmanaged(names: readonly string[]): void {
  const isManaged = names.length < 3 || !["Files", "Tables"].includes(names[1] ?? "");
  if (isManaged) throw refuseOnOneLake("OperationNotAllowedOnThePath");
}

/** Removes the headers that OneLake ignores from a request, and names them in the answer. */
export function ignoreHeaders(call: Call): void {
  const { headers } = call.request;
  const ignored = IGNORED_ON_ONELAKE.filter((name) => header(call, name) !== undefined);
  for (const name of ignored) delete headers[name];
  if (ignored.length > 0) call.response.setHeader("x-ms-rejected-headers", ignored.join(","));
}

const HOUR = 3_600_000;

/** Refuses kinds of signatures that OneLake does not support; see "Create a OneLake SAS". */
export function checkOneLakeSas({ query }: Call): void {
  if (!query.has("skoid")) throw refuseSignature("OneLake takes user delegation signatures only");
  if (!["b", "d"].includes(query.get("sr") ?? "")) throw refuseSignature("sr must be b or d");
  for (const name of SAS_NOT_ON_ONELAKE) {
    if (query.has(name)) throw refuseSignature(`OneLake does not support ${name}`);
  }
  const lasts = (start: string | null, end: string | null) =>
    Date.parse(end ?? "") - (start ? Date.parse(start) : Date.now());
  const isLong =
    lasts(query.get("st"), query.get("se")) > HOUR ||
    lasts(query.get("skt"), query.get("ske")) > HOUR;
  if (isLong) throw refuseSignature("a signature for OneLake is valid for one hour at most");
}
