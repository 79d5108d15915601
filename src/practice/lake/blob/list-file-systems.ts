import { demandWide } from "../access/demand.ts";
import type { Operation } from "../access/operation.ts";
import type { FileSystem } from "../storage/file-systems.ts";
import type { Store } from "../storage/lake-store.ts";
import type { DeletedFileSystem } from "../storage/soft-delete.ts";
import { answerJson, answerXml } from "../wire/answer.ts";
import { blobEndpoint, count } from "../wire/lake-call.ts";
import { leaseHeaders } from "../wire/leases.ts";
import { parseMetadata } from "../wire/properties.ts";
import { element, escapeXml } from "../xml/write-xml.ts";
import { deletionElements, metadataElement } from "./blob-elements.ts";

const MAX_RESULTS = 5_000;

/** GET /?comp=list (XML) or /?resource=account (JSON): the file systems of the account. */
export function listFileSystems(operation: Operation): void {
  const { call, store } = operation;
  demandWide(operation, "listFileSystems");
  const { query, dialect } = call;
  const prefix = query.get("prefix") ?? "";
  const after = query.get(dialect === "blob" ? "marker" : "continuation") ?? "";
  const limit = Math.min(count(call, "maxresults", MAX_RESULTS, 1), MAX_RESULTS);
  const include = (query.get("include") ?? "").toLowerCase().split(",");
  const entries = listed(store, { prefix, after, limit: limit + 1 }, include.includes("deleted"));
  const page = entries.slice(0, limit);
  const last = page.at(-1);
  const next = entries.length > limit && last ? keyOf(last) : undefined;
  if (dialect === "dfs") {
    const filesystems = page.map(({ name, etag, modified }) => ({
      name,
      lastModified: new Date(modified).toUTCString(),
      eTag: `"${etag}"`,
    }));
    answerJson(call, 200, JSON.stringify({ filesystems }), { "x-ms-continuation": next });
    return;
  }
  const withMetadata = include.includes("metadata");
  const containers = page.map((item) => containerElement(item, withMetadata)).join("");
  const body = [
    prefix === "" ? "" : element("Prefix", prefix),
    after === "" ? "" : element("Marker", after),
    query.has("maxresults") ? element("MaxResults", limit) : "",
    element("Containers", containers, true),
    element("NextMarker", next ?? ""),
  ].join("");
  answerXml(
    call,
    200,
    `<EnumerationResults ServiceEndpoint="${escapeXml(blobEndpoint(call))}">${body}</EnumerationResults>`,
  );
}

/** A file system, or a deleted one of the same name. */
type Item = FileSystem | DeletedFileSystem;

/** Sort key. "!" sorts before the letters, digits and hyphens of names. */
function keyOf(item: Item): string {
  return "version" in item ? `${item.name}!${item.version}` : item.name;
}

function listed(
  { fileSystems, deletedFileSystems }: Store,
  { prefix, after, limit }: { prefix: string; after: string; limit: number },
  withDeleted: boolean,
): Item[] {
  const [name = "", version] = after.split("!");
  const live = fileSystems.list(prefix, name, limit);
  if (!withDeleted) return live;
  const deleted = deletedFileSystems
    .list(prefix)
    .filter((item) => item.name > name || (item.name === name && item.version > (version ?? "")));
  const both: Item[] = [...live, ...deleted];
  return both.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)).slice(0, limit);
}

function containerElement(item: Item, withMetadata: boolean): string {
  const lease = leaseHeaders(item.lease);
  const properties = [
    element("Last-Modified", new Date(item.modified).toUTCString()),
    element("Etag", `"${item.etag}"`),
    element("LeaseStatus", lease["x-ms-lease-status"] ?? ""),
    element("LeaseState", lease["x-ms-lease-state"] ?? ""),
    element("DefaultEncryptionScope", "$account-encryption-key"),
    element("DenyEncryptionScopeOverride", "false"),
    element("HasImmutabilityPolicy", "false"),
    element("HasLegalHold", "false"),
    "version" in item ? deletionElements(item) : "",
  ].join("");
  const metadata = Object.entries(parseMetadata(item.metadata));
  return element(
    "Container",
    element("Name", item.name) +
      ("version" in item ? element("Deleted", "true") + element("Version", item.version) : "") +
      element("Properties", properties, true) +
      (withMetadata ? metadataElement(metadata) : ""),
    true,
  );
}
