import { Refusal } from "../principal.ts";
import { demand } from "./access.ts";
import { answer } from "./answer.ts";
import { type Call, header, place } from "./call.ts";
import { checkConditions } from "./conditions.ts";
import { checkLease } from "./leases.ts";
import { makeParents } from "./making.ts";
import type { Node } from "./node.ts";
import { locate, type PathOperation } from "./operation.ts";
import { metadataOf, versionHeaders } from "./properties.ts";
import { refuse } from "./refusals.ts";

/** PUT with `x-ms-rename-source`: moves a file or directory, all of it or nothing. */
export async function movePath(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  const named = await sourceOf(operation, header(call, "x-ms-rename-source") ?? "");
  // The time between looking and moving must be none: from here on nothing is awaited.
  const from = locate(named);
  const { node: source } = from;
  demand(from, "moveFrom");
  if (!source) throw refuse("SourcePathNotFound");
  if (from.call.names.length === 0 || call.names.length === 0)
    throw refuse("InvalidRenameSourcePath");
  checkSourceConditions(call, source);
  checkLease(call, source.lease, "write", "x-ms-source-lease-id");

  const to = locate(operation);
  demand(to, "moveTo");
  checkConditions(call, to.node);
  const isSame = to.node?.id === source.id;
  if (to.node && !isSame) checkReplaceable(operation, source, to.node);
  if (isInside(to.found, source) && !isSame) throw refuse("InvalidRenameSourcePath");
  if (to.found.length < call.names.length) throw refuse("RenameDestinationParentPathNotFound");
  const metadata = metadataOf(call);
  store.tree.transact(() => {
    if (isSame) return;
    if (to.node) store.detach(to.node);
    const parent = makeParents(to);
    store.tree.change(source.id, {
      parent: parent.id,
      name: call.names.at(-1) ?? "",
      ...(metadata === null ? {} : { metadata }),
    });
  });
  answer(call, 201, versionHeaders(source));
}

function checkReplaceable({ store, call }: PathOperation, source: Node, target: Node): void {
  if (Boolean(source.directory) !== Boolean(target.directory)) {
    throw refuse("InvalidSourceOrDestinationResourceType");
  }
  if (target.directory && store.tree.children(target.id, "", 1).length > 0) {
    throw refuse("DirectoryNotEmpty");
  }
  // A lease on what is overwritten is broken, unless the request names one.
  if (header(call, "x-ms-lease-id")) checkLease(call, target.lease, "write");
}

function isInside(found: readonly Node[], directory: Node): boolean {
  return found.some(({ id }) => id === directory.id);
}

function checkSourceConditions(call: Call, source: Node): void {
  try {
    checkConditions(call, source, "x-ms-source-");
  } catch (error) {
    if (error instanceof Refusal && error.code === "ConditionNotMet") {
      throw refuse("SourceConditionNotMet");
    }
    throw error;
  }
}

/**
 * What a header names as source: a path from the account on, percent-encoded, perhaps with a SAS.
 * Path-style clients disagree on whether the account's name comes first, so both are taken.
 */
async function sourceOf(operation: PathOperation, text: string): Promise<PathOperation> {
  const { call, store } = operation;
  const [path = "", queryText = ""] = text.split("?", 2);
  const named = place(path);
  if (named.fileSystem === "") throw refuse("InvalidSourceUri");
  const isAccount = named.fileSystem === call.account && !store.fileSystems.get(named.fileSystem);
  const [fileSystem = "", ...names] = isAccount ? named.names : [named.fileSystem, ...named.names];
  const query = new URLSearchParams(queryText);
  const sourceCall = { ...call, fileSystem, names, query };
  // A source that brings a signature of its own is read with that one.
  const caller = query.has("sig") ? await operation.identify(sourceCall) : operation.caller;
  return locate({ ...operation, call: sourceCall, caller });
}

/**
 * What a copy names as source: an absolute URL in this account, by host name or by path.
 *
 * @throws Refusal for a source that is elsewhere
 */
export async function copySourceOf(operation: PathOperation, text: string): Promise<PathOperation> {
  const match = /^https?:\/\/([^/?]+)(\/[^?]*)(\?.*)?$/.exec(text);
  const [, host = "", path = "", query = ""] = match ?? [];
  const isHostStyle = host.startsWith(`${operation.call.account}.`);
  const isPathStyle = path.startsWith(`/${operation.call.account}/`);
  if (!match || !(isHostStyle || isPathStyle)) throw refuse("CannotVerifyCopySource");
  return sourceOf(operation, `${path}${query}`);
}
