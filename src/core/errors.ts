import type { ErrorCode } from "./error-codes/error-codes.ts";
import type { SignInReport } from "./sign-in-types.ts";

/** What an error may carry beside its message. */
export interface ErrorFacts {
  /** Remedy, in one or more lines. */
  hint?: string;
  /** HTTP status of the reply that caused it. */
  status?: number;
  /** Request id of the service, for a support case. */
  requestId?: string;
  cause?: unknown;
}

/**
 * Base of every error that this package throws on purpose.
 *
 * `code` is stable and meant for programs; the first line of `message` says what failed, where
 * and for whom, and the lines of `hint` follow it, indented.
 */
export class NotelakeError extends Error {
  override readonly name: string = "NotelakeError";
  /** One of `ErrorCodes`, or of Azure Resource Manager's. */
  readonly code: ErrorCode | (string & {});
  // Declared only: an unknown fact is absent, and not printed as undefined.
  declare readonly hint?: string;
  declare readonly status?: number;
  declare readonly requestId?: string;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    const { hint, status, requestId, cause } = facts;
    const indented = hint ? `\n${hint.replace(/^/gm, "  ")}` : "";
    super(message + indented, cause === undefined ? undefined : { cause });
    this.code = code;
    if (hint !== undefined) this.hint = hint;
    if (status !== undefined) this.status = status;
    if (requestId !== undefined) this.requestId = requestId;
  }

  /** `LakeError [NOT_FOUND]: …`: what an uncaught error prints before its stack. */
  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}

/** The cloud is not configured, or the practice cloud could not be reached. */
export class CloudError extends NotelakeError {
  override readonly name = "CloudError";
}

/** A sign-in or a token request failed. */
export class SignInError extends NotelakeError {
  override readonly name = "SignInError";
  /** The attempts, if there were any. */
  declare readonly report?: SignInReport;

  constructor(
    code: ErrorCode,
    message: string,
    facts: ErrorFacts & { report?: SignInReport } = {},
  ) {
    super(code, message, facts);
    if (facts.report) this.report = facts.report;
  }
}

/** The lake refused or failed a request, or a path is invalid. */
export class LakeError extends NotelakeError {
  override readonly name = "LakeError";
}

/** A file could not be read into a dataframe without errors. */
export class FrameError extends NotelakeError {
  override readonly name = "FrameError";
}

/** Azure Resource Manager refused or failed to manage an account, a group or a role. */
export class AccountError extends NotelakeError {
  override readonly name = "AccountError";
}

/** A Spark server refused or failed a statement, or could not be reached. */
export class SparkError extends NotelakeError {
  override readonly name = "SparkError";
  /** Spark's own name of the error, such as `TABLE_OR_VIEW_NOT_FOUND`. */
  declare readonly errorClass?: string;
  /** SQLSTATE of the SQL standard, such as `42P01`. */
  declare readonly sqlState?: string;
  /** The server's message in full: plans and stacks. Not printed with the error. */
  declare readonly detail?: string;

  constructor(code: ErrorCode, message: string, facts: SparkErrorFacts = {}) {
    super(code, message, facts);
    if (facts.errorClass) this.errorClass = facts.errorClass;
    if (facts.sqlState) this.sqlState = facts.sqlState;
    if (facts.detail) Object.defineProperty(this, "detail", { value: facts.detail });
  }
}

/** What an error of Spark may carry beside its message. */
export interface SparkErrorFacts extends ErrorFacts {
  errorClass?: string;
  sqlState?: string;
  detail?: string;
}
