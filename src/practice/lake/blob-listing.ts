import { demand } from "./access.ts";
import { answerXml } from "./answer.ts";
import { type Call, count } from "./call.ts";
import { leaseHeaders } from "./leases.ts";
import type { Node } from "./node.ts";
import { locate, type Operation } from "./operation.ts";
import { ownerHeaders } from "./permissions.ts";
import { parseMetadata, propertyHeaders } from "./properties.ts";
import { refuseQuery } from "./refusals.ts";
import { readToken, writeToken } from "./tokens.ts";
import type { Deleted } from "./trash.ts";
import { walk } from "./walk.ts";
import { element, escapeXml } from "./xml.ts";

const MAX_RESULTS = 5_000;
const DAY = 86_400_000;

/** GET ?restype=container&comp=list: blobs by prefix, one level with a delimiter. */
export function listBlobs(operation: Operation): void {
  const root = locate({ ...operation, call: { ...operation.call, names: [] } });
  const { call, store, fileSystem } = root;
  demand(root, "list");
  const { query } = call;
  if (query.get("showonly") === "deleted") {
    listDeleted(operation, fileSystem.root);
    return;
  }
  const delimiter = query.get("delimiter") ?? "";
  if (delimiter !== "" && delimiter !== "/") throw refuseQuery("delimiter", delimiter);
  const include = new Set((query.get("include") ?? "").split(","));
  const limit = Math.min(count(call, "maxresults", MAX_RESULTS, 1), MAX_RESULTS);
  const prefix = (query.get("prefix") ?? "").replace(/^\/+/, "");
  const slash = prefix.lastIndexOf("/");
  const names = prefix
    .slice(0, Math.max(slash, 0))
    .split("/")
    .filter((name) => name !== "");
  const found = store.tree.resolve(fileSystem.root, names);
  const directory = found.length === names.length + 1 ? found.at(-1) : undefined;
  const marker = query.get("marker");

  const rows: string[] = [];
  let last: readonly string[] = [];
  let next = "";
  const start = { id: directory?.id ?? -2, path: names.join("/") };
  const after = marker ? readToken("marker", marker) : [];
  for (const { node, path } of walk(
    store.tree,
    start,
    delimiter === "",
    after,
    prefix.slice(slash + 1),
  )) {
    if (rows.length === limit) {
      next = writeToken(last);
      break;
    }
    const isPrefix = delimiter !== "" && node.directory;
    rows.push(isPrefix ? prefixElement(node, path) : blobElement(node, path, include));
    last = path.slice(start.path === "" ? 0 : start.path.length + 1).split("/");
  }
  answerList(call, { prefix, marker, delimiter }, rows, next);
}

function listDeleted(operation: Operation, root: number): void {
  const { call, store } = operation;
  const prefix = call.query.get("prefix") ?? "";
  const marker = call.query.get("marker");
  const [path = "", id = ""] = marker ? readToken("marker", marker) : [];
  const limit = Math.min(count(call, "maxresults", MAX_RESULTS, 1), MAX_RESULTS);
  const found = store.trash.list(root, prefix, [path, id], limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next = found.length > limit && last ? writeToken([last.path, last.id]) : "";
  const rows = page.map((deleted) => deletedElement(deleted, store.tree.byId(deleted.node)));
  answerList(call, { prefix, marker, delimiter: call.query.get("delimiter") ?? "" }, rows, next);
}

function answerList(
  call: Call,
  asked: { prefix: string; marker: string | null; delimiter: string },
  rows: readonly string[],
  next: string,
): void {
  const { prefix, marker, delimiter } = asked;
  const endpoint = `https://${call.account}.blob.core.windows.net/`;
  const attributes = `ServiceEndpoint="${escapeXml(endpoint)}" ContainerName="${escapeXml(call.fileSystem)}"`;
  const content = [
    prefix === "" ? "" : element("Prefix", prefix),
    marker ? element("Marker", marker) : "",
    delimiter === "" ? "" : element("Delimiter", delimiter),
    element("Blobs", rows.join(""), true),
    element("NextMarker", next),
  ].join("");
  answerXml(call, 200, `<EnumerationResults ${attributes}>${content}</EnumerationResults>`);
}

function prefixElement(node: Node, path: string): string {
  const properties = element("Properties", propertiesOf(node), true);
  return element("BlobPrefix", element("Name", `${path}/`) + properties, true);
}

function blobElement(node: Node, path: string, include: ReadonlySet<string>): string {
  const metadata = Object.entries(parseMetadata(node.metadata));
  if (node.directory) metadata.push(["hdi_isfolder", "true"]);
  const shown = include.has("metadata")
    ? element("Metadata", metadata.map(([name, value]) => element(name, value)).join(""), true)
    : "";
  const properties = element("Properties", propertiesOf(node, include.has("permissions")), true);
  // A character that XML cannot carry is percent-encoded, and the name says so.
  const isPlain = !/[￾￿]/.test(path);
  const name = isPlain
    ? element("Name", path)
    : `<Name Encoded="true">${encodeURIComponent(path)}</Name>`;
  return element("Blob", name + properties + shown, true);
}

function propertiesOf(node: Node, withOwner = false): string {
  const headers = propertyHeaders(node);
  const lease = leaseHeaders(node.lease);
  const owner = withOwner ? ownerHeaders(node) : {};
  const fields: Readonly<Record<string, string | undefined>> = {
    "Creation-Time": headers["x-ms-creation-time"],
    "Last-Modified": headers["Last-Modified"],
    Etag: node.etag,
    ResourceType: headers["x-ms-resource-type"],
    "Content-Length": String(node.size),
    "Content-Type": headers["content-type"],
    "Content-Encoding": headers["content-encoding"] ?? "",
    "Content-Language": headers["content-language"] ?? "",
    "Content-MD5": headers["content-md5"] ?? "",
    "Content-Disposition": headers["content-disposition"] ?? "",
    "Cache-Control": headers["cache-control"] ?? "",
    BlobType: "BlockBlob",
    AccessTier: "Hot",
    AccessTierInferred: "true",
    LeaseStatus: lease["x-ms-lease-status"],
    LeaseState: lease["x-ms-lease-state"],
    LeaseDuration: lease["x-ms-lease-duration"],
    "Expiry-Time": headers["x-ms-expiry-time"],
    ServerEncrypted: "true",
    Owner: owner["x-ms-owner"],
    Group: owner["x-ms-group"],
    Permissions: owner["x-ms-permissions"],
  };
  return Object.entries(fields)
    .map(([name, value]) => (value === undefined ? "" : element(name, value)))
    .join("");
}

function deletedElement(deleted: Deleted, node: Node | undefined): string {
  const days = Math.max(0, Math.ceil((deleted.until - Date.now()) / DAY));
  const properties =
    (node ? propertiesOf(node) : "") +
    element("DeletedTime", new Date(deleted.at).toUTCString()) +
    element("RemainingRetentionDays", days);
  return element(
    "Blob",
    element("Name", deleted.path) +
      element("Deleted", "true") +
      element("DeletionId", deleted.id) +
      element("Properties", properties, true),
    true,
  );
}
