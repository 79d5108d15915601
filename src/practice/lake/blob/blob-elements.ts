import { ownerHeaders } from "../access/permissions.ts";
import type { Copy } from "../storage/copies.ts";
import type { Node } from "../storage/node.ts";
import type { Deleted, Deletion } from "../storage/soft-delete.ts";
import type { WalkedNode } from "../storage/walk.ts";
import { leaseHeaders } from "../wire/leases.ts";
import { copyHeaders, parseMetadata, propertyHeaders } from "../wire/properties.ts";
import { element } from "../xml/write-xml.ts";

const DAY = 86_400_000;

/** A blob of a listing, or a snapshot of one. */
export interface Listed extends WalkedNode {
  /** Time of the snapshot; empty for the blob itself. */
  readonly snapshot: string;
  /** Its deletion, where soft delete keeps it. */
  readonly deleted?: Deleted;
}

/** A directory in a listing that stops at slashes. */
export function prefixElement(node: Node, path: string): string {
  const properties = element("Properties", propertiesOf(node), true);
  return element("BlobPrefix", element("Name", `${path}/`) + properties, true);
}

export function blobElement(
  { node, path, snapshot, deleted }: Listed,
  include: ReadonlySet<string>,
  copy: Copy | undefined,
  nameOf: (id: string) => string,
): string {
  const metadata = Object.entries(parseMetadata(node.metadata));
  if (node.directory) metadata.push(["hdi_isfolder", "true"]);
  const shown = include.has("metadata") ? metadataElement(metadata) : "";
  const fields =
    propertiesOf(node, include.has("permissions") ? nameOf : undefined) +
    copyElements(copy) +
    (deleted ? deletionElements(deleted) : "");
  const properties = element("Properties", fields, true);
  // A name with characters that XML does not allow is percent-encoded.
  const isPlain = !/[￾￿]/.test(path);
  const name = isPlain
    ? element("Name", path)
    : `<Name Encoded="true">${encodeURIComponent(path)}</Name>`;
  const time = snapshot === "" ? "" : element("Snapshot", snapshot);
  // Of object replication, which these accounts do not have.
  const replication = element("OrMetadata", "");
  const deletion = deleted ? element("Deleted", "true") + element("DeletionId", deleted.id) : "";
  return element("Blob", name + deletion + time + properties + shown + replication, true);
}

export function metadataElement(metadata: readonly (readonly [string, string])[]): string {
  return element("Metadata", metadata.map(([name, value]) => element(name, value)).join(""), true);
}

/** @param nameOf what to show for the ids of owner and group; undefined to show neither */
function propertiesOf(node: Node, nameOf?: (id: string) => string): string {
  const headers = propertyHeaders(node);
  const lease = leaseHeaders(node.lease);
  const owner = nameOf ? ownerHeaders(node, nameOf) : {};
  const fields: Readonly<Record<string, string | undefined>> = {
    "Creation-Time": headers["x-ms-creation-time"],
    "Last-Modified": headers["Last-Modified"],
    Etag: node.etag,
    ResourceType: headers["x-ms-resource-type"],
    "Content-Length": String(node.size),
    "Content-Type": headers["content-type"],
    "Content-Encoding": headers["content-encoding"] ?? "",
    "Content-Language": headers["content-language"] ?? "",
    "Content-CRC64": "",
    "Content-MD5": headers["content-md5"] ?? "",
    "Cache-Control": headers["cache-control"] ?? "",
    "Content-Disposition": headers["content-disposition"] ?? "",
    BlobType: headers["x-ms-blob-type"],
    AccessTier: headers["x-ms-access-tier"],
    AccessTierInferred: headers["x-ms-access-tier-inferred"],
    ArchiveStatus: headers["x-ms-archive-status"],
    RehydratePriority: headers["x-ms-rehydrate-priority"],
    LeaseStatus: lease["x-ms-lease-status"],
    LeaseState: lease["x-ms-lease-state"],
    LeaseDuration: lease["x-ms-lease-duration"],
    "Expiry-Time": headers["x-ms-expiry-time"],
    Sealed: headers["x-ms-blob-sealed"],
    ServerEncrypted: "true",
    Owner: owner["x-ms-owner"],
    Group: owner["x-ms-group"],
    Permissions: owner["x-ms-permissions"],
  };
  return Object.entries(fields)
    .map(([name, value]) => (value === undefined ? "" : element(name, value)))
    .join("");
}

function copyElements(copy: Copy | undefined): string {
  const names = ["Id", "Source", "Status", "Progress", "Completion-Time", "Status-Description"];
  const headers = copyHeaders(copy);
  return names
    .map((name) => [name.replaceAll("-", ""), headers[`x-ms-copy-${name.toLowerCase()}`]] as const)
    .map(([name, value]) => (value === undefined ? "" : element(`Copy${name}`, value)))
    .join("");
}

/** When soft delete removed something, and how long it is kept. */
export function deletionElements({ at, until }: Deletion): string {
  const days = Math.max(0, Math.ceil((until - Date.now()) / DAY));
  const time = element("DeletedTime", new Date(at).toUTCString());
  return time + element("RemainingRetentionDays", days);
}

/** A deleted path that soft delete keeps. */
export function deletedElement(deleted: Deleted, node: Node | undefined): string {
  const properties = (node ? propertiesOf(node) : "") + deletionElements(deleted);
  return element(
    "Blob",
    element("Name", deleted.path) +
      element("Deleted", "true") +
      element("DeletionId", deleted.id) +
      element("Properties", properties, true),
    true,
  );
}
