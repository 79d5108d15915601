import { Refusal } from "../../principal.ts";

type Headers = Readonly<Record<string, string>>;

/** A refusal of which the service says more than its message, in elements of their own. */
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
 * The refusals of Azure Storage that the lake gives, with the status and words of its REST
 * reference ("Common REST API error codes", "Blob service error codes", "Azure Data Lake Storage
 * error codes"). Each says the path dialect's name first where the two dialects differ.
 */
export const KNOWN = {
  AccountIsDisabled: [403, "The specified account is disabled."],
  AppendPositionConditionNotMet: [412, "The append position condition specified was not met."],
  AuthenticationFailed: [
    403,
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
  ],
  AuthorizationFailure: [403, "This request is not authorized to perform this operation."],
  AuthorizationProtocolMismatch: [
    403,
    "This request is not authorized to perform this operation using this protocol.",
  ],
  AuthorizationResourceTypeMismatch: [
    403,
    "This request is not authorized to perform this operation using this resource type.",
  ],
  AuthorizationServiceMismatch: [
    403,
    "This request is not authorized to perform this operation using this service.",
  ],
  AuthorizationSourceIPMismatch: [
    403,
    "This request is not authorized to perform this operation using this source IP.",
  ],
  AuthorizationPermissionMismatch: [
    403,
    "This request is not authorized to perform this operation using this permission.",
  ],
  BadOffset: [400, "The offset is not the length of the file."],
  BlobAlreadyExists: [409, "The specified blob already exists."],
  BlobArchived: [409, "This operation is not permitted on an archived blob."],
  BlobBeingRehydrated: [
    409,
    "This operation is not permitted because the blob is being rehydrated.",
  ],
  BlobIsSealed: [
    409,
    "The specified blob is sealed and its contents can't be modified unless the blob is re-created after a delete.",
  ],
  BlobNotFound: [404, "The specified blob does not exist."],
  BothCrc64AndMd5RangeHeaderPresent: [
    400,
    "Both x-ms-content-crc64 header and Content-MD5 header are present.",
  ],
  BlobOperationNotSupported: [409, "Blob operation is not supported."],
  BlockCountExceedsLimit: [
    409,
    "The committed block count cannot exceed the maximum limit of 50,000 blocks.",
  ],
  BlockListTooLong: [400, "The block list may not contain more than 50,000 blocks."],
  CannotVerifyCopySource: [404, "The specified resource does not exist."],
  ConditionHeadersNotSupported: [400, "Condition headers are not supported."],
  ConditionNotMet: [412, "The condition specified using HTTP conditional header(s) is not met."],
  ContainerAlreadyExists: [409, "The specified container already exists."],
  ContainerBeingDeleted: [409, "The specified container is being deleted. Try operation later."],
  ContainerNotFound: [404, "The specified container does not exist."],
  CorsPreflightFailure: [403, "CORS not enabled or no matching rule found for this request."],
  Crc64Mismatch: [
    400,
    "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",
  ],
  DirectoryIsNotEmpty: [
    409,
    "The recursive query parameter value must be true to delete a non-empty directory.",
  ],
  DirectoryNotEmpty: [
    409,
    "The recursive query parameter value must be true to delete a non-empty directory.",
  ],
  EmptyMetadataKey: [400, "The key for one of the metadata key-value pairs is empty."],
  ExceedsMaxBatchRequestCount: [
    400,
    "The batch operation exceeds maximum number of allowed subrequests.",
  ],
  ExpiryNotSupportedForDirectory: [400, "Set Expiry is not supported for a directory."],
  FeatureNotYetSupportedForHierarchicalNamespaceAccounts: [
    409,
    "This feature is not yet supported for hierarchical namespace accounts.",
  ],
  FilesystemAlreadyExists: [409, "The specified filesystem already exists."],
  FilesystemBeingDeleted: [409, "The specified filesystem is being deleted."],
  FilesystemNotFound: [404, "The specified filesystem does not exist."],
  InternalError: [500, "The server encountered an internal error. Please retry the request."],
  CopyIdMismatch: [
    409,
    "The specified copy ID did not match the copy ID for the pending copy operation.",
  ],
  InvalidAuthenticationInfo: [
    401,
    "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
  ],
  InvalidBlobOrBlock: [400, "The specified blob or block content is invalid."],
  InvalidBlobType: [409, "The blob type is invalid for this operation."],
  InvalidBlockId: [400, "The specified block ID is invalid."],
  InvalidBlockList: [400, "The specified block list is invalid."],
  InvalidFlushPosition: [
    400,
    "The uploaded data is not contiguous or the position query parameter value is not equal to the length of the file after appending the uploaded data.",
  ],
  InvalidHeaderValue: [400, "The value for one of the HTTP headers is not in the correct format."],
  InvalidInput: [400, "One of the request inputs is not valid."],
  InvalidQueryParameterValue: [
    400,
    "Value for one of the query parameters specified in the request URI is invalid.",
  ],
  InvalidMd5: [
    400,
    "The MD5 value specified in the request is invalid. The MD5 value must be 128 bits and Base64-encoded.",
  ],
  InvalidMetadata: [
    400,
    "The metadata specified is invalid. It has characters that are not permitted.",
  ],
  InvalidRange: [416, "The range specified is invalid for the current size of the resource."],
  InvalidRenameSourcePath: [
    409,
    "The source directory cannot be the same as the destination directory, nor can the destination be a subdirectory of the source directory.",
  ],
  InvalidSourceOrDestinationResourceType: [
    409,
    "The source and destination resource type must be identical.",
  ],
  InvalidSourceUri: [400, "The source URI is invalid."],
  InvalidResourceName: [400, "The specified resource name contains invalid characters."],
  InvalidAppendOperation: [
    409,
    "The resource was created or modified by the Azure Blob Service API and cannot be appended to by the Azure Data Lake Storage Service API.",
  ],
  InvalidUri: [400, "The requested URI does not represent any resource on the server."],
  InvalidXmlDocument: [400, "XML specified is not syntactically valid."],
  InvalidXmlNodeValue: [
    400,
    "The value provided for one of the XML nodes in the request body was not in the correct format.",
  ],
  LeaseAlreadyPresent: [409, "There is already a lease present."],
  LeaseIdMismatchWithBlobOperation: [
    412,
    "The lease ID specified did not match the lease ID for the resource with the specified operation.",
  ],
  LeaseIdMismatchWithContainerOperation: [
    412,
    "The lease ID specified did not match the lease ID for the container.",
  ],
  LeaseIdMismatchWithLeaseOperation: [
    409,
    "The lease ID specified did not match the lease ID for the resource with the specified lease operation.",
  ],
  LeaseIdMissing: [
    412,
    "There is currently a lease on the resource and no lease ID was specified in the request.",
  ],
  LeaseIsBreakingAndCannotBeAcquired: [
    409,
    "The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken.",
  ],
  LeaseIsBreakingAndCannotBeChanged: [
    409,
    "The lease ID matched, but the lease is currently in breaking state and cannot be changed.",
  ],
  LeaseIsBrokenAndCannotBeRenewed: [
    409,
    "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.",
  ],
  LeaseLost: [412, "A lease ID was specified, but the lease for the resource has expired."],
  LeaseNotPresentWithBlobOperation: [412, "There is currently no lease on the resource."],
  LeaseNotPresentWithContainerOperation: [412, "There is currently no lease on the container."],
  LeaseNotPresentWithLeaseOperation: [409, "There is currently no lease on the resource."],
  MaxBlobSizeConditionNotMet: [412, "The max blob size condition specified was not met."],
  MetadataTooLarge: [400, "The metadata specified exceeds the maximum permissible limit (8KB)."],
  Md5Mismatch: [
    400,
    "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
  ],
  MissingRequiredHeader: [
    400,
    "An HTTP header that's mandatory for this request is not specified.",
  ],
  MissingRequiredQueryParameter: [
    400,
    "A required query parameter was not specified for this request.",
  ],
  NoAuthenticationInformation: [
    401,
    "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
  ],
  NoPendingCopyOperation: [409, "There is currently no pending copy operation."],
  OperationNotSupportedOnDirectory: [409, "This operation is not supported on a directory."],
  OutOfRangeInput: [400, "One of the request inputs is out of range."],
  PathAlreadyExists: [409, "The specified path already exists."],
  PathConflict: [
    409,
    "The specified path, or an element of the path, exists and its resource type is invalid for this operation.",
  ],
  PathNotFound: [404, "The specified path does not exist."],
  PendingCopyOperation: [409, "There is currently a pending copy operation."],
  PublicAccessNotPermitted: [409, "Public access is not permitted on this storage account."],
  RenameDestinationParentPathNotFound: [
    404,
    "The parent directory of the destination path does not exist.",
  ],
  RequestBodyTooLarge: [
    413,
    "The request body is too large and exceeds the maximum permissible limit.",
  ],
  ResourceNotFound: [404, "The specified resource does not exist."],
  ResourceTypeMismatch: [409, "The specified resource type does not match the existing resource."],
  SnapshotsPresent: [409, "This operation is not permitted because the blob has snapshots."],
  SourceConditionNotMet: [
    412,
    "The source condition specified using HTTP conditional header(s) is not met.",
  ],
  SourcePathNotFound: [404, "The source path for a rename operation does not exist."],
  TargetConditionNotMet: [
    412,
    "The target condition specified using HTTP conditional header(s) is not met.",
  ],
  UnsupportedHttpVerb: [405, "The resource doesn't support the specified HTTP verb."],
  UnsupportedHeader: [400, "One of the HTTP headers specified in the request is not supported."],
  UnsupportedOperation: [400, "The operation is not supported."],
  UnsupportedQueryParameter: [
    400,
    "One of the query parameters specified in the request URI is not supported.",
  ],
} as const satisfies Record<string, readonly [number, string]>;

export type RefusalCode = keyof typeof KNOWN;

/** A refusal with Azure's status and words; throw what it returns. */
export function refuse(code: RefusalCode, headers: Headers = {}): Refusal {
  const [status, message] = KNOWN[code];
  return new Refusal(status, code, message, headers);
}

/** Says that a reader has it already, with what it is. */
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

/**
 * Refuses what stands in a document from an offset on, as Azure does: lines and positions count
 * from 1.
 */
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

/** Refuses a client by its address, in the words of Gen1. */
export function refuseAddress(account: string, address: string): Refusal {
  return new Refusal(
    403,
    "AccessDeniedByFirewall",
    `The client IP '${address}' is not allowed, meanwhile the request doesn't originate from an ` +
      `allowed virtual network, based on the configuration of the Azure Data Lake account '${account}'.`,
  );
}

/** Refuses to copy from a source, with the status and words of what is wrong with it. */
export function refuseSource(status: number, message: string, headers: Headers = {}): Refusal {
  return new Refusal(status, "CannotVerifyCopySource", message, headers);
}

/** Refuses a signature, saying what is wrong with it where the service does. */
export function refuseSignature(detail: string): Refusal {
  const refusal = new DetailedRefusal("AuthenticationFailed", {
    AuthenticationErrorDetail: detail,
  });
  return refusal.because({ by: "signature", why: detail });
}
