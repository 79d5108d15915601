import { type Call, header } from "./call.ts";
import { type RefusalCode, refuseHeader, refuseUnserved } from "./refusals.ts";

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
  listBlobs: ["startfrom"],
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

/** Versions of the service, up to the newest that its clients named when this was written. */
const VERSIONS = new Set(
  `2009-07-17 2009-09-19 2011-08-18 2012-02-12 2013-08-15 2014-02-14 2015-02-21 2015-04-05
  2015-07-08 2015-12-11 2016-05-31 2017-04-17 2017-07-29 2017-11-09 2018-03-28 2018-06-17
  2018-11-09 2019-02-02 2019-07-07 2019-10-10 2019-12-12 2020-02-10 2020-04-08 2020-06-12
  2020-08-04 2020-10-02 2020-12-06 2021-02-12 2021-04-10 2021-06-08 2021-08-06 2021-10-04
  2021-12-02 2022-11-02 2023-01-03 2023-05-03 2023-08-03 2023-11-03 2024-02-04 2024-05-04
  2024-08-04 2024-11-04 2025-01-05 2025-05-05 2025-07-05 2025-11-05 2026-02-06 2026-04-06
  2026-06-06 2026-10-06`.split(/\s+/),
);
const NEWEST = "2026-10-06";

/** Whether a text names a version of the service, or one that came after this was written. */
export function isVersion(text: string): boolean {
  return VERSIONS.has(text) || (/^20\d\d-[01]\d-[0-3]\d$/.test(text) && text > NEWEST);
}

/** Refuses a request of a version that there never was. */
export function checkVersion(call: Call): void {
  const version = header(call, "x-ms-version");
  if (version !== undefined && !isVersion(version)) throw refuseHeader("x-ms-version");
}
