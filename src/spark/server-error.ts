import { Code, ConnectError } from "@connectrpc/connect";
import type { ErrorCode } from "../core/error-codes/error-codes.ts";
import { NotelakeError, SparkError } from "../core/errors.ts";
import { reachError } from "./connection-failure.ts";
import { ErrorInfoSchema } from "./protocol/error-info_pb.ts";
import { hintFor, LAKE_TOKEN } from "./server-error-hints.ts";
import { type SparkClient, withTimeout } from "./spark-client.ts";

/** What a server has told of an error. */
export interface ServerError {
  readonly message: string;
  /** Spark's name of it, such as `TABLE_OR_VIEW_NOT_FOUND`. */
  readonly errorClass?: string | undefined;
  readonly sqlState?: string | undefined;
  /** The message with all that came along: the plan, stacks, what it goes back to. */
  readonly detail: string;
  /** Names of Java classes, or what other servers have instead; the nearest first. */
  readonly types: readonly string[];
}

/** What gRPC answered, as a SparkError; other errors as they are. */
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

/** An error is printed with its cause, and a server may quote what it was sent. */
function withoutSecrets(error: ConnectError, client: SparkClient): ConnectError {
  const clean = client.clean(error.rawMessage);
  if (clean === error.rawMessage) return error;
  const copy = new ConnectError(clean, error.code);
  copy.details = error.details;
  return copy;
}

/** What the reply says of the error itself, or what the server tells when asked about it. */
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
    return short; // what came with the error is enough to go on
  }
}

/** The first line of what an error goes back to: `Operation failed: "…", 403, HEAD, https://…`. */
function rootCause(errors: readonly CausedError[], first: CausedError): string | undefined {
  let error = first;
  // No chain is longer than the list, unless it runs in a circle.
  for (let steps = 0; steps < errors.length && error.causeIdx !== undefined; steps++) {
    error = errors[error.causeIdx] ?? error;
  }
  return error === first ? undefined : error.message.split("\n")[0]?.slice(0, 500);
}

/** An error of a server, and the place in the list of the one that it comes from. */
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

/** What a reader wants: not the plan that a server prints behind a `;`, nor a stack. */
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
