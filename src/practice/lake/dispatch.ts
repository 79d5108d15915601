import { locate, type Operation, type PathOperation } from "./access/operation.ts";
import { setTier } from "./blob/access-tiers.ts";
import { appendBlock, putAppendBlob, sealBlob } from "./blob/append-blobs.ts";
import { runBatch } from "./blob/batch.ts";
import * as blockLists from "./blob/block-lists.ts";
import * as containers from "./blob/containers.ts";
import { abortCopy, copyBlob } from "./blob/copy-blob.ts";
import { listBlobs } from "./blob/list-blobs.ts";
import { listFileSystems } from "./blob/list-file-systems.ts";
import { putBlockBlob } from "./blob/put-blob.ts";
import * as service from "./blob/service-properties.ts";
import { takeSnapshot } from "./blob/take-snapshot.ts";
import { getUserDelegationKey } from "./blob/user-delegation-key.ts";
import { checkOneLake } from "./onelake/onelake-rules.ts";
import * as access from "./paths/access-control.ts";
import { append, flush } from "./paths/append-path.ts";
import { createPath } from "./paths/create-path.ts";
import { removePath, undeletePath } from "./paths/delete-path.ts";
import { leasePath } from "./paths/lease-path.ts";
import { listPaths } from "./paths/list-directory.ts";
import { movePath } from "./paths/move-path.ts";
import { getProperties, read } from "./paths/read-path.ts";
import * as properties from "./paths/set-properties.ts";
import { refuseOtherInputs } from "./wire/inputs.ts";
import { type Call, header } from "./wire/lake-call.ts";
import { refuse, refuseHeader, refuseQuery, refuseUnserved } from "./wire/refusals.ts";
import { checkVersion } from "./wire/service-versions.ts";

type Handler<O> = (operation: O) => void | Promise<void>;
type Handlers<O> = Readonly<Record<string, Handler<O>>>;

/** Runs a handler, and logs its name. */
async function perform<O extends Operation>(handler: Handler<O>, operation: O): Promise<void> {
  const { call, store } = operation;
  call.notes.operation = handler.name;
  if (call.oneLake) checkOneLake(call, handler.name, store);
  refuseOtherInputs(call, handler.name);
  await handler(operation);
}

/** Runs the operation that a call names. */
export async function dispatch(operation: Operation): Promise<void> {
  const { call } = operation;
  checkVersion(call);
  const isContainer = call.query.get("restype") === "container";
  const isFileSystem = call.query.get("resource") === "filesystem";
  if (call.fileSystem === "" || isOfAccount(call)) await onAccount(operation);
  else if (call.names.length === 0 && isContainer) await onContainer(operation);
  else if (call.names.length === 0 && isFileSystem) await onFileSystem(operation);
  else if (call.dialect === "dfs") await onPath(locate(operation));
  else await onBlob(locate(operation));
}

/** "Get Account Information" is served at any path, existing or not. */
function isOfAccount({ query }: Call): boolean {
  return query.get("restype") === "account" && query.get("comp") === "properties";
}

// By method, `restype` and `comp` (or `resource`).
const ON_ACCOUNT: Handlers<Operation> = {
  "GET  list": listFileSystems,
  "GET  account": listFileSystems,
  "GET service properties": service.getServiceProperties,
  "PUT service properties": service.setServiceProperties,
  "GET service stats": service.getServiceStats,
  "POST service userdelegationkey": getUserDelegationKey,
  "POST  batch": runBatch,
  // On a URL with the account in its path, a client takes the account for a container.
  "POST container batch": runBatch,
  "GET account properties": service.getAccountInfo,
  "HEAD account properties": service.getAccountInfo,
};

async function onAccount(operation: Operation): Promise<void> {
  const { method, query } = operation.call;
  const what = query.get("comp") ?? query.get("resource") ?? "";
  const handler = ON_ACCOUNT[`${method} ${query.get("restype") ?? ""} ${what}`];
  if (!handler) throw refuse("InvalidUri");
  await perform(handler, operation);
}

const ON_CONTAINER: Handlers<Operation> = {
  "PUT ": containers.createFileSystem,
  "GET ": containers.getFileSystem,
  "HEAD ": containers.getFileSystem,
  "DELETE ": containers.deleteFileSystem,
  "PUT metadata": containers.setFileSystemMetadata,
  "GET metadata": containers.getFileSystem,
  "HEAD metadata": containers.getFileSystem,
  "GET list": listBlobs,
  "POST batch": runBatch,
  "PUT lease": containers.leaseFileSystem,
  "GET acl": containers.getFileSystemPolicies,
  "HEAD acl": containers.getFileSystemPolicies,
  "PUT undelete": containers.restoreFileSystem,
  "PUT acl": containers.setFileSystemPolicies,
};

async function onContainer(operation: Operation): Promise<void> {
  const { method, query } = operation.call;
  const comp = query.get("comp") ?? "";
  const handler = ON_CONTAINER[`${method} ${comp}`];
  if (!handler) throw comp ? refuseQuery("comp", comp) : refuse("UnsupportedHttpVerb");
  await perform(handler, operation);
}

const ON_FILE_SYSTEM: Handlers<Operation> = {
  PUT: containers.createFileSystem,
  HEAD: containers.getFileSystem,
  PATCH: containers.setFileSystemMetadata,
  DELETE: containers.deleteFileSystem,
  GET: listPaths,
};

async function onFileSystem(operation: Operation): Promise<void> {
  const handler = ON_FILE_SYSTEM[operation.call.method];
  if (!handler) throw refuse("UnsupportedHttpVerb");
  await perform(handler, operation);
}

// By method and `action`.
const ON_PATH: Handlers<PathOperation> = {
  "GET ": read,
  "HEAD ": getProperties,
  "HEAD getStatus": getProperties,
  "HEAD getAccessControl": access.getAccessControl,
  "HEAD checkAccess": access.checkAccess,
  "PUT ": createPath,
  "DELETE ": removePath,
  "POST ": leasePath,
  "PATCH append": append,
  "PATCH flush": flush,
  "PATCH setProperties": properties.setProperties,
  "PATCH setAccessControl": access.setAccessControl,
  "PATCH setAccessControlRecursive": access.setAccessControlRecursive,
};

async function onPath(operation: PathOperation): Promise<void> {
  const { call } = operation;
  const action = call.query.get("action") ?? "";
  if (call.method === "PUT" && header(call, "x-ms-rename-source")) {
    await perform(movePath, operation);
    return;
  }
  // The root has status and access list only; properties are those of the file system.
  const isRoot = call.names.length === 0;
  if (isRoot && ["HEAD ", "PATCH setProperties"].includes(`${call.method} ${action}`)) {
    throw refuse("MissingRequiredQueryParameter");
  }
  const handler = ON_PATH[`${call.method} ${action}`];
  if (!handler) throw action ? refuseQuery("action", action) : refuse("UnsupportedHttpVerb");
  await perform(handler, operation);
}

// By method and `comp`.
const ON_BLOB: Handlers<PathOperation> = {
  "GET ": read,
  "HEAD ": getProperties,
  "GET metadata": getProperties,
  "HEAD metadata": getProperties,
  "PUT metadata": properties.setMetadata,
  "PUT properties": properties.setContentHeaders,
  "PUT lease": leasePath,
  "PUT expiry": properties.setExpiry,
  "PUT undelete": undeletePath,
  "PUT block": blockLists.putBlock,
  "PUT blocklist": blockLists.putBlockList,
  "GET blocklist": blockLists.getBlockList,
  "PUT appendblock": appendBlock,
  "PUT seal": sealBlob,
  "PUT tier": setTier,
  "PUT copy": abortCopy,
  "PUT snapshot": takeSnapshot,
  "DELETE ": removePath,
};

// Operations that do not change a snapshot.
const ON_SNAPSHOT = new Set([
  "GET ",
  "HEAD ",
  "GET metadata",
  "HEAD metadata",
  "GET blocklist",
  "DELETE ",
  "PUT tier",
]);

// Not supported with a hierarchical namespace.
const NOT_WITH_DIRECTORIES = new Set(
  "immutabilitypolicies incrementalcopy legalhold page pagelist tags".split(" "),
);

async function onBlob(operation: PathOperation): Promise<void> {
  const { call } = operation;
  const comp = call.query.get("comp")?.toLowerCase() ?? "";
  const snapshot = call.query.get("snapshot");
  if (snapshot !== null && !ON_SNAPSHOT.has(`${call.method} ${comp}`)) {
    throw refuseQuery("snapshot", snapshot);
  }
  if (call.method === "PUT" && comp === "") {
    await putBlob(operation);
    return;
  }
  if (NOT_WITH_DIRECTORIES.has(comp)) {
    throw refuseUnserved("query", "comp", "FeatureNotYetSupportedForHierarchicalNamespaceAccounts");
  }
  const handler = ON_BLOB[`${call.method} ${comp}`];
  if (!handler) throw comp ? refuseQuery("comp", comp) : refuse("UnsupportedHttpVerb");
  await perform(handler, operation);
}

async function putBlob(operation: PathOperation): Promise<void> {
  const type = header(operation.call, "x-ms-blob-type")?.toLowerCase();
  if (header(operation.call, "x-ms-copy-source")) await perform(copyBlob, operation);
  else if (type === "blockblob") await perform(putBlockBlob, operation);
  else if (type === "appendblob") await perform(putAppendBlob, operation);
  else if (type === "pageblob") {
    const code = "FeatureNotYetSupportedForHierarchicalNamespaceAccounts";
    throw refuseUnserved("header", "x-ms-blob-type", code);
  } else throw refuseHeader("x-ms-blob-type");
}

/** Every operation that is served: its key in a table above, and its name. */
export function listOperations() {
  const tables = {
    "account, by method, restype and comp": ON_ACCOUNT,
    "container, by method and comp": ON_CONTAINER,
    "file system, by method": ON_FILE_SYSTEM,
    "path, by method and action": { ...ON_PATH, "PUT (x-ms-rename-source)": movePath },
    "blob, by method and comp": {
      ...ON_BLOB,
      "PUT (BlockBlob)": putBlockBlob,
      "PUT (AppendBlob)": putAppendBlob,
      "PUT (x-ms-copy-source)": copyBlob,
    },
  };
  return Object.entries(tables).flatMap(([on, handlers]) =>
    Object.entries(handlers).map(([key, handler]) => ({ on, key: key.trim(), name: handler.name })),
  );
}
