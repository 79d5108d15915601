import { Code, ConnectError } from "@connectrpc/connect";
import { NotelakeError, SparkError } from "../core/errors.ts";

/** Whether the connection or the server failed, as opposed to the request. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  if (error.cause instanceof NotelakeError || certificateTrouble(error)) return false;
  // Also a reset stream: the server's process ended, or a proxy timed out.
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

/**
 * The error for a server that cannot be reached; undefined when the server replied.
 *
 * @param clean redacts secrets in a text
 */
export function reachError(
  error: ConnectError,
  origin: string,
  clean: (text: string) => string,
): SparkError | undefined {
  const reason = clean(reasonOf(error));
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

/** @param reason message of the network's error */
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
