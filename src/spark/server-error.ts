import { Code, ConnectError } from "@connectrpc/connect";
import type { ErrorCode } from "../core/error-codes/error-codes.ts";
import { NotelakeError, SparkError } from "../core/errors.ts";
import { reachError } from "./connection-failure.ts";
import { ErrorInfoSchema } from "./protocol/error-info_pb.ts";
import { hintFor, LAKE_TOKEN } from "./server-error-hints.ts";
import { type SparkClient, withTimeout } from "./spark-client.ts";

/** Details of a server's error. */
export interface ServerError {
  readonly message: string;
  /** Spark's error class, such as `TABLE_OR_VIEW_NOT_FOUND`. */
  readonly errorClass?: string | undefined;
  readonly sqlState?: string | undefined;
  /** The full message with plan, stacks and causes. */
  readonly detail: string;
  /** Names of Java exception classes, or equivalents of other servers, most specific first. */
  readonly types: readonly string[];
}

/** Converts a gRPC error to a SparkError; returns other errors unchanged. */
export async function explainError(failure: unknown, client: SparkClient): Promise<unknown> {
  if (!(failure instanceof ConnectError)) return failure;
  if (failure.cause instanceof NotelakeError) return failure.cause;
  const error = withoutSecrets(failure, client);
  const unreachable = reachError(error, client.origin, (text) => client.clean(text));
  if (unreachable) return unreachable;
  const reported = await detailsOf(error, client);
  const hint = hintFor(reported.message, reported.errorClass);
  return new SparkError(codeOf(reported, error.code), client.clean(messageOf(reported)), {
    ...(hint && { hint }),
    ...(reported.errorClass && { errorClass: reported.errorClass }),
    ...(reported.sqlState && { sqlState: reported.sqlState }),
    detail: client.clean(reported.detail),
  });
}

/** The cause is printed, too, and a server may quote the request. */
function withoutSecrets(error: ConnectError, client: SparkClient): ConnectError {
  const clean = client.clean(error.rawMessage);
  if (clean === error.rawMessage) return error;
  const copy = new ConnectError(clean, error.code);
  copy.details = error.details;
  return copy;
}

/** Details from the reply, or else from a FetchErrorDetails request. */
async function detailsOf(error: ConnectError, client: SparkClient): Promise<ServerError> {
  const [info] = error.findDetails(ErrorInfoSchema);
  const { errorId, errorClass, sqlState, classes } = info?.metadata ?? {};
  const short: ServerError = {
    message: error.rawMessage,
    detail: error.rawMessage,
    errorClass: errorClass || classIn(error.rawMessage),
    sqlState: sqlState || stateIn(error.rawMessage),
    types: [...(info?.reason ? [info.reason] : []), ...listIn(classes)],
  };
  if (!errorId) return short;
  try {
    const { calls, requester } = client;
    const reply = await calls.fetchErrorDetails(
      { ...requester, errorId },
      withTimeout({ timeoutMs: 5000 }),
    );
    const root = reply.errors[reply.rootErrorIdx ?? 0];
    if (!root) return short;
    const { sparkThrowable, message, errorTypeHierarchy } = root;
    const said = withoutPlan(message || short.message);
    const reason = rootCause(reply.errors, root);
    return {
      message: !reason || said.includes(reason) ? said : `${said}\n${reason}`,
      detail: [short.detail, ...reply.errors.map((one) => one.message)].join("\n\n"),
      errorClass: sparkThrowable?.errorClass || short.errorClass,
      sqlState: sparkThrowable?.sqlState || short.sqlState,
      types: errorTypeHierarchy.length > 0 ? errorTypeHierarchy : short.types,
    };
  } catch {
    return short; // the details in the reply suffice
  }
}

/** The first line of an error's root cause: `Operation failed: "…", 403, HEAD, https://…`. */
function rootCause(errors: readonly CausedError[], first: CausedError): string | undefined {
  let error = first;
  // Stops at a cycle: no chain is longer than the list.
  for (let steps = 0; steps < errors.length && error.causeIdx !== undefined; steps++) {
    error = errors[error.causeIdx] ?? error;
  }
  return error === first ? undefined : error.message.split("\n")[0]?.slice(0, 500);
}

/** An error of a server, with the index of its cause in the list. */
interface CausedError {
  readonly message: string;
  readonly causeIdx?: number | undefined;
}

function listIn(json: string | undefined): string[] {
  try {
    const list: unknown = JSON.parse(json ?? "[]");
    return Array.isArray(list) ? list.map(String) : [];
  } catch {
    return [];
  }
}

/** `[PARSE_SYNTAX_ERROR] Syntax error …` */
function classIn(message: string): string | undefined {
  return /\[([A-Z][A-Z0-9]*_[A-Z0-9_]+(?:\.[A-Z0-9_]+)?)\]/.exec(message)?.[1];
}

function stateIn(message: string): string | undefined {
  return /SQLSTATE: ([0-9A-Z]{5})/.exec(message)?.[1];
}

/** The message without the plan, which a server prints after a `;`, and without stacks. */
function withoutPlan(message: string): string {
  const [text = ""] = message.split(STACK_OR_PLAN);
  return text.replace(/^(?:\([\w.]+\) )/, "").trim();
}

const STACK_OR_PLAN =
  /\n\s*at [\w$.]+[/(]|\n\s*(?:JVM|Driver) stacktrace:|\nThis stopped SparkContext was|;\n'/;
const MESSAGE_MAX = 2000;

function messageOf({ message, errorClass }: ServerError): string {
  const whole = withoutPlan(message) || "the server gave no reason";
  const text = whole.length > MESSAGE_MAX ? `${whole.slice(0, MESSAGE_MAX)}…` : whole;
  return errorClass && !text.includes(errorClass) ? `[${errorClass}] ${text}` : text;
}

const STATEMENT = /^(Parse|Analysis|SparkNoSuch|NoSuch|IllegalArgument|Unsupported|AlreadyExists)/;

function codeOf({ errorClass, message, types }: ServerError, status: Code): ErrorCode {
  if (/INVALID_HANDLE|SESSION_(CLOSED|CHANGED|NOT_FOUND)/.test(errorClass ?? "")) return "LOST";
  if (/AuthorizationPermissionMismatch|AADSTS|\b403\b|PERMISSION_DENIED/.test(message)) {
    return "FORBIDDEN";
  }
  if (LAKE_TOKEN.test(message)) return "FORBIDDEN";
  if (status === Code.PermissionDenied) return "FORBIDDEN";
  if (status === Code.ResourceExhausted) return "TOO_LARGE";
  const names = types.map((type) => type.split(".").at(-1) ?? "");
  const isStatement = names.some((name) => STATEMENT.test(name)) || status === Code.InvalidArgument;
  return isStatement || errorClass ? "BAD_SQL" : "FAILED";
}
