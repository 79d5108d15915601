import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { INPUTS } from "../../src/practice/lake/wire/inputs.ts";

/** An operation of one of Azure's clients, and the words that it may send: `?` for parameters. */
interface Spec {
  readonly name: string;
  readonly inputs: readonly string[];
}

/** What the generated part of a client has to say of its operations. */
function specsOf(client: "storage-blob" | "storage-file-datalake"): Spec[] {
  const folder = join("node_modules/@azure", client, "dist/esm/generated/src");
  const read = (path: string) => readFileSync(join(folder, path), "utf8");
  const names = new Map<string, string>();
  const parameters = read("models/parameters.js");
  for (const [, id = "", text = ""] of parameters.matchAll(
    /export const (\w+) = \{([\s\S]*?)\n\};/g,
  )) {
    const serialized = /serializedName: "([^"]+)"/.exec(text)?.[1] ?? id;
    names.set(id, serialized.toLowerCase());
  }
  const wordsIn = (spec: string, list: string) =>
    [...(spec.split(`${list}: [`)[1]?.split("]")[0] ?? "").matchAll(/Parameters\.(\w+)/g)].map(
      ([, id = ""]) => names.get(id) ?? id,
    );
  return readdirSync(join(folder, "operations"))
    .filter((file) => file.endsWith(".js"))
    .flatMap((file) => {
      const specs = read(join("operations", file)).matchAll(
        /const (\w+)OperationSpec = \{([\s\S]*?)\n\};/g,
      );
      return [...specs].map(([, name = "", spec = ""]) => ({
        name: `${file.replace(".js", "")} ${name}`,
        inputs: [
          ...wordsIn(spec, "headerParameters"),
          ...wordsIn(spec, "queryParameters").map((word) => `?${word}`),
        ],
      }));
    });
}

/** What serves each; a client that has one operation for several is served by all of them. */
const SERVED_BY: Readonly<Record<string, string>> = {
  "appendBlob create": "putAppendBlob",
  "appendBlob appendBlock": "appendBlock",
  "appendBlob appendBlockFromUrl": "appendBlock",
  "appendBlob seal": "sealBlob",
  "blob download": "read",
  "blob getProperties": "getProperties",
  "blob delete": "removePath",
  "blob undelete": "undeletePath",
  "blob setExpiry": "setExpiry",
  "blob setHttpHeaders": "setContentHeaders",
  "blob setMetadata": "setMetadata",
  "blob acquireLease": "leasePath",
  "blob releaseLease": "leasePath",
  "blob renewLease": "leasePath",
  "blob changeLease": "leasePath",
  "blob breakLease": "leasePath",
  "blob createSnapshot": "takeSnapshot",
  "blob startCopyFromURL": "copyBlob",
  "blob copyFromURL": "copyBlob",
  "blob abortCopyFromURL": "abortCopy",
  "blob setTier": "setTier",
  "blob getAccountInfo": "getAccountInfo",
  "blockBlob upload": "putBlockBlob",
  "blockBlob putBlobFromUrl": "copyBlob",
  "blockBlob stageBlock": "putBlock",
  "blockBlob stageBlockFromURL": "putBlock",
  "blockBlob commitBlockList": "putBlockList",
  "blockBlob getBlockList": "getBlockList",
  "container create": "createFileSystem",
  "container getProperties": "getFileSystem",
  "container delete": "deleteFileSystem",
  "container setMetadata": "setFileSystemMetadata",
  "container getAccessPolicy": "getFileSystemPolicies",
  "container setAccessPolicy": "setFileSystemPolicies",
  "container restore": "restoreFileSystem",
  "container submitBatch": "runBatch",
  "container acquireLease": "leaseFileSystem",
  "container releaseLease": "leaseFileSystem",
  "container renewLease": "leaseFileSystem",
  "container breakLease": "leaseFileSystem",
  "container changeLease": "leaseFileSystem",
  "container listBlobFlatSegment": "listBlobs",
  "container listBlobHierarchySegment": "listBlobs",
  "container getAccountInfo": "getAccountInfo",
  "service setProperties": "setServiceProperties",
  "service getProperties": "getServiceProperties",
  "service getStatistics": "getServiceStats",
  "service listContainersSegment": "listFileSystems",
  "service getUserDelegationKey": "getUserDelegationKey",
  "service getAccountInfo": "getAccountInfo",
  "service submitBatch": "runBatch",
  "fileSystemOperations create": "createFileSystem",
  "fileSystemOperations setProperties": "setFileSystemMetadata",
  "fileSystemOperations getProperties": "getFileSystem",
  "fileSystemOperations delete": "deleteFileSystem",
  "fileSystemOperations listPaths": "listPaths",
  "fileSystemOperations listBlobHierarchySegment": "listBlobs",
  "pathOperations create": "createPath movePath",
  "pathOperations update": "append flush setProperties setAccessControl setAccessControlRecursive",
  "pathOperations lease": "leasePath",
  "pathOperations read": "read",
  "pathOperations getProperties": "getProperties getAccessControl",
  "pathOperations delete": "removePath",
  "pathOperations setAccessControl": "setAccessControl",
  "pathOperations setAccessControlRecursive": "setAccessControlRecursive",
  "pathOperations flushData": "flush",
  "pathOperations appendData": "append",
  "pathOperations setExpiry": "setExpiry",
  "pathOperations undelete": "undeletePath",
  "service listFileSystems": "listFileSystems",
};

/** What an account with directories does not have, or the lake does not serve; tried elsewhere. */
const NOT_SERVED = [
  /^x-ms-(source-)?encryption-/,
  /^x-ms-(source-)?(if-)?tags$|^x-ms-copy-source-tag-option$/,
  /^x-ms-structured-/,
  /^x-ms-(immutability|legal-hold)/,
  /^x-ms-blob-public-access$/,
  /^x-ms-file-request-intent$/,
  /^x-ms-source-content-crc64$/,
  /^x-ms-access-tier-if-/,
  /^\?(versionid|deletetype)$/,
];
/** What is no header of this service's own, or stands in the table for all operations. */
const OF_HTTP = /^(accept|content-.*|range|x-ms-(version|client-request-id|meta)|\?timeout)$/;
const OPERATIONS_NOT_SERVED =
  /^pageBlob|Tags$|Immutability|LegalHold|query$|filterBlobs$|rename$|Arrow$/;

const specs = [...specsOf("storage-blob"), ...specsOf("storage-file-datalake")];

describe("of what Azure's own clients send, all is taken but what is known not to be served", () => {
  test.each(Object.entries(SERVED_BY))("%s", (name, servedBy) => {
    const found = specs.filter((spec) => spec.name === name);
    expect(found).not.toEqual([]);
    const taken = servedBy.split(" ").flatMap((one) => INPUTS[one]?.split(/\s+/) ?? [`no ${one}`]);
    const missing = found
      .flatMap(({ inputs }) => inputs)
      .filter((word) => !taken.includes(word) && !OF_HTTP.test(word))
      .filter((word) => !NOT_SERVED.some((pattern) => pattern.test(word)));
    expect(missing).toEqual([]);
  });

  test("and no operation is left out", () => {
    const left = specs.map(({ name }) => name).filter((name) => !(name in SERVED_BY));
    expect(left.filter((name) => !OPERATIONS_NOT_SERVED.test(name))).toEqual([]);
  });
});
