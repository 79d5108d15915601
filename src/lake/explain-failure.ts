import { isRestError, type RestError } from "@azure/core-rest-pipeline";
import { ForeignReply } from "../core/azure-reply.ts";
import { certificateTrouble } from "../core/certificate-trouble.ts";
import { LakeError, NotelakeError } from "../core/errors.ts";
import { nameSome } from "../core/near-names.ts";
import { redact } from "../core/redact.ts";
import type { Caller } from "./caller.ts";
import { describePlace, existsError, lakeError } from "./lake-errors.ts";
import { isOneLake, ONELAKE_HOST } from "./onelake.ts";
import type { LakeAddress } from "./url/location.ts";

/** What was tried, as messages have it: "may not read …". */
export type Operation = "read" | "list" | "write" | "delete" | "change the access of";

/** What the message of a failure is made of. */
export interface Attempt {
  readonly address: LakeAddress;
  /** Path of the file or directory; empty for the root. */
  readonly path: string;
  readonly operation: Operation;
  /** Audience of the tokens that the service accepts. */
  readonly audience: string;
  caller(): Promise<Caller>;
  /** Names near a missing file, for its hint. */
  nearby?(): Promise<string | undefined>;
  /** File systems of the account, for the hint of a missing one. */
  fileSystems?(): Promise<string | undefined>;
  /** Accounts that the caller may see, for the hint of a missing one. */
  accounts?(): Promise<readonly string[]>;
}

const NETWORK_HINTS: Record<string, string> = {
  ECONNREFUSED: "Nothing listens there. Is the practice cloud still running?",
  ECONNRESET: "The connection was cut, also when tried again.",
  STALLED: "The connection was open but no bytes came, also when tried again.",
  ETIMEDOUT: "No answer came in time. Is a firewall or a private network in between?",
};

/** The LakeError that says what `error` means for `attempt`; a NotelakeError passes as it is. */
export async function explainFailure(error: unknown, attempt: Attempt): Promise<unknown> {
  if (error instanceof NotelakeError || isAbort(error) || isMistake(error)) return error;
  if (error instanceof ForeignReply) {
    const { code, status, hint } = error;
    const message = `could not ${attempt.operation} ${describePlace(attempt)}: ${error.message}`;
    return new LakeError(code, message, { hint, status });
  }
  if (!isRestError(error) || error.statusCode === undefined) return explainNetwork(error, attempt);
  const { code = "", statusCode: status } = error;
  switch (status) {
    case 400:
      if (/BadOffset|InvalidFlushPosition/.test(code)) return conflict(error, attempt);
      if (code === "FriendlyNameSupportDisabled") return namesDisabled(error, attempt);
      break;
    case 401:
      return unauthenticated(error, attempt);
    case 403:
      if (/^AuthenticationFailed|^NoAuthenticationInformation/.test(code)) {
        return unauthenticated(error, attempt);
      }
      if (code === "IOException") return conflict(error, attempt);
      if (code === "FileAlreadyExistsException") return existsError(describePlace(attempt), error);
      return forbidden(error, attempt);
    case 404:
      return missing(error, attempt);
    case 409:
      if (/BeingDeleted/.test(code)) {
        return lakeError("CONFLICT", `${describePlace(attempt)} is still being deleted`, error, {
          hint: "Its name is free again half a minute or so after the deletion. Try again then.",
        });
      }
      return /AlreadyExists/.test(code) ? taken(error, attempt) : conflict(error, attempt);
    case 412:
      return conflict(error, attempt);
    case 416:
      return lakeError(
        "BAD_RANGE",
        `${describePlace(attempt)} ends before the part asked for`,
        error,
      );
    case 429:
    case 503:
      return lakeError("THROTTLED", `${attempt.address.account} is too busy`, error, {
        hint: "It was asked several times. Try again later, or ask for less at once.",
      });
  }
  return lakeError(
    status >= 500 ? "SERVICE_FAILED" : "BAD_REQUEST",
    `could not ${attempt.operation} ${describePlace(attempt)}`,
    error,
    { hint: report(error) },
  );
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}

/** A bug, here or in a callback of the caller's, rather than a failure of the service. */
function isMistake(error: unknown): boolean {
  return (error instanceof TypeError || error instanceof ReferenceError) && !("code" in error);
}

async function unauthenticated(error: RestError, attempt: Attempt): Promise<LakeError> {
  const { name, audience, expires } = await attempt.caller();
  const wrong = audience !== undefined && !sameService(audience, attempt.audience);
  const expired = expires !== undefined && expires.getTime() < Date.now();
  const hints = [
    wrong && `Its token is for ${audience}; the lake wants one for ${attempt.audience}.`,
    expired && `Its token expired at ${expires.toISOString()}. Sign in again.`,
    !wrong && !expired && report(error),
  ];
  const message = `${attempt.address.account} does not accept ${name}`;
  return lakeError("UNAUTHENTICATED", message, error, { hint: hints.filter(Boolean).join("\n") });
}

const ROLES: Record<Operation, string> = {
  read: "Storage Blob Data Reader",
  list: "Storage Blob Data Reader",
  write: "Storage Blob Data Contributor",
  delete: "Storage Blob Data Contributor",
  "change the access of": "Storage Blob Data Owner",
};

/**
 * Names the role, and the command that assigns it, in lines so short that no front end wraps them: it
 * can be copied as it is shown.
 */
function needsRole(role: string, address: LakeAddress, { objectId, isPerson }: Caller): string {
  const needs = `Needs the role "${role}"; Owner does not include data access.`;
  if (!objectId) return needs;
  const { account, fileSystem } = address;
  const container = fileSystem.replace("$", "\\$");
  return [
    needs,
    "Someone who may assign roles there runs",
    `  az role assignment create --role "${role}" \\`,
    `    --assignee-object-id ${objectId} \\`,
    `    --assignee-principal-type ${isPerson ? "User" : "ServicePrincipal"} \\`,
    `    --scope "$(az storage account show --name ${account} \\`,
    `    --query id --output tsv)${container && `/blobServices/default/containers/${container}`}"`,
  ].join("\n");
}

async function forbidden(error: RestError, attempt: Attempt): Promise<LakeError> {
  const caller = await attempt.caller();
  const hint =
    attempt.address.generation === 1
      ? "Needs an entry in the access control list: execute on each directory above it."
      : isOneLake(attempt.address)
        ? "Needs the role Contributor in the workspace, or a OneLake security role that opens it."
        : error.code === "AuthorizationFailure"
          ? "The account's network rules may not let this machine in."
          : needsRole(ROLES[attempt.operation], attempt.address, caller);
  const message = `${caller.name} may not ${attempt.operation} ${describePlace(attempt)}`;
  return lakeError("FORBIDDEN", message, error, { hint });
}

async function missing(error: RestError, attempt: Attempt): Promise<LakeError> {
  const { address, path } = attempt;
  const what = missingPart(error);
  if (what === "file system") {
    const kind = isOneLake(address) ? "workspace" : "file system";
    const message = `there is no ${kind} ${address.fileSystem} in ${address.account}`;
    return lakeError("FILE_SYSTEM_NOT_FOUND", message, error, {
      hint: await attempt.fileSystems?.(),
    });
  }
  if (what === "account") return noAccount(error, attempt);
  const hint = path ? await attempt.nearby?.() : undefined;
  return lakeError("NOT_FOUND", `there is no ${describePlace(attempt)}`, error, { hint });
}

/** What is missing, by the code of a failure with status 404. */
function missingPart({ code = "" }: RestError): "path" | "file system" | "account" {
  if (/^(Filesystem|Container|Workspace)(NotFound|BeingDeleted)/i.test(code)) return "file system";
  // In Azure its host name does not resolve; the practice cloud answers for all of them.
  return code === "ResourceNotFound" ? "account" : "path";
}

function taken(error: RestError, attempt: Attempt): LakeError {
  if (attempt.path) return existsError(describePlace(attempt), error);
  const hint = "openLake opens it as it is.";
  return lakeError("EXISTS", `${describePlace(attempt)} exists already`, error, { hint });
}

/** Returns for a failure that says that a path does not exist, and throws any other again. */
export function ignoreNotFound(error: unknown): undefined {
  if (isRestError(error) && error.statusCode === 404 && missingPart(error) === "path") return;
  throw error;
}

function conflict(error: RestError, attempt: Attempt): LakeError {
  const changed = error.statusCode === 412 && /^(Source)?ConditionNotMet$/.test(error.code ?? "");
  const message = changed
    ? `${describePlace(attempt)} was changed by someone else meanwhile`
    : `the state of ${describePlace(attempt)} does not allow to ${attempt.operation} it`;
  return lakeError("CONFLICT", message, error, { hint: changed ? "Start again." : report(error) });
}

/** A tenant may accept ids only, and OneLake gives the same code for unknown names. */
function namesDisabled(error: RestError, attempt: Attempt): LakeError {
  return lakeError(
    "BAD_REQUEST",
    `OneLake does not take the names in ${describePlace(attempt)}`,
    error,
    {
      hint:
        "Check them, or give the ids of the workspace and the item: they are in the link of the item's " +
        "page in Fabric, which openLake takes.",
    },
  );
}

async function noAccount(error: unknown, { address, accounts }: Attempt): Promise<LakeError> {
  if (isOneLake(address)) {
    return lakeError("ACCOUNT_NOT_FOUND", `there is no ${address.host}`, error, {
      hint: `The region is that of the workspace's capacity; ${ONELAKE_HOST} leads to all.`,
    });
  }
  const visible = (await accounts?.().catch(() => [])) ?? [];
  const hint = visible.includes(address.account)
    ? "It has another address: its endpoint, as listAccounts() tells it, is in a DNS zone."
    : visible.length
      ? `You may see: ${nameSome(visible, address.account)}.`
      : "Look for a typing error, or for an account in another cloud.";
  return lakeError("ACCOUNT_NOT_FOUND", `there is no storage account ${address.account}`, error, {
    hint,
  });
}

async function explainNetwork(error: unknown, attempt: Attempt): Promise<LakeError> {
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  if (code === "ENOTFOUND") return noAccount(error, attempt);
  const trouble = certificateTrouble(code);
  const hint = trouble
    ? `Its certificate ${trouble.reason}.\n${trouble.remedy}`
    : (NETWORK_HINTS[code] ?? redact(message));
  return lakeError("UNREACHABLE", `${attempt.address.account} cannot be reached`, error, { hint });
}

/** The first line of the service's message; the others are a request id and a time. */
function report(error: RestError): string {
  const words = redact(error.message.split("\n")[0] ?? "").slice(0, 300);
  return error.code && !words.includes(error.code) ? `${error.code}: ${words}` : words;
}

function sameService(a: string, b: string): boolean {
  const bare = (audience: string) => audience.replace(/\/+$/, "").toLowerCase();
  return bare(a) === bare(b);
}
