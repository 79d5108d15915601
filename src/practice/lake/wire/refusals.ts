import { Refusal } from "../../principal.ts";

type Headers = Readonly<Record<string, string>>;

/**
 * The refusals of Azure Storage that the lake gives, with the status and words of its REST
 * reference ("Common REST API error codes", "Blob service error codes", "Azure Data Lake Storage
 * error codes"). Each says the path dialect's name first where the two dialects differ.
 */
const KNOWN = {
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
  BlobNotFound: [404, "The specified blob does not exist."],
  BlockCountExceedsLimit: [
    409,
    "The committed block count cannot exceed the maximum limit of 50,000 blocks.",
  ],
  BlockListTooLong: [400, "The block list may not contain more than 50,000 blocks."],
  CannotVerifyCopySource: [404, "The specified resource does not exist."],
  ConditionNotMet: [412, "The condition specified using HTTP conditional header(s) is not met."],
  ContainerAlreadyExists: [409, "The specified container already exists."],
  ContainerNotFound: [404, "The specified container does not exist."],
  DirectoryIsNotEmpty: [
    409,
    "The recursive query parameter value must be true to delete a non-empty directory.",
  ],
  DirectoryNotEmpty: [
    409,
    "The recursive query parameter value must be true to delete a non-empty directory.",
  ],
  ExceedsMaxBatchRequestCount: [
    400,
    "The batch operation exceeds maximum number of allowed subrequests.",
  ],
  FilesystemAlreadyExists: [409, "The specified filesystem already exists."],
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
  LeaseNotPresentWithBlobOperation: [412, "There is currently no lease on the resource."],
  LeaseNotPresentWithContainerOperation: [412, "There is currently no lease on the container."],
  LeaseNotPresentWithLeaseOperation: [409, "There is currently no lease on the resource."],
  MaxBlobSizeConditionNotMet: [412, "The max blob size condition specified was not met."],
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
  NotModified: [304, "The condition specified using HTTP conditional header(s) is not met."],
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

/** Refuses a query parameter by name and value, as Azure does. */
export function refuseQuery(name: string, value: string): Refusal {
  const [status, message] = KNOWN.InvalidQueryParameterValue;
  return new Refusal(
    status,
    "InvalidQueryParameterValue",
    `${message} (${name}=${JSON.stringify(value.slice(0, 200))})`,
  );
}

/** Refuses a header by name, as Azure does. */
export function refuseHeader(name: string): Refusal {
  const [status, message] = KNOWN.InvalidHeaderValue;
  return new Refusal(status, "InvalidHeaderValue", `${message} (${name})`);
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
  const [status, message] = KNOWN.AuthenticationFailed;
  const refusal = new Refusal(status, "AuthenticationFailed", `${message} (${detail})`);
  return refusal.because({ by: "signature", why: detail });
}
