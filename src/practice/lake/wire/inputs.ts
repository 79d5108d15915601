import { type Call, header } from "./lake-call.ts";
import { type RefusalCode, refuseQuery, refuseUnserved } from "./refusals.ts";

const CONDITIONS = "if-match if-none-match if-modified-since if-unmodified-since";
const TIMES = "if-modified-since if-unmodified-since";
const LEASE = "x-ms-lease-id";
const SOURCE = `x-ms-source-if-match x-ms-source-if-none-match x-ms-source-if-modified-since
  x-ms-source-if-unmodified-since`;
const COPIED = `${SOURCE} x-ms-copy-source x-ms-copy-source-authorization x-ms-source-content-md5`;
const CHECKED = "x-ms-content-crc64";
const BLOB_CONTENT = `x-ms-blob-cache-control x-ms-blob-content-disposition
  x-ms-blob-content-encoding x-ms-blob-content-language x-ms-blob-content-md5
  x-ms-blob-content-type`;
const PATH_CONTENT = `x-ms-cache-control x-ms-content-disposition x-ms-content-encoding
  x-ms-content-language x-ms-content-md5 x-ms-content-type`;
const EXPIRY = "x-ms-expiry-option x-ms-expiry-time";
const ACCESS = "x-ms-owner x-ms-group x-ms-permissions x-ms-acl";
const LEASING = `x-ms-lease-id x-ms-lease-action x-ms-lease-duration x-ms-lease-break-period
  x-ms-proposed-lease-id`;
const APPEND_LEASE = `x-ms-lease-id x-ms-lease-action x-ms-lease-duration x-ms-proposed-lease-id`;
const APPENDED = "x-ms-blob-condition-appendpos";
const LISTED = "?prefix ?marker ?maxresults ?include";
const CONTAINER = "?restype ?resource";

/**
 * Headers and, after a question mark, query parameters of each operation, by the name of its
 * handler: what the service's reference lists and the lake acts on. Anything else that the service
 * knows is refused.
 */
export const INPUTS: Readonly<Record<string, string>> = {
  listFileSystems: `${LISTED} ?comp ?resource ?continuation`,
  getServiceProperties: "?restype ?comp",
  setServiceProperties: "?restype ?comp",
  getServiceStats: "?restype ?comp",
  getUserDelegationKey: "?restype ?comp",
  getAccountInfo: "?restype ?comp",
  runBatch: "?restype ?comp",

  createFileSystem: `x-ms-properties x-ms-default-encryption-scope
    x-ms-deny-encryption-scope-override ${CONTAINER}`,
  getFileSystem: `${LEASE} ${CONTAINER} ?comp`,
  setFileSystemMetadata: `${TIMES} ${LEASE} x-ms-properties ${CONTAINER} ?comp`,
  deleteFileSystem: `${TIMES} ${LEASE} ${CONTAINER}`,
  restoreFileSystem: `x-ms-deleted-container-name x-ms-deleted-container-version ?restype ?comp`,
  leaseFileSystem: `${TIMES} ${LEASING} ${CONTAINER} ?comp`,
  getFileSystemPolicies: `${LEASE} ${CONTAINER} ?comp`,
  setFileSystemPolicies: `${TIMES} ${LEASE} ${CONTAINER} ?comp`,
  listBlobs: `x-ms-upn ${LISTED} ${CONTAINER} ?comp ?delimiter ?showonly ?startfrom ?endbefore`,
  listPaths: `${CONTAINER} ?recursive ?directory ?continuation ?maxresults ?upn ?startfrom
    ?beginfrom`,

  read: `${CONDITIONS} ${LEASE} x-ms-upn x-ms-range x-ms-range-get-content-crc64 x-ms-range-get-content-md5
    ?snapshot`,
  getProperties: `${CONDITIONS} ${LEASE} x-ms-upn ?snapshot ?comp ?action ?upn`,
  removePath: `${CONDITIONS} ${LEASE} x-ms-delete-snapshots ?snapshot ?recursive ?paginated
    ?continuation`,
  leasePath: `${CONDITIONS} ${LEASING} ?comp`,

  createPath: `${CONDITIONS} ${LEASE} ${PATH_CONTENT} ${EXPIRY} ${ACCESS} x-ms-umask
    x-ms-properties x-ms-proposed-lease-id x-ms-lease-duration ?resource`,
  movePath: `${CONDITIONS} ${LEASE} ${SOURCE} ${PATH_CONTENT} x-ms-rename-source
    x-ms-source-lease-id x-ms-properties ?mode ?resource ?continuation`,
  append: `${APPEND_LEASE} ${CHECKED} ?action ?position ?flush`,
  flush: `${CONDITIONS} ${APPEND_LEASE} ${PATH_CONTENT} ?action ?position ?close
    ?retainuncommitteddata`,
  setProperties: `${CONDITIONS} ${LEASE} ${PATH_CONTENT} x-ms-properties ?action`,
  getAccessControl: `${CONDITIONS} ${LEASE} ?action ?upn`,
  checkAccess: `${CONDITIONS} ${LEASE} ?action ?fsaction`,
  setAccessControl: `${CONDITIONS} ${LEASE} ${ACCESS} ?action`,
  setAccessControlRecursive: "x-ms-acl ?action ?mode ?maxrecords ?forceflag ?continuation",

  setMetadata: `${CONDITIONS} ${LEASE} ?comp`,
  setContentHeaders: `${CONDITIONS} ${LEASE} ${BLOB_CONTENT} ?comp`,
  setExpiry: `${EXPIRY} ?comp`,
  undeletePath: "x-ms-undelete-source ?comp",
  takeSnapshot: `${CONDITIONS} ${LEASE} ?comp`,
  setTier: `${LEASE} x-ms-access-tier x-ms-rehydrate-priority ?comp ?snapshot`,
  putBlockBlob: `${CONDITIONS} ${LEASE} ${BLOB_CONTENT} ${CHECKED} ${EXPIRY} x-ms-blob-type
    x-ms-access-tier`,
  putAppendBlob: `${CONDITIONS} ${LEASE} ${BLOB_CONTENT} ${EXPIRY} x-ms-blob-type`,
  copyBlob: `${CONDITIONS} ${LEASE} ${COPIED} ${BLOB_CONTENT} ${EXPIRY} x-ms-blob-type
    x-ms-requires-sync x-ms-seal-blob x-ms-access-tier x-ms-rehydrate-priority x-ms-copy-source-blob-properties`,
  abortCopy: `${LEASE} x-ms-copy-action ?comp ?copyid`,
  putBlock: `${LEASE} ${CHECKED} ${COPIED} x-ms-source-range ?comp ?blockid`,
  putBlockList: `${CONDITIONS} ${LEASE} ${BLOB_CONTENT} ${CHECKED} ${EXPIRY} x-ms-access-tier
    ?comp`,
  getBlockList: `${LEASE} ?comp ?blocklisttype ?snapshot`,
  sealBlob: `${CONDITIONS} ${LEASE} ${APPENDED} ?comp`,
  appendBlock: `${CONDITIONS} ${LEASE} ${CHECKED} ${COPIED} ${APPENDED}
    x-ms-blob-condition-maxsize x-ms-blob-type x-ms-source-range ?comp`,
};

/**
 * Where OneLake serves an operation: on the account, on a workspace, anywhere in an item, or below
 * the folders that Fabric manages. It refuses all others.
 */
const BY_PLACE = {
  account: "getUserDelegationKey",
  workspace: "getFileSystem listPaths listBlobs",
  item: "read getProperties getAccessControl getBlockList",
  change: `createPath removePath movePath leasePath append flush setProperties setMetadata
    setContentHeaders putBlockBlob putBlock putBlockList putAppendBlob appendBlock copyBlob
    abortCopy`,
};

/** The same by the operation. */
export const ON_ONELAKE = Object.fromEntries(
  Object.entries(BY_PLACE).flatMap(([place, names]) =>
    names.split(/\s+/).map((name) => [name, place]),
  ),
) as Readonly<Record<string, keyof typeof BY_PLACE>>;

/** Headers that OneLake ignores, and names in `x-ms-rejected-headers`. */
export const IGNORED_ON_ONELAKE = `x-ms-owner x-ms-group x-ms-permissions x-ms-acl x-ms-acls
  x-ms-encryption-key x-ms-encryption-key-sha256 x-ms-encryption-algorithm
  x-ms-access-tier`.split(/\s+/);

/** Parameters that no signature for OneLake may have. */
export const SAS_NOT_ON_ONELAKE =
  "saoid suoid scid ses sip rscc rscd rsce rscl rsct si ss srt".split(" ");

const NOT_WITH_DIRECTORIES = "FeatureNotYetSupportedForHierarchicalNamespaceAccounts";

/** Refusals with their own code, and inputs that no operation here takes. */
export const REFUSED: Readonly<Record<string, RefusalCode>> = {
  "if-match": "ConditionHeadersNotSupported",
  "if-modified-since": "ConditionHeadersNotSupported",
  "if-none-match": "ConditionHeadersNotSupported",
  "if-unmodified-since": "ConditionHeadersNotSupported",
  "x-ms-blob-public-access": "PublicAccessNotPermitted",
  "x-ms-copy-source-tag-option": NOT_WITH_DIRECTORIES,
  "x-ms-if-tags": NOT_WITH_DIRECTORIES,
  "x-ms-immutability-policy-mode": NOT_WITH_DIRECTORIES,
  "x-ms-immutability-policy-until-date": NOT_WITH_DIRECTORIES,
  "x-ms-legal-hold": NOT_WITH_DIRECTORIES,
  "x-ms-source-if-tags": NOT_WITH_DIRECTORIES,
  "x-ms-tags": NOT_WITH_DIRECTORIES,
  "?blobtype": "UnsupportedQueryParameter",
  "?deletetype": "UnsupportedQueryParameter",
  "?prevsnapshot": NOT_WITH_DIRECTORIES,
  "?ses": "UnsupportedQueryParameter",
  "?versionid": NOT_WITH_DIRECTORIES,
  "?where": NOT_WITH_DIRECTORIES,
};

/** Values of `include` by the name of the handler. */
const INCLUDED: Readonly<Record<string, readonly string[]>> = {
  listBlobs: ["copy", "deleted", "metadata", "permissions", "snapshots", "uncommittedblobs"],
  listFileSystems: ["deleted", "metadata", "system"],
};
/** Values that are refused. */
const NOT_INCLUDED = ["deletedwithversions", "immutabilitypolicy", "legalhold", "tags", "versions"];

/** Headers that every operation takes. */
const EVERYWHERE = new Set(
  "x-ms-date x-ms-version x-ms-return-client-request-id x-ms-useragent".split(" "),
);
const FREE = ["x-ms-client-", "x-ms-meta-"];

const TAKEN = new Map(
  Object.entries(INPUTS).map(([name, words]) => [name, new Set(words.split(/\s+/))]),
);
/** Parameters that the service knows; it ignores all others. */
const PARAMETERS = new Set([...TAKEN.values()].flatMap((words) => [...words]));
/** Parameters of the Blob endpoint only. */
const OF_BLOBS = new Set(
  `?blockid ?blocklisttype ?copyid ?delimiter ?endbefore ?include ?marker ?prefix
  ?showonly`.split(/\s+/),
);
const OF_PATHS = new Set(
  `?action ?beginfrom ?close ?continuation ?directory ?flush ?forceflag ?fsaction ?maxrecords ?mode
  ?paginated ?position ?recursive ?resource ?retainuncommitteddata ?upn`.split(/\s+/),
);

/**
 * Refuses headers and parameters that the operation does not take.
 *
 * @param operation name of the handler
 */
export function refuseOtherInputs(call: Call, operation: string): void {
  const taken = TAKEN.get(operation);
  if (!taken) throw new Error(`no inputs are listed for ${operation}`);
  for (const name of Object.keys(call.request.headers)) {
    if (header(call, name) === undefined || taken.has(name)) continue;
    if (isOfService(name)) {
      throw refuseUnserved("header", name, REFUSED[name] ?? "UnsupportedHeader");
    }
  }
  const foreign = call.dialect === "blob" ? OF_PATHS : OF_BLOBS;
  for (const name of call.query.keys()) {
    const word = `?${name}`;
    if (taken.has(word) || foreign.has(word)) continue;
    if (PARAMETERS.has(word) || Object.hasOwn(REFUSED, word)) {
      throw refuseUnserved("query", name, REFUSED[word] ?? "UnsupportedQueryParameter");
    }
  }
  const include = call.query.get("include");
  if (include) refuseOtherIncludes(include, INCLUDED[operation] ?? []);
  const scope = header(call, "x-ms-default-encryption-scope") ?? ACCOUNT_KEY;
  if (scope !== ACCOUNT_KEY) {
    throw refuseUnserved("header", "x-ms-default-encryption-scope", "UnsupportedHeader");
  }
}

function refuseOtherIncludes(include: string, served: readonly string[]): void {
  for (const word of include.split(",").map((one) => one.trim().toLowerCase())) {
    if (word === "" || served.includes(word)) continue;
    if (NOT_INCLUDED.includes(word)) throw refuseUnserved("query", word, NOT_WITH_DIRECTORIES);
    throw refuseQuery("include", include);
  }
}

const ACCOUNT_KEY = "$account-encryption-key";

/** Whether the service knows a header: all of its own but a few. */
function isOfService(name: string): boolean {
  if (!name.startsWith("x-ms-")) return Object.hasOwn(REFUSED, name);
  return !EVERYWHERE.has(name) && !FREE.some((start) => name.startsWith(start));
}
