import type { ErrorCode } from "./error-codes/error-codes.ts";
import type { SignInReport } from "./sign-in-types.ts";

/** What an error may carry beside its message. */
export interface ErrorFacts {
  /** What the reader can do about it; one or more lines. */
  hint?: string;
  /** HTTP status of the reply that caused it. */
  status?: number;
  /** The service's own id of the request, for a support case. */
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
  /** One of `ErrorCodes`, or of Azure Resource Manager's own for what notelake has no name for. */
  readonly code: ErrorCode | (string & {});
  // Declared, so that a fact that is not known is not there, and is not printed as undefined.
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

/** Which cloud to use could not be settled, or the practice cloud could not be reached. */
export class CloudError extends NotelakeError {
  override readonly name = "CloudError";
}

/** Nobody could be signed in, or a token could not be had. */
export class SignInError extends NotelakeError {
  override readonly name = "SignInError";
  /** What was tried, when anything was. */
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

/** The lake refused or failed a request, or a path makes no sense. */
export class LakeError extends NotelakeError {
  override readonly name = "LakeError";
}

/** A file could not be turned into a dataframe, or only into a wrong one. */
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
  /** The five characters that SQL's standard has for it, such as `42P01`. */
  declare readonly sqlState?: string;
  /** All that the server has told: plans, stacks of its own. Not printed with the error. */
  declare readonly detail?: string;

  constructor(code: ErrorCode, message: string, facts: SparkErrorFacts = {}) {
    super(code, message, facts);
    if (facts.errorClass) this.errorClass = facts.errorClass;
    if (facts.sqlState) this.sqlState = facts.sqlState;
    if (facts.detail) Object.defineProperty(this, "detail", { value: facts.detail });
  }
}

export interface SparkErrorFacts extends ErrorFacts {
  errorClass?: string;
  sqlState?: string;
  detail?: string;
}
