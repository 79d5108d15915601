import { isRestError, RestError } from "@azure/core-rest-pipeline";
import type { ErrorCode } from "../core/error-codes/error-codes.ts";
import { type ErrorFacts, LakeError } from "../core/errors.ts";
import { redact } from "../core/redact.ts";
import { ignoreMissing } from "./http/retry.ts";
import type { Store } from "./store.ts";
import { describeLake, type LakeAddress } from "./url/location.ts";

/** `sales/01.csv in raw @ contosolake`. */
export function describePlace({ address, path }: { address: LakeAddress; path: string }): string {
  if (!path) return describeLake(address);
  return `${path} ${address.fileSystem ? "in" : "@"} ${describeLake(address)}`;
}

/** @param what what exists, as the message names it */
export function existsError(what: string, cause?: unknown): LakeError {
  return lakeError("EXISTS", `${what} exists already`, cause, {
    hint: "Pass { overwrite: true } to replace it.",
  });
}

export function isDirectoryError(address: LakeAddress, path: string): LakeError {
  return lakeError("CONFLICT", `${describePlace({ address, path })} is a directory`, undefined);
}

/**
 * Refuses early what a rename at the end would refuse: to replace a directory, or a file without
 * `overwrite`.
 */
export async function refuseTarget(
  store: Store,
  path: string,
  overwrite: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const there = await store.stat(path, signal).catch(ignoreMissing);
  if (there?.kind === "directory") throw isDirectoryError(store.address, path);
  if (there && !overwrite) throw existsError(describePlace({ address: store.address, path }));
}

/** A LakeError with the status, request id and cause of `error`. */
export function lakeError(
  code: ErrorCode,
  what: string,
  error: unknown,
  { hint }: { hint?: string | undefined } = {},
): LakeError {
  const rest = isRestError(error) ? error : undefined;
  const headers = rest?.response?.headers;
  const status = rest?.statusCode;
  const requestId = headers?.get("x-ms-request-id");
  const facts: ErrorFacts = {
    ...(error !== undefined && { cause: bareCause(error) }),
    ...(hint && { hint }),
    ...(status !== undefined && { status }),
    ...(requestId && { requestId }),
  };
  return new LakeError(code, status === undefined ? what : `${what} (${status})`, facts);
}

/** A copy without request and reply, which have the token in them: causes are printed. */
function bareCause(error: unknown): unknown {
  if (!isRestError(error)) return error;
  const { code, statusCode } = error;
  return new RestError(redact(error.message), {
    ...(code !== undefined && { code }),
    ...(statusCode !== undefined && { statusCode }),
  });
}
