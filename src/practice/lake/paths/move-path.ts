import { demand } from "../access/demand.ts";
import { locate, type PathOperation } from "../access/operation.ts";
import { checkPlace, checkUnmanaged } from "../onelake/onelake-rules.ts";
import { placeOnOneLake } from "../onelake/workspaces.ts";
import { makeParents } from "../operations/put-path.ts";
import type { Node } from "../storage/node.ts";
import { type ContentHeaders, readHeaders, writeHeaders } from "../storage/stored-headers.ts";
import { answer } from "../wire/answer.ts";
import { checkConditions, checkSourceConditions } from "../wire/conditions.ts";
import { type Call, header, place } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { contentHeadersOf, metadataOf, TRANSACTION } from "../wire/properties.ts";
import { refuse, refuseQuery } from "../wire/refusals.ts";

/** PUT with `x-ms-rename-source`: moves a file or directory, atomically. */
export async function movePath(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  const named = await renameSourceOf(operation, header(call, "x-ms-rename-source") ?? "");
  // Atomic, as nothing is awaited from here on.
  const from = locate(named);
  const { node: source } = from;
  demand(from, "moveFrom");
  if (!source) throw refuse("SourcePathNotFound");
  if (from.call.names.length === 0) throw refuse("InvalidRenameSourcePath");
  checkSourceConditions(call, source);
  checkLease(call, source.lease, "write", "x-ms-source-lease-id");

  const to = destinationOf(operation, from.call.names);
  demand(to, "moveTo");
  checkConditions(call, to.node);
  const isSame = to.node?.id === source.id;
  if (to.node && !isSame) checkReplaceable(operation, source, to.node);
  if (isInside(to.nodes, source) && !isSame) throw refuse("InvalidRenameSourcePath");
  if (to.nodes.length < to.call.names.length) throw refuse("RenameDestinationParentPathNotFound");
  const metadata = metadataOf(call);
  const headers = movedHeaders(call, source);
  store.tree.transact(() => {
    if (isSame) return;
    if (to.node) store.detach(to.node);
    const parent = makeParents(to);
    store.tree.change(source.id, {
      parent: parent.id,
      name: to.call.names.at(-1) ?? "",
      ...(metadata === null ? {} : { metadata }),
      headers,
    });
  });
  answer(call, 201);
}

/** Content headers of the request, and its transaction id. */
function movedHeaders(call: Call, source: Node): string {
  const given = contentHeadersOf(call, "x-ms-");
  const { content, state } = readHeaders(source);
  const transaction = header(call, TRANSACTION);
  return writeHeaders(given === null ? content : (JSON.parse(given) as ContentHeaders), {
    ...state,
    transaction,
  });
}

/** The destination. As the default `mode` is POSIX, moving onto a directory moves into it. */
function destinationOf(operation: PathOperation, source: readonly string[]): PathOperation {
  const { call } = operation;
  const mode = call.query.get("mode") ?? "posix";
  if (mode !== "posix" && mode !== "legacy") throw refuseQuery("mode", mode);
  const to = locate(operation);
  const isSame = to.call.names.join("/") === source.join("/");
  if (mode === "legacy" && call.names.length === 0) throw refuse("InvalidRenameSourcePath");
  if (mode === "legacy" || isSame || !to.node?.directory) return to;
  // Hadoop moves with `If-None-Match: *`, which is about the new path and not the directory.
  if (header(call, "if-none-match") !== "*") {
    checkConditions(call, call.names.length === 0 ? undefined : to.node);
  }
  const names = [...call.names, source.at(-1) ?? ""];
  return locate({ ...operation, call: { ...call, names } });
}

function checkReplaceable({ store, call }: PathOperation, source: Node, target: Node): void {
  if (Boolean(source.directory) !== Boolean(target.directory)) {
    throw refuse("InvalidSourceOrDestinationResourceType");
  }
  if (target.directory && store.tree.children(target.id, "", 1).length > 0) {
    throw refuse("DirectoryNotEmpty");
  }
  // A lease on an overwritten file is broken, unless the request names one.
  if (header(call, "x-ms-lease-id")) checkLease(call, target.lease, "write");
}

function isInside(nodes: readonly Node[], directory: Node): boolean {
  return nodes.some(({ id }) => id === directory.id);
}

/**
 * The source of a rename: a percent-encoded path, perhaps with a SAS, with or without the account's
 * name, as clients differ.
 */
async function renameSourceOf(operation: PathOperation, text: string): Promise<PathOperation> {
  const { call, store } = operation;
  const [path = "", queryText = ""] = text.split("?", 2);
  const named = place(path);
  if (named.fileSystem === "") throw refuse("InvalidSourceUri");
  const isAccount = named.fileSystem === call.account && !store.fileSystems.get(named.fileSystem);
  const [fileSystem = "", ...names] = isAccount ? named.names : [named.fileSystem, ...named.names];
  const query = new URLSearchParams(queryText);
  const written = { ...call, fileSystem, names, query };
  const sourceCall = call.oneLake ? placeOnOneLake(written, store) : written;
  if (call.oneLake) {
    checkPlace(sourceCall, sourceCall.names, store);
    checkUnmanaged(sourceCall.names);
  }
  // A signature of the source authorizes its read.
  const caller = query.has("sig")
    ? await operation.identify(sourceCall, undefined)
    : operation.caller;
  return locate({ ...operation, call: sourceCall, caller });
}
