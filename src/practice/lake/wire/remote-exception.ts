import type { Refusal } from "../../service-refusal.ts";

interface RemoteException {
  readonly status: number;
  readonly exception: string;
  readonly javaClassName: string;
}

const NOT_FOUND = ["FileNotFoundException", "java.io"];
const DENIED = ["AccessControlException", "org.apache.hadoop.security"];
const SECURITY = ["SecurityException", "java.lang"];
const EXISTS = ["FileAlreadyExistsException", "org.apache.hadoop.fs"];
const ILLEGAL = ["IllegalArgumentException", "java.lang"];
const UNSUPPORTED = ["UnsupportedOperationException", "java.lang"];
const BAD_OFFSET = ["BadOffsetException", "org.apache.hadoop.fs.adl"];
const IO = ["IOException", "java.io"];
const RUNTIME = ["RuntimeException", "java.lang"];

// Status and exception of Gen1 by code.
const BY_CODE: Readonly<Record<string, readonly [number, readonly string[]]>> = {
  AuthorizationPermissionMismatch: [403, DENIED],
  BadOffset: [400, BAD_OFFSET],
  DirectoryNotEmpty: [403, IO],
  InvalidFlushPosition: [400, BAD_OFFSET],
  InvalidQueryParameterValue: [400, ILLEGAL],
  LeaseIdMissing: [403, IO],
  PathAlreadyExists: [403, EXISTS],
  PathConflict: [403, IO],
  UnsupportedOperation: [400, UNSUPPORTED],
};

/** A refusal as WebHDFS has it. */
export function asRemoteException({ status, code }: Refusal): RemoteException {
  const [known, [exception = "", folder = ""]] = BY_CODE[code] ?? byStatus(status);
  return { status: known, exception, javaClassName: `${folder}.${exception}` };
}

function byStatus(status: number): readonly [number, readonly string[]] {
  if (status === 404) return [404, NOT_FOUND];
  if (status === 401) return [401, SECURITY];
  if (status === 403) return [403, DENIED];
  return status >= 500 ? [status, RUNTIME] : [400, ILLEGAL];
}
