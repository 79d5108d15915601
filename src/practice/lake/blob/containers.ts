import { demandWide } from "../access/demand.ts";
import type { FileSystem } from "../storage/file-systems.ts";
import { answer, answerJson, answerXml } from "../wire/answer.ts";
import { readText } from "../wire/body.ts";
import { type Call, checkFileSystemName, count, header } from "../wire/call.ts";
import { checkConditions } from "../wire/conditions.ts";
import { changeLease, checkLease, leaseHeaders, leaseRequestOf } from "../wire/leases.ts";
import { fileSystemOf, type Operation } from "../wire/operation.ts";
import {
  asMetaHeaders,
  asProperties,
  metadataOf,
  parseMetadata,
  versionHeaders,
} from "../wire/properties.ts";
import { refuse } from "../wire/refusals.ts";
import { element, escapeXml } from "../wire/xml.ts";
import { childOf, readXml } from "../wire/xml-reader.ts";

const MAX_RESULTS = 5_000;
const MAX_POLICIES = 5;

/** GET /?comp=list (XML) or /?resource=account (JSON): the file systems of the account. */
export function listFileSystems(operation: Operation): void {
  const { call, store } = operation;
  demandWide(operation, "listFileSystems");
  const { query, dialect } = call;
  const prefix = query.get("prefix") ?? "";
  const after = query.get(dialect === "blob" ? "marker" : "continuation") ?? "";
  const limit = Math.min(count(call, "maxresults", MAX_RESULTS, 1), MAX_RESULTS);
  const found = store.fileSystems.list(prefix, after, limit + 1);
  const page = found.slice(0, limit);
  const next = found.length > limit ? page.at(-1)?.name : undefined;
  if (dialect === "dfs") {
    const filesystems = page.map(({ name, etag, modified }) => ({
      name,
      lastModified: new Date(modified).toUTCString(),
      eTag: `"${etag}"`,
    }));
    answerJson(call, 200, JSON.stringify({ filesystems }), { "x-ms-continuation": next });
    return;
  }
  const withMetadata = (query.get("include") ?? "").split(",").includes("metadata");
  const containers = page.map((item) => containerElement(item, withMetadata)).join("");
  const body = [
    prefix === "" ? "" : element("Prefix", prefix),
    after === "" ? "" : element("Marker", after),
    query.has("maxresults") ? element("MaxResults", limit) : "",
    element("Containers", containers, true),
    element("NextMarker", next ?? ""),
  ].join("");
  const endpoint = `https://${call.account}.blob.core.windows.net/`;
  answerXml(
    call,
    200,
    `<EnumerationResults ServiceEndpoint="${escapeXml(endpoint)}">${body}</EnumerationResults>`,
  );
}

function containerElement(item: FileSystem, withMetadata: boolean): string {
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
  ].join("");
  const metadata = Object.entries(parseMetadata(item.metadata));
  return element(
    "Container",
    element("Name", item.name) +
      element("Properties", properties, true) +
      (withMetadata
        ? element("Metadata", metadata.map(([name, value]) => element(name, value)).join(""), true)
        : ""),
    true,
  );
}

/** PUT on a file system: makes it. */
export function createFileSystem(operation: Operation): void {
  const { call, store } = operation;
  checkFileSystemName(call.fileSystem);
  demandWide(operation, "createFileSystem");
  if (store.fileSystems.get(call.fileSystem)) throw refuse("FilesystemAlreadyExists");
  const made = store.fileSystems.create(call.fileSystem, metadataOf(call), operation.caller.id);
  answer(call, 201, { ...versionHeaders(made), ...namespaceOf(call) });
}

/** What the path dialect alone says of a file system. */
function namespaceOf({ dialect }: Call): Record<string, string> {
  return dialect === "dfs" ? { "x-ms-namespace-enabled": "true" } : {};
}

/** HEAD or GET on a file system: its properties. */
export function getFileSystem(operation: Operation): void {
  const { call } = operation;
  demandWide(operation, "readFileSystem");
  const fileSystem = fileSystemOf(operation);
  checkLease(call, fileSystem.lease, "read");
  const metadata = parseMetadata(fileSystem.metadata);
  const properties = asProperties(metadata);
  answer(call, 200, {
    ...versionHeaders(fileSystem),
    ...asMetaHeaders(metadata),
    ...(properties === "" ? {} : { "x-ms-properties": properties }),
    ...namespaceOf(call),
    ...leaseHeaders(fileSystem.lease),
    "x-ms-has-immutability-policy": "false",
    "x-ms-has-legal-hold": "false",
    "x-ms-default-encryption-scope": "$account-encryption-key",
    "x-ms-deny-encryption-scope-override": "false",
  });
}

/** Replaces a file system's metadata. */
export function setFileSystemMetadata(operation: Operation): void {
  const { call, store } = operation;
  demandWide(operation, "writeFileSystem");
  const fileSystem = fileSystemOf(operation);
  checkConditions(call, fileSystem);
  checkLease(call, fileSystem.lease, "read");
  const changed = store.fileSystems.change(fileSystem, { metadata: metadataOf(call) }, true);
  answer(call, 200, versionHeaders(changed));
}

/** DELETE on a file system: it and all in it are gone at once. */
export function deleteFileSystem(operation: Operation): void {
  const { call, store } = operation;
  demandWide(operation, "deleteFileSystem");
  const fileSystem = fileSystemOf(operation);
  checkConditions(call, fileSystem);
  checkLease(call, fileSystem.lease, "write");
  store.removeFileSystem(fileSystem);
  answer(call, 202);
}

/** PUT ?restype=container&comp=lease */
export function leaseFileSystem(operation: Operation): void {
  const { call, store } = operation;
  demandWide(operation, "writeFileSystem");
  const fileSystem = fileSystemOf(operation);
  checkConditions(call, fileSystem);
  const { lease, status, headers } = changeLease(leaseRequestOf(call), fileSystem.lease);
  store.fileSystems.change(fileSystem, { lease }, false);
  answer(call, status, { ...versionHeaders(fileSystem), ...headers });
}

/** GET ?restype=container&comp=acl: public access is never allowed, stored policies are kept. */
export function getFileSystemPolicies(operation: Operation): void {
  const { call } = operation;
  demandWide(operation, "readFileSystem");
  const fileSystem = fileSystemOf(operation);
  checkLease(call, fileSystem.lease, "read");
  const policies = fileSystem.policies ?? element("SignedIdentifiers", "");
  answerXml(call, 200, policies, versionHeaders(fileSystem));
}

/** Stored access policies as a document has them: at most five, each with an id of its own. */
function policiesIn(body: string): string {
  const { name, children, source } = readXml(body);
  const ids = children.map((policy) => childOf(policy, "Id")?.text ?? "");
  const isWhole = children.every((one) => one.name === "SignedIdentifier") && !ids.includes("");
  if (name !== "SignedIdentifiers" || !isWhole) throw refuse("InvalidXmlDocument");
  if (ids.length > MAX_POLICIES || new Set(ids).size < ids.length) {
    throw refuse("InvalidXmlDocument");
  }
  return source;
}

/** PUT ?restype=container&comp=acl */
export async function setFileSystemPolicies(operation: Operation): Promise<void> {
  const { call, store } = operation;
  demandWide(operation, "writeFileSystem");
  const fileSystem = fileSystemOf(operation);
  checkConditions(call, fileSystem);
  checkLease(call, fileSystem.lease, "read");
  if (header(call, "x-ms-blob-public-access")) throw refuse("PublicAccessNotPermitted");
  const body = await readText(call);
  const policies = body.trim() === "" ? null : policiesIn(body);
  const changed = store.fileSystems.change(fileSystem, { policies }, true);
  answer(call, 200, versionHeaders(changed));
}
