import { type Call, header } from "./call.ts";
import { type RefusalCode, refuseUnserved } from "./refusals.ts";

type Part = "header" | "query";
type Parts = Readonly<Record<string, RefusalCode>>;

const NOT_WITH_DIRECTORIES = "FeatureNotYetSupportedForHierarchicalNamespaceAccounts";

/**
 * What the service acts on and the lake does not, by the reference of its operations, and what it
 * is refused with. What stands neither here nor in `SERVED` the service ignores as well.
 */
const HEADERS: Parts = {
  "x-ms-blob-public-access": "PublicAccessNotPermitted",
  "x-ms-blob-sequence-number": "UnsupportedHeader",
  "x-ms-content-crc64": "UnsupportedHeader",
  "x-ms-copy-source-tag-option": NOT_WITH_DIRECTORIES,
  "x-ms-encryption-algorithm": "UnsupportedHeader",
  "x-ms-encryption-context": "UnsupportedHeader",
  "x-ms-encryption-key": "UnsupportedHeader",
  "x-ms-encryption-key-sha256": "UnsupportedHeader",
  "x-ms-encryption-scope": "UnsupportedHeader",
  "x-ms-expiry-option": "UnsupportedHeader",
  "x-ms-if-tags": NOT_WITH_DIRECTORIES,
  "x-ms-immutability-policy-mode": NOT_WITH_DIRECTORIES,
  "x-ms-immutability-policy-until-date": NOT_WITH_DIRECTORIES,
  "x-ms-legal-hold": NOT_WITH_DIRECTORIES,
  "x-ms-range-get-content-crc64": "UnsupportedHeader",
  "x-ms-range-get-content-md5": "UnsupportedHeader",
  "x-ms-seal-blob": "UnsupportedHeader",
  "x-ms-source-content-crc64": "UnsupportedHeader",
  "x-ms-source-content-md5": "UnsupportedHeader",
  "x-ms-source-encryption-algorithm": "UnsupportedHeader",
  "x-ms-source-encryption-key": "UnsupportedHeader",
  "x-ms-source-encryption-key-sha256": "UnsupportedHeader",
  "x-ms-source-if-tags": NOT_WITH_DIRECTORIES,
  "x-ms-structured-body": "UnsupportedHeader",
  "x-ms-tags": NOT_WITH_DIRECTORIES,
};
const PARAMETERS: Parts = {
  blobtype: "UnsupportedQueryParameter",
  endbefore: "UnsupportedQueryParameter",
  prevsnapshot: NOT_WITH_DIRECTORIES,
  ses: "UnsupportedQueryParameter",
  startfrom: "UnsupportedQueryParameter",
  versionid: NOT_WITH_DIRECTORIES,
};
/** What a listing may be asked to include, by the reference, and cannot. */
const INCLUDED: Parts = {
  deletedwithversions: NOT_WITH_DIRECTORIES,
  immutabilitypolicy: NOT_WITH_DIRECTORIES,
  legalhold: NOT_WITH_DIRECTORIES,
  tags: NOT_WITH_DIRECTORIES,
  versions: NOT_WITH_DIRECTORIES,
};

/** Of all these, what an operation does act on, by the name of what serves it. */
const SERVED: Readonly<Record<string, readonly string[]>> = {
  append: ["x-ms-content-crc64"],
  appendBlock: ["x-ms-content-crc64", "x-ms-source-content-md5"],
  copyBlob: ["x-ms-expiry-option", "x-ms-source-content-md5"],
  createPath: ["x-ms-expiry-option"],
  listBlobs: ["endbefore", "startfrom"],
  listPaths: ["startfrom"],
  putBlock: ["x-ms-content-crc64", "x-ms-source-content-md5"],
  putBlockBlob: ["x-ms-content-crc64", "x-ms-expiry-option"],
  putBlockList: ["x-ms-content-crc64", "x-ms-expiry-option"],
  read: ["x-ms-range-get-content-crc64", "x-ms-range-get-content-md5"],
  setExpiry: ["x-ms-expiry-option"],
};

/**
 * Refuses what a request asks for beside the operation itself, and would not get.
 *
 * @param operation name of the function that serves it
 */
export function refuseUnservedParts(call: Call, operation: string): void {
  const served = SERVED[operation] ?? [];
  const demandServed = (part: Part, name: string, known: Parts) => {
    const code = Object.hasOwn(known, name) && !served.includes(name) ? known[name] : undefined;
    if (code) throw refuseUnserved(part, name, code);
  };
  for (const name of Object.keys(call.request.headers)) {
    if (name.startsWith("x-ms-")) demandServed("header", name, HEADERS);
  }
  for (const name of call.query.keys()) demandServed("query", name, PARAMETERS);
  for (const word of call.query.get("include")?.toLowerCase().split(",") ?? []) {
    demandServed("query", word.trim(), INCLUDED);
  }
  const scope = header(call, "x-ms-default-encryption-scope") ?? ACCOUNT_KEY;
  if (scope !== ACCOUNT_KEY) {
    throw refuseUnserved("header", "x-ms-default-encryption-scope", "UnsupportedHeader");
  }
}

const ACCOUNT_KEY = "$account-encryption-key";
