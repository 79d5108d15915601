import { demand, demandEntry, isGranted } from "../access/demand.ts";
import { locate, type Operation } from "../access/operation.ts";
import type { Store } from "../storage/lake-store.ts";
import { snapshotsOf } from "../storage/tree.ts";
import { type WalkedNode, walk } from "../storage/walk.ts";
import { answerXml } from "../wire/answer.ts";
import { readToken, writeToken } from "../wire/continuation-token.ts";
import { blobEndpoint, type Call, count, targetNames } from "../wire/lake-call.ts";
import { refuseQuery } from "../wire/refusals.ts";
import { element, escapeXml } from "../xml/write-xml.ts";
import { blobElement, deletedElement, type Listed, prefixElement } from "./blob-elements.ts";
import { deletedBlobs, placeOf, placesIn } from "./deleted-blobs.ts";
import { comesBefore, merged, uncommittedBlobs } from "./uncommitted-blobs.ts";

const MAX_RESULTS = 5_000;

/** GET ?restype=container&comp=list: blobs by prefix, one level with a delimiter. */
export function listBlobs(operation: Operation): void {
  const root = locate({ ...operation, call: { ...operation.call, names: [] } });
  const { call, store, fileSystem } = root;
  const listing = locate({ ...root, call: { ...root.call, names: targetNames(call) } });
  demand(listing, "list");
  const isHeldToAcl = !isGranted(listing, "list");
  const { query } = call;
  if (query.get("showonly")?.toLowerCase() === "deleted") {
    listDeleted(operation, fileSystem.root);
    return;
  }
  const delimiter = query.get("delimiter") ?? "";
  const isOneLevel = delimiter !== "";
  if (isOneLevel && delimiter !== "/") throw refuseQuery("delimiter", delimiter);
  const include = new Set((query.get("include") ?? "").toLowerCase().split(","));
  if (isOneLevel && include.has("snapshots")) throw refuseQuery("delimiter", delimiter);
  const limit = limitOf(call);
  const prefix = (query.get("prefix") ?? "").replace(/^\/+/, "");
  const slash = prefix.lastIndexOf("/");
  const names = prefix
    .slice(0, Math.max(slash, 0))
    .split("/")
    .filter((name) => name !== "");
  const nodes = store.tree.resolve(fileSystem.root, names);
  const directory = nodes.length === names.length + 1 ? nodes.at(-1) : undefined;
  const marker = query.get("marker");

  const rows: string[] = [];
  let last: readonly string[] = [];
  let next = "";
  const start = { id: directory?.id ?? -2, path: names.join("/") };
  const from = marker ? undefined : startOf(query.get("startfrom"), prefix, names.length);
  // In one level, the listing begins with the directory of `from`.
  const begin = isOneLevel ? from?.slice(0, 1) : from;
  const [token = "", ...behind] = marker ? readToken("marker", marker) : ["", ...(begin ?? [])];
  const { snapshot: time, place } = placesIn(token);
  const showsOnly = query.get("showonly")?.toLowerCase() ?? "";
  if (!["", "files", "directories"].includes(showsOnly)) throw refuseQuery("showonly", showsOnly);
  const end = query.get("endbefore");
  const below = start.path === "" ? "" : `${start.path}/`;
  const path = behind.length === 0 ? "" : below + behind.join("/");
  const isInclusive = from !== undefined;
  const withSnapshots = include.has("snapshots");
  const walked = walkBlobs(store, start, {
    recursive: !isOneLevel,
    prefix: prefix.slice(slash + 1),
    after: [time, ...behind],
    withSnapshots,
    isInclusive,
  });
  const uncommitted = include.has("uncommittedblobs")
    ? uncommittedBlobs(root, { prefix, isOneLevel, from: path, isInclusive })
    : [];
  const deleted = include.has("deleted")
    ? deletedBlobs(store, fileSystem.root, {
        prefix,
        isOneLevel,
        withSnapshots,
        from: { path, place },
      })
    : [];
  for (const listed of merged(merged(walked, uncommitted), deleted)) {
    const { node, path, snapshot } = listed;
    if (end && !comesBefore(path, end)) break;
    if (showsOnly === "files" && node.directory) continue;
    if (showsOnly === "directories" && !node.directory) continue;
    if (rows.length === limit) {
      next = writeToken(last);
      break;
    }
    const isPrefix = isOneLevel && node.directory && !listed.deleted;
    if (isHeldToAcl && node.directory && !isPrefix && !listed.deleted)
      demandEntry(listing, node, path);
    const copy = include.has("copy") ? store.copies.get(node.id) : undefined;
    const name = call.oneLake?.shown(path) ?? path;
    rows.push(
      isPrefix
        ? prefixElement(node, name)
        : blobElement({ ...listed, path: name }, include, copy, operation.nameOf),
    );
    last = [
      placeOf(listed) || snapshot,
      ...path.slice(start.path === "" ? 0 : start.path.length + 1).split("/"),
    ];
  }
  answerList(call, { prefix, marker, delimiter }, rows, next);
}

/** Blobs in path order, each after its snapshots, the oldest first. */
function* walkBlobs(
  store: Store,
  start: { readonly id: number; readonly path: string },
  asked: {
    recursive: boolean;
    prefix: string;
    after: readonly string[];
    withSnapshots: boolean;
    isInclusive: boolean;
  },
): Generator<Listed> {
  const [time = "", ...after] = asked.after;
  const versions = function* ({ node, path }: WalkedNode, behind: string): Generator<Listed> {
    if (asked.withSnapshots && !node.directory) {
      for (const one of snapshotsOf(store, node, behind)) {
        yield { node: one, path, snapshot: one.name };
      }
    }
    yield { node, path, snapshot: "" };
  };
  const isBegun = time !== "" || (asked.isInclusive && after.length > 0);
  const begun = isBegun ? store.tree.resolve(start.id, after).at(after.length) : undefined;
  if (begun) {
    const path = [...(start.path === "" ? [] : [start.path]), ...after].join("/");
    yield* versions({ node: begun, path }, time);
  }
  for (const walked of walk(store.tree, start, asked.recursive, after, asked.prefix)) {
    yield* versions(walked, "");
  }
}

/**
 * Names, below the listed directory, of the blob to begin with.
 *
 * @param depth number of names in the directory's own path
 */
function startOf(path: string | null, prefix: string, depth: number): string[] | undefined {
  if (path === null || path === "" || path <= prefix) return undefined;
  // After all paths with the prefix: an empty listing.
  if (!path.startsWith(prefix)) return ["\u{10ffff}"];
  return path.split("/").slice(depth);
}

function limitOf(call: Call): number {
  return Math.min(count(call, "maxresults", MAX_RESULTS, 1), MAX_RESULTS);
}

function listDeleted(operation: Operation, root: number): void {
  const { call, store } = operation;
  const prefix = call.query.get("prefix") ?? "";
  const marker = call.query.get("marker");
  const [path = "", id = ""] = marker ? readToken("marker", marker) : [];
  const limit = limitOf(call);
  const deleted = store.trash.list(root, prefix, [path, id], limit + 1);
  const page = deleted.slice(0, limit);
  const last = page.at(-1);
  const next = deleted.length > limit && last ? writeToken([last.path, last.id]) : "";
  const rows = page.map((deleted) => deletedElement(deleted, store.tree.byId(deleted.node)));
  answerList(call, { prefix, marker, delimiter: call.query.get("delimiter") ?? "" }, rows, next);
}

function answerList(
  call: Call,
  asked: { prefix: string; marker: string | null; delimiter: string },
  rows: readonly string[],
  next: string,
): void {
  const { marker, delimiter } = asked;
  const { oneLake } = call;
  const isPath = asked.prefix.includes("/");
  const prefix = oneLake && isPath ? oneLake.shown(asked.prefix) : asked.prefix;
  const endpoint = oneLake
    ? `https://${call.account}.blob.fabric.microsoft.com/`
    : blobEndpoint(call);
  const attributes = `ServiceEndpoint="${escapeXml(endpoint)}" ContainerName="${escapeXml(oneLake?.workspace ?? call.fileSystem)}"`;
  const content = [
    prefix === "" ? "" : element("Prefix", prefix),
    marker ? element("Marker", marker) : "",
    call.query.has("maxresults") ? element("MaxResults", limitOf(call)) : "",
    delimiter === "" ? "" : element("Delimiter", delimiter),
    element("Blobs", rows.join(""), true),
    element("NextMarker", next),
  ].join("");
  answerXml(call, 200, `<EnumerationResults ${attributes}>${content}</EnumerationResults>`);
}
