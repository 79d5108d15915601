import { isRestError } from "@azure/core-rest-pipeline";
import { ForeignReply } from "../core/azure-reply.ts";
import { certificateTrouble } from "../core/certificate-trouble.ts";
import type { ErrorCode } from "../core/error-codes/error-codes.ts";
import { AccountError, NotelakeError } from "../core/errors.ts";
import { explain } from "../core/explanations.ts";
import { redact } from "../core/redact.ts";

/**
 * An error of Azure Resource Manager in words.
 *
 * @param operation what was tried, as `create resource group demo`
 */
export function explainManagement(error: unknown, operation: string): unknown {
  const foreign = foreignReplyOf(error);
  if (foreign) {
    const { code, status, hint, message } = foreign;
    return new AccountError(code, `could not ${operation}: ${message}`, { hint, status });
  }
  // Sign-in explains its own failures, and an abort is no failure.
  if (error instanceof NotelakeError || !isRestError(error)) return error;
  const trouble = certificateTrouble(error.code ?? "");
  if (trouble) {
    const { reason, remedy } = trouble;
    const message = `could not ${operation}: the certificate of Azure Resource Manager ${reason}`;
    return new AccountError("UNTRUSTED_CERTIFICATE", message, { hint: remedy, cause: error.code });
  }
  const known = error.code ? explain(error.code) : undefined;
  const status = error.statusCode;
  const reported = redact(error.message.split("\n")[0] ?? "");
  const remedy = ROLE_CHANGE.test(reported) && status === 403 ? CHANGES_ROLES : known?.remedy;
  const requestId = error.response?.headers.get("x-ms-request-id");
  return new AccountError(
    known?.code ??
      (status === undefined
        ? "UNREACHABLE"
        : (BY_STATUS[status] ?? ((error.code as ErrorCode) || "SERVICE_FAILED"))),
    `could not ${operation}${status === undefined ? "" : ` (${status})`}`,
    {
      hint: remedy ? `${reported}\n${remedy}` : reported,
      ...(status !== undefined && { status }),
      ...(requestId !== undefined && { requestId }),
      cause: error.code ?? error.name,
    },
  );
}

/** A reply that is not Resource Manager's; a success that the operation does not have is none. */
function foreignReplyOf(error: unknown): ForeignReply | undefined {
  if (error instanceof ForeignReply) return error;
  const response = isRestError(error) ? error.response : undefined;
  if (!response || response.status >= 300) return;
  return new ForeignReply(response, "it is no success that this operation has");
}

const ROLE_CHANGE = /Microsoft\.Authorization\/roleAssignments\/(?:write|delete)/i;
const CHANGES_ROLES =
  'Giving and taking roles needs "Owner" or "User Access Administrator" at that scope: a "Contributor" may do everything else.';

/** What a refusal is when its own code has no explanation. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  429: "THROTTLED",
};
