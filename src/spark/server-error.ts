import { Code, ConnectError } from "@connectrpc/connect";
import type { ErrorCode } from "../core/error-codes/error-codes.ts";
import { NotelakeError, SparkError } from "../core/errors.ts";
import { hintFor, LAKE_TOKEN } from "./hints.ts";
import { ErrorInfoSchema } from "./protocol/error-info_pb.ts";
import { type SparkClient, within } from "./spark-client.ts";

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
  const unreachable = reachError(error, client);
  if (unreachable) return unreachable;
  const told = await detailsOf(error, client);
  const hint = hintFor(told);
  return new SparkError(codeOf(told, error.code), client.clean(messageOf(told)), {
    ...(hint && { hint }),
    ...(told.errorClass && { errorClass: told.errorClass }),
    ...(told.sqlState && { sqlState: told.sqlState }),
    detail: client.clean(told.detail),
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

/** Whether the connection or the server failed, and not what was asked of it. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  if (error.cause instanceof NotelakeError || certificateTrouble(error)) return false;
  // A stream that is reset is one too: the server's process ended, or a proxy gave up.
  return (
    error.code === Code.Unavailable ||
    error.code === Code.Aborted ||
    (error.code === Code.Internal && isTransportMessage(error.rawMessage)) ||
    (error.code === Code.Canceled && isTransportMessage(error.rawMessage)) ||
    (error.code === Code.Unknown && error.cause instanceof Error)
  );
}

/** Whether the server does not know the operation, or the session that it belonged to. */
export function isForgotten(error: unknown): boolean {
  return /INVALID_(HANDLE\.(OPERATION_NOT_FOUND|SESSION_NOT_FOUND)|CURSOR\.DISCONNECTED)|(operation|task context) not found/i.test(
    error instanceof ConnectError ? error.rawMessage : "",
  );
}

function isTransportMessage(message: string): boolean {
  return /stream closed|http\/2|RST_STREAM|missing trailer|protocol error|premature|ECONN|EPIPE|socket|GOAWAY|closed with error code/i.test(
    message,
  );
}

function reachError(error: ConnectError, client: SparkClient): SparkError | undefined {
  const { origin } = client;
  const reason = client.clean(reasonOf(error));
  if (NOT_TLS.test(reason)) {
    return new SparkError("NO_TLS", `${origin} does not speak TLS`, {
      hint: "Another port may, or a proxy before it; use_ssl=false goes without, and without a token.",
      cause: error,
    });
  }
  if (certificateTrouble(error)) {
    return new SparkError("NO_TLS", `the certificate of ${origin} is not trusted: ${reason}`, {
      hint: "Pass the certificate authority's PEM text as { ca }, or set NODE_EXTRA_CA_CERTS.",
      cause: error,
    });
  }
  switch (error.code) {
    case Code.Unauthenticated:
      return new SparkError("UNAUTHENTICATED", `${origin} does not accept the token: ${reason}`, {
        hint: "It has expired, is of another tenant, or is for another service. Sign in again, or pass a new { token }: a function is asked for one before each request.",
        cause: error,
      });
    case Code.Unimplemented:
      return new SparkError("OLD_SERVER", `${origin} does not know a request: ${reason}`, {
        hint: "notelake speaks Spark Connect of Apache Spark 3.5 and later. Is it another service that listens there?",
        cause: error,
      });
    case Code.DeadlineExceeded:
      return unreachable(origin, "no answer in time", error);
    default:
      return isTransient(error) ? unreachable(origin, reason, error) : undefined;
  }
}

/** @param reason what the network said */
export function unreachable(origin: string, reason: string, cause: unknown): SparkError {
  if (CLOSED.test(reason)) {
    const isPlain = origin.startsWith("http:");
    return new SparkError("NO_SERVER", `no Spark server answers at ${origin}: it hangs up`, {
      hint: `Something else may listen there${isPlain ? ", or it wants TLS: add /;use_ssl=true to the URL" : ""}; a server that was there has ended.`,
      cause,
    });
  }
  return new SparkError("NO_SERVER", `no Spark server answers at ${origin}: ${reason}`, {
    hint: hostHint(origin),
    cause,
  });
}

function hostHint(origin: string): string {
  return /\/\/(127\.[\d.]+|localhost|\[::1\])(:|$)/.test(origin)
    ? "It has ended, or was never started. `npx notelake spark` starts one for practice; then call connectSpark() again."
    : "Is the cluster running, and does this network reach it? A cluster of Databricks may take minutes to start.";
}

const NOT_TLS = /wrong version number|packet length too long/;
const CLOSED = /stream closed with error code|^Protocol error|connection was closed/;

const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS|EPROTO|wrong version number|ALTNAME/;

function certificateTrouble(error: ConnectError): boolean {
  const { code, message } = (error.cause ?? {}) as { code?: string; message?: string };
  return CERTIFICATE.test(`${code ?? ""} ${message ?? ""} ${error.rawMessage}`);
}

function reasonOf(error: ConnectError): string {
  const { message } = (error.cause ?? {}) as { message?: string };
  return message || error.rawMessage || Code[error.code];
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
    const { calls, asker } = client;
    const reply = await calls.fetchErrorDetails({ ...asker, errorId }, within({ timeoutMs: 5000 }));
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
