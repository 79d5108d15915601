import { demandWide } from "../access/demand.ts";
import { fileSystemOf, type Operation } from "../access/operation.ts";
import { answer, answerXml } from "../wire/answer.ts";
import { readDocument, readText } from "../wire/body.ts";
import { checkConditions } from "../wire/conditions.ts";
import { type Call, checkFileSystemName, header } from "../wire/lake-call.ts";
import { changeLease, checkLease, leaseHeaders, leaseRequestOf } from "../wire/leases.ts";
import {
  asMetaHeaders,
  asProperties,
  metadataOf,
  parseMetadata,
  versionHeaders,
} from "../wire/properties.ts";
import { refuse, refuseHeader } from "../wire/refusals.ts";
import { childOf, readXml } from "../xml/read-xml.ts";
import { element } from "../xml/write-xml.ts";

const MAX_POLICIES = 5;

export function createFileSystem(operation: Operation): void {
  const { call, store } = operation;
  checkFileSystemName(call.fileSystem);
  demandWide(operation, "createFileSystem");
  if (store.fileSystems.get(call.fileSystem)) throw refuse("FilesystemAlreadyExists");
  if (store.fileSystems.isBeingDeleted(call.fileSystem)) throw refuse("FilesystemBeingDeleted");
  const made = store.fileSystems.create(call.fileSystem, metadataOf(call), operation.caller.id);
  answer(call, 201, { ...versionHeaders(made), ...namespaceOf(call) });
}

/** A header that only the Data Lake endpoint has. */
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

/** DELETE on a file system: removes it at once; its name is free a bit later. */
export function deleteFileSystem(operation: Operation): void {
  const { call, store } = operation;
  demandWide(operation, "deleteFileSystem");
  const { fileSystems } = store;
  if (!fileSystems.get(call.fileSystem) && fileSystems.isBeingDeleted(call.fileSystem)) {
    answer(call, 202);
    return;
  }
  const fileSystem = fileSystemOf(operation);
  checkConditions(call, fileSystem);
  checkLease(call, fileSystem.lease, "write");
  store.removeFileSystem(fileSystem);
  answer(call, 202);
}

/** PUT ?restype=container&comp=undelete: restores a soft-deleted file system. */
export function restoreFileSystem(operation: Operation): void {
  const { call, store } = operation;
  demandWide(operation, "writeFileSystem");
  const name = header(call, "x-ms-deleted-container-name");
  const version = header(call, "x-ms-deleted-container-version");
  if (name === undefined || version === undefined) throw refuse("MissingRequiredHeader");
  // The service no longer restores to another name.
  if (name !== call.fileSystem) throw refuseHeader("x-ms-deleted-container-name");
  if (store.fileSystems.get(name)) throw refuse("FilesystemAlreadyExists");
  if (store.fileSystems.isBeingDeleted(name)) throw refuse("FilesystemBeingDeleted");
  if (!store.restoreFileSystem(name, version)) throw refuse("FilesystemNotFound");
  answer(call, 201);
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

/** GET ?restype=container&comp=acl: the stored access policies; there is no public access. */
export function getFileSystemPolicies(operation: Operation): void {
  const { call } = operation;
  demandWide(operation, "readFileSystem");
  const fileSystem = fileSystemOf(operation);
  checkLease(call, fileSystem.lease, "read");
  const { policies } = fileSystem;
  const shown = policies === null ? element("SignedIdentifiers", "") : shownPolicies(policies);
  answerXml(call, 200, shown, versionHeaders(fileSystem));
}

/** Stored access policies as the service returns them, with times to 100 ns. */
function shownPolicies(policies: string): string {
  const shown = readXml(policies).children.map((policy) => {
    const given = childOf(policy, "AccessPolicy");
    const fields = (given?.children ?? []).map(({ name, text }) =>
      element(name, name === "Permission" ? text : policyTime(text)),
    );
    const id = element("Id", childOf(policy, "Id")?.text ?? "");
    const access = given ? element("AccessPolicy", fields.join(""), true) : "";
    return element("SignedIdentifier", id + access, true);
  });
  return element("SignedIdentifiers", shown.join(""), true);
}

function policyTime(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) return text;
  const digits = /\.(\d{1,7})/.exec(text)?.[1] ?? "";
  return `${new Date(time).toISOString().slice(0, 19)}.${digits.padEnd(7, "0")}Z`;
}

/** The stored access policies in a document: at most five, with different ids. */
function policiesIn(body: string): string {
  const { name, children, source } = readDocument(body);
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
