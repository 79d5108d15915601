import { Refusal } from "../../service-refusal.ts";

type Headers = Readonly<Record<string, string>>;

/** A refusal with details beside its message. */
export class DetailedRefusal extends Refusal {
  /** Elements by their names. */
  readonly details: Readonly<Record<string, string>>;

  constructor(code: RefusalCode, details: Readonly<Record<string, string>>) {
    const [status, message] = KNOWN[code];
    super(status, code, message);
    this.details = details;
  }
}

/**
 * The refusals of Azure Storage, by status, with the messages of its REST reference ("Common REST
 * API error codes", "Blob service error codes", "Azure Data Lake Storage error codes"). Where the
 * two endpoints differ, codes are those of the Data Lake endpoint.
 */
const BY_STATUS = {
  400: {
    BadOffset: "The offset is not the length of the file.",
    BlockListTooLong: "The block list may not contain more than 50,000 blocks.",
    BothCrc64AndMd5RangeHeaderPresent:
      "Both x-ms-content-crc64 header and Content-MD5 header are present.",
    ConditionHeadersNotSupported: "Condition headers are not supported.",
    Crc64Mismatch:
      "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",
    EmptyMetadataKey: "The key for one of the metadata key-value pairs is empty.",
    ExceedsMaxBatchRequestCount:
      "The batch operation exceeds maximum number of allowed subrequests.",
    ExpiryNotSupportedForDirectory: "Set Expiry is not supported for a directory.",
    InvalidBlobOrBlock: "The specified blob or block content is invalid.",
    InvalidBlockId: "The specified block ID is invalid.",
    InvalidBlockList: "The specified block list is invalid.",
    InvalidFlushPosition:
      "The uploaded data is not contiguous or the position query parameter value is not equal to the length of the file after appending the uploaded data.",
    InvalidHeaderValue: "The value for one of the HTTP headers is not in the correct format.",
    InvalidInput: "One of the request inputs is not valid.",
    InvalidMd5:
      "The MD5 value specified in the request is invalid. The MD5 value must be 128 bits and Base64-encoded.",
    InvalidMetadata: "The metadata specified is invalid. It has characters that are not permitted.",
    InvalidQueryParameterValue:
      "Value for one of the query parameters specified in the request URI is invalid.",
    InvalidResourceName: "The specified resource name contains invalid characters.",
    InvalidSourceUri: "The source URI is invalid.",
    InvalidUri: "The requested URI does not represent any resource on the server.",
    InvalidXmlDocument: "XML specified is not syntactically valid.",
    InvalidXmlNodeValue:
      "The value provided for one of the XML nodes in the request body was not in the correct format.",
    Md5Mismatch:
      "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
    MetadataTooLarge: "The metadata specified exceeds the maximum permissible limit (8KB).",
    MissingRequiredHeader: "An HTTP header that's mandatory for this request is not specified.",
    MissingRequiredQueryParameter: "A required query parameter was not specified for this request.",
    OutOfRangeInput: "One of the request inputs is out of range.",
    UnsupportedHeader: "One of the HTTP headers specified in the request is not supported.",
    UnsupportedOperation: "The operation is not supported.",
    UnsupportedQueryParameter:
      "One of the query parameters specified in the request URI is not supported.",
  },
  401: {
    InvalidAuthenticationInfo:
      "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    NoAuthenticationInformation:
      "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
  },
  403: {
    AccountIsDisabled: "The specified account is disabled.",
    AuthenticationFailed:
      "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
    AuthorizationFailure: "This request is not authorized to perform this operation.",
    AuthorizationPermissionMismatch:
      "This request is not authorized to perform this operation using this permission.",
    AuthorizationProtocolMismatch:
      "This request is not authorized to perform this operation using this protocol.",
    AuthorizationResourceTypeMismatch:
      "This request is not authorized to perform this operation using this resource type.",
    AuthorizationServiceMismatch:
      "This request is not authorized to perform this operation using this service.",
    AuthorizationSourceIPMismatch:
      "This request is not authorized to perform this operation using this source IP.",
    CorsPreflightFailure: "CORS not enabled or no matching rule found for this request.",
  },
  404: {
    BlobNotFound: "The specified blob does not exist.",
    CannotVerifyCopySource: "The specified resource does not exist.",
    ContainerNotFound: "The specified container does not exist.",
    FilesystemNotFound: "The specified filesystem does not exist.",
    PathNotFound: "The specified path does not exist.",
    RenameDestinationParentPathNotFound:
      "The parent directory of the destination path does not exist.",
    ResourceNotFound: "The specified resource does not exist.",
    SourcePathNotFound: "The source path for a rename operation does not exist.",
  },
  405: {
    UnsupportedHttpVerb: "The resource doesn't support the specified HTTP verb.",
  },
  409: {
    BlobAlreadyExists: "The specified blob already exists.",
    BlobArchived: "This operation is not permitted on an archived blob.",
    BlobBeingRehydrated: "This operation is not permitted because the blob is being rehydrated.",
    BlobIsSealed:
      "The specified blob is sealed and its contents can't be modified unless the blob is re-created after a delete.",
    BlobOperationNotSupported: "Blob operation is not supported.",
    BlockCountExceedsLimit:
      "The committed block count cannot exceed the maximum limit of 50,000 blocks.",
    ContainerAlreadyExists: "The specified container already exists.",
    ContainerBeingDeleted: "The specified container is being deleted. Try operation later.",
    CopyIdMismatch:
      "The specified copy ID did not match the copy ID for the pending copy operation.",
    DirectoryIsNotEmpty:
      "The recursive query parameter value must be true to delete a non-empty directory.",
    DirectoryNotEmpty:
      "The recursive query parameter value must be true to delete a non-empty directory.",
    FeatureNotYetSupportedForHierarchicalNamespaceAccounts:
      "This feature is not yet supported for hierarchical namespace accounts.",
    FilesystemAlreadyExists: "The specified filesystem already exists.",
    FilesystemBeingDeleted: "The specified filesystem is being deleted.",
    InvalidAppendOperation:
      "The resource was created or modified by the Azure Blob Service API and cannot be appended to by the Azure Data Lake Storage Service API.",
    InvalidBlobType: "The blob type is invalid for this operation.",
    InvalidRenameSourcePath:
      "The source directory cannot be the same as the destination directory, nor can the destination be a subdirectory of the source directory.",
    InvalidSourceOrDestinationResourceType:
      "The source and destination resource type must be identical.",
    LeaseAlreadyPresent: "There is already a lease present.",
    LeaseIdMismatchWithLeaseOperation:
      "The lease ID specified did not match the lease ID for the resource with the specified lease operation.",
    LeaseIsBreakingAndCannotBeAcquired:
      "The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken.",
    LeaseIsBreakingAndCannotBeChanged:
      "The lease ID matched, but the lease is currently in breaking state and cannot be changed.",
    LeaseIsBrokenAndCannotBeRenewed:
      "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.",
    LeaseNotPresentWithLeaseOperation: "There is currently no lease on the resource.",
    NoPendingCopyOperation: "There is currently no pending copy operation.",
    OperationNotSupportedOnDirectory: "This operation is not supported on a directory.",
    PathAlreadyExists: "The specified path already exists.",
    PathConflict:
      "The specified path, or an element of the path, exists and its resource type is invalid for this operation.",
    PendingCopyOperation: "There is currently a pending copy operation.",
    PublicAccessNotPermitted: "Public access is not permitted on this storage account.",
    ResourceTypeMismatch: "The specified resource type does not match the existing resource.",
    SnapshotsPresent: "This operation is not permitted because the blob has snapshots.",
  },
  412: {
    AppendPositionConditionNotMet: "The append position condition specified was not met.",
    ConditionNotMet: "The condition specified using HTTP conditional header(s) is not met.",
    LeaseIdMismatchWithBlobOperation:
      "The lease ID specified did not match the lease ID for the resource with the specified operation.",
    LeaseIdMismatchWithContainerOperation:
      "The lease ID specified did not match the lease ID for the container.",
    LeaseIdMissing:
      "There is currently a lease on the resource and no lease ID was specified in the request.",
    LeaseLost: "A lease ID was specified, but the lease for the resource has expired.",
    LeaseNotPresentWithBlobOperation: "There is currently no lease on the resource.",
    LeaseNotPresentWithContainerOperation: "There is currently no lease on the container.",
    MaxBlobSizeConditionNotMet: "The max blob size condition specified was not met.",
    SourceConditionNotMet:
      "The source condition specified using HTTP conditional header(s) is not met.",
    TargetConditionNotMet:
      "The target condition specified using HTTP conditional header(s) is not met.",
  },
  413: {
    RequestBodyTooLarge: "The request body is too large and exceeds the maximum permissible limit.",
  },
  416: {
    InvalidRange: "The range specified is invalid for the current size of the resource.",
  },
  500: {
    InternalError: "The server encountered an internal error. Please retry the request.",
  },
} as const;

type ByStatus = typeof BY_STATUS;
export type RefusalCode = { [S in keyof ByStatus]: keyof ByStatus[S] }[keyof ByStatus];

const entries = Object.entries(BY_STATUS).flatMap(([status, messages]) =>
  Object.entries<string>(messages).map(([code, text]) => [code, [Number(status), text]] as const),
);

/** Status and words of each refusal. */
export const KNOWN = Object.fromEntries(entries) as Readonly<
  Record<RefusalCode, readonly [number, string]>
>;

/** A refusal with Azure's status and message, to be thrown. */
export function refuse(code: RefusalCode, headers: Headers = {}): Refusal {
  const [status, message] = KNOWN[code];
  return new Refusal(status, code, message, headers);
}

/** 304, with the headers of the current version. */
export function refuseUnmodified(headers: Headers = {}): Refusal {
  return new Refusal(304, "ConditionNotMet", KNOWN.ConditionNotMet[1], headers);
}

/** Refuses a query parameter by name and value, as Azure does. */
export function refuseQuery(name: string, value: string, why = ""): Refusal {
  const details = {
    QueryParameterName: name,
    QueryParameterValue: value.slice(0, 200),
    Reason: why,
  };
  const refusal = new DetailedRefusal("InvalidQueryParameterValue", details);
  return refusal.because({ by: "request", part: "query", name, ...(why !== "" && { why }) });
}

/** Refuses a header by name, as Azure does. */
export function refuseHeader(name: string, why = ""): Refusal {
  const refusal = new DetailedRefusal("InvalidHeaderValue", { HeaderName: name });
  return refusal.because({ by: "request", part: "header", name, ...(why !== "" && { why }) });
}

/** Refuses what the service knows and the lake does not serve. */
export function refuseUnserved(part: "header" | "query", name: string, code: RefusalCode): Refusal {
  const refusal = refuse(code);
  const why = "the operation does not take it, or the practice lake does not serve it";
  return refusal.because({ by: "request", part, name, why });
}

/** Refuses an element of a document, by its line and position, from 1. */
export function refuseXml(document: string, start: number, why: string): Refusal {
  const lines = document
    .replace(/^\uFEFF/, "")
    .slice(0, start)
    .split("\n");
  return new DetailedRefusal("InvalidXmlDocument", {
    LineNumber: String(lines.length),
    LinePosition: String((lines.at(-1)?.length ?? 0) + 1),
    Reason: why,
  });
}

/** Refuses a client by its address, as Gen1 does. */
export function refuseAddress(account: string, address: string): Refusal {
  return new Refusal(
    403,
    "AccessDeniedByFirewall",
    `The client IP '${address}' is not allowed, meanwhile the request doesn't originate from an ` +
      `allowed virtual network, based on the configuration of the Azure Data Lake account '${account}'.`,
  );
}

/** Refuses a copy with the status and message of the source's refusal. */
export function refuseSource(status: number, message: string, headers: Headers = {}): Refusal {
  return new Refusal(status, "CannotVerifyCopySource", message, headers);
}

/** Refuses a signature, with the reason where the service gives it. */
export function refuseSignature(detail: string): Refusal {
  const refusal = new DetailedRefusal("AuthenticationFailed", {
    AuthenticationErrorDetail: detail,
  });
  return refusal.because({ by: "signature", why: detail });
}
