import { isRestError, RestError } from "@azure/core-rest-pipeline";
import { ForeignReply } from "../core/azure-reply.ts";
import { certificateTrouble } from "../core/certificate-trouble.ts";
import type { ErrorCode } from "../core/error-codes/error-codes.ts";
import { type ErrorFacts, LakeError, NotelakeError } from "../core/errors.ts";
import { nameSome } from "../core/near-names.ts";
import { redact } from "../core/redact.ts";
import type { Caller } from "./caller.ts";
import { describeLake, type LakeAddress } from "./location.ts";
import { isOneLake, ONELAKE_HOST } from "./onelake.ts";
import { ignoreMissing } from "./retry.ts";
import type { Store } from "./store.ts";

/** What was tried, in the words of a message: "may not read …". */
export type Operation = "read" | "list" | "write" | "delete" | "change the access of";

/** What a failure's message needs to know. */
export interface Attempt {
  readonly address: LakeAddress;
  /** Path of the file or directory; empty for the root. */
  readonly path: string;
  readonly operation: Operation;
  /** What the service wants tokens to be issued for. */
  readonly audience: string;
  caller(): Promise<Caller>;
  /** What is there instead, for the hint of a missing file. */
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
    const message = `could not ${attempt.operation} ${place(attempt)}: ${error.message}`;
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
      if (code === "FileAlreadyExistsException") return alreadyThere(place(attempt), error);
      return forbidden(error, attempt);
    case 404:
      return missing(error, attempt);
    case 409:
      if (/BeingDeleted/.test(code)) {
        return lakeError("CONFLICT", `${place(attempt)} is still being deleted`, error, {
          hint: "Its name is free again half a minute or so after the deletion. Try again then.",
        });
      }
      return /AlreadyExists/.test(code) ? taken(error, attempt) : conflict(error, attempt);
    case 412:
      return conflict(error, attempt);
    case 416:
      return lakeError("BAD_RANGE", `${place(attempt)} ends before the part asked for`, error);
    case 429:
    case 503:
      return lakeError("THROTTLED", `${attempt.address.account} is too busy`, error, {
        hint: "It was asked several times. Try again later, or ask for less at once.",
      });
  }
  return lakeError(
    status >= 500 ? "SERVICE_FAILED" : "BAD_REQUEST",
    `could not ${attempt.operation} ${place(attempt)}`,
    error,
    { hint: report(error) },
  );
}

/** The file or directory at hand, as messages have it. */
function place({ address, path }: Pick<Attempt, "address" | "path">): string {
  if (!path) return describeLake(address);
  return `${path} ${address.fileSystem ? "in" : "@"} ${describeLake(address)}`;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}

/** A mistake in a program, of ours or in a callback of the caller's: no service is to blame. */
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
 * Names the role, and the command that gives it. No line of it is so long that a front end breaks
 * it, so that it can be copied as it is shown.
 */
function needsRole(role: string, address: LakeAddress, { objectId, isPerson }: Caller): string {
  const needs = `Needs the role "${role}"; Owner does not include data access.`;
  if (!objectId) return needs;
  const { account, fileSystem } = address;
  const container = fileSystem.replace("$", "\\$");
  return [
    needs,
    "Whoever may give roles there gives it with",
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
  const message = `${caller.name} may not ${attempt.operation} ${place(attempt)}`;
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
  return lakeError("NOT_FOUND", `there is no ${place(attempt)}`, error, { hint });
}

/** What a failure with status 404 says is not there. */
function missingPart({ code = "" }: RestError): "path" | "file system" | "account" {
  if (/^(Filesystem|Container|Workspace)(NotFound|BeingDeleted)/i.test(code)) return "file system";
  // Azure has no such host then; the practice cloud, whose hosts all exist, says it in words.
  return code === "ResourceNotFound" ? "account" : "path";
}

function taken(error: RestError, attempt: Attempt): LakeError {
  if (attempt.path) return alreadyThere(place(attempt), error);
  const hint = "openLake opens it as it is.";
  return lakeError("EXISTS", `${place(attempt)} exists already`, error, { hint });
}

/** What is to be written is there already, and nobody said that it may be replaced. */
export function alreadyThere(what: string, cause?: unknown): LakeError {
  return lakeError("EXISTS", `${what} exists already`, cause, {
    hint: "Pass { overwrite: true } to replace it.",
  });
}

export function isDirectory(address: LakeAddress, path: string): LakeError {
  return lakeError("CONFLICT", `${place({ address, path })} is a directory`, undefined);
}

/** Refuses early what a rename at the end would refuse, or would do to a directory. */
export async function refuseTarget(
  store: Store,
  path: string,
  overwrite: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const there = await store.stat(path, signal).catch(ignoreMissing);
  if (there?.kind === "directory") throw isDirectory(store.address, path);
  if (there && !overwrite) throw alreadyThere(place({ address: store.address, path }));
}

/** Nothing for a store's failure that says that nothing is at a path; any other is thrown again. */
export function ignoreNotFound(error: unknown): undefined {
  if (isRestError(error) && error.statusCode === 404 && missingPart(error) === "path") return;
  throw error;
}

function conflict(error: RestError, attempt: Attempt): LakeError {
  const changed = error.statusCode === 412 && /^(Source)?ConditionNotMet$/.test(error.code ?? "");
  const message = changed
    ? `${place(attempt)} was changed by someone else meanwhile`
    : `the state of ${place(attempt)} does not allow to ${attempt.operation} it`;
  return lakeError("CONFLICT", message, error, { hint: changed ? "Start again." : report(error) });
}

/** Tenants may take ids alone, and OneLake says the same of names that it does not know. */
function namesDisabled(error: RestError, attempt: Attempt): LakeError {
  return lakeError("BAD_REQUEST", `OneLake does not take the names in ${place(attempt)}`, error, {
    hint:
      "Check them, or give the ids of the workspace and the item: they are in the link of the item's " +
      "page in Fabric, which openLake takes.",
  });
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

/** The service's own words: its first line, as the rest is an id and a time. */
function report(error: RestError): string {
  const words = redact(error.message.split("\n")[0] ?? "").slice(0, 300);
  return error.code && !words.includes(error.code) ? `${error.code}: ${words}` : words;
}

function sameService(a: string, b: string): boolean {
  const bare = (audience: string) => audience.replace(/\/+$/, "").toLowerCase();
  return bare(a) === bare(b);
}

function lakeError(
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

/** The cause without its request and reply: those carry the token, and everything prints causes. */
function bareCause(error: unknown): unknown {
  if (!isRestError(error)) return error;
  const { code, statusCode } = error;
  return new RestError(redact(error.message), {
    ...(code !== undefined && { code }),
    ...(statusCode !== undefined && { statusCode }),
  });
}
