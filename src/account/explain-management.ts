import { isRestError } from "@azure/core-rest-pipeline";
import { ForeignReply } from "../core/azure-reply.ts";
import { certificateTrouble } from "../core/certificate-trouble.ts";
import type { ErrorCode } from "../core/error-codes/error-codes.ts";
import { AccountError, NotelakeError } from "../core/errors.ts";
import { explain } from "../core/explanations.ts";
import { redact } from "../core/redact.ts";

/**
 * The AccountError of an error of Azure Resource Manager.
 *
 * @param operation what was tried: `create resource group demo`
 */
export function explainManagement(error: unknown, operation: string): unknown {
  const foreign = foreignReplyOf(error);
  if (foreign) {
    const { code, status, hint, message } = foreign;
    return new AccountError(code, `could not ${operation}: ${message}`, { hint, status });
  }
  // Failures to sign in have their explanation, and an abort is none.
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
  const remedy = (status === 403 && missingRole(reported, operation)) || known?.remedy;
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

/** The error for a reply that is not Resource Manager's. */
function foreignReplyOf(error: unknown): ForeignReply | undefined {
  if (error instanceof ForeignReply) return error;
  const response = isRestError(error) ? error.response : undefined;
  if (!response || response.status >= 300) return;
  return new ForeignReply(response, "it is no success that this operation has");
}

const MISSING_ROLE = /with object id '([^']+)'.* action '([^']+)' over scope '([^']+)'/;
const ROLE_CHANGE = /Microsoft\.Authorization\/roleAssignments\/(?:write|delete)/i;
const CHANGES_ROLES =
  'Giving and taking roles needs "Owner" or "User Access Administrator" at that scope: a "Contributor" may do everything else.';

/**
 * Names the role, and the command that gives it. No line of it is so long that a front end breaks
 * it, so that it can be copied as it is shown.
 */
function missingRole(reported: string, operation: string): string | undefined {
  const [, objectId, action = "", scope = ""] = MISSING_ROLE.exec(reported) ?? [];
  const [, subscription, group] =
    /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(scope) ?? [];
  if (!objectId || !subscription) return ROLE_CHANGE.test(reported) ? CHANGES_ROLES : undefined;
  const changesRoles = ROLE_CHANGE.test(action);
  // Whoever makes something looks first whether it is there.
  const onlyReads = /\/read$/i.test(action) && !/^(?:create|update|delete) /.test(operation);
  const usual = onlyReads ? "Reader" : "Contributor";
  const role = changesRoles ? "User Access Administrator" : usual;
  // Nobody has a role in a group that is still to be made.
  const inGroup = group !== undefined && !operation.startsWith("create resource group ");
  const place = inGroup
    ? [
        `    --scope "$(az group show --name ${group} \\`,
        `    --subscription ${subscription} \\`,
        '    --query id --output tsv)"',
      ]
    : [`    --scope /subscriptions/${subscription}`];
  return [
    changesRoles ? CHANGES_ROLES : `Needs a role with that action, such as "${role}".`,
    "Someone who may assign roles there runs",
    `  az role assignment create --role "${role}" \\`,
    `    --assignee-object-id ${objectId} \\`,
    ...place,
    "A new role takes up to ten minutes to count.",
  ].join("\n");
}

/** By status, for a refusal whose code has no explanation. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  429: "THROTTLED",
};
