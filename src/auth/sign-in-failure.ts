import { certificateTrouble } from "../core/certificate-trouble.ts";
import type { ErrorCode } from "../core/error-codes/error-codes.ts";
import { SignInError } from "../core/errors.ts";
import { explain } from "../core/explanations.ts";
import { redact } from "../core/redact.ts";
import type { Recording } from "./traffic/recording.ts";

/** Why an attempt failed, without secrets. */
export interface Failure {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly remedy?: string;
  readonly status?: number;
  readonly requestId?: string;
}

/** A credential that is not set up; the automatic chain tries the next one. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    super(reason);
    this.remedy = remedy;
  }
}

/** Code of a `Failure` after which the automatic chain tries the next credential. */
export const NOT_SET_UP = "NOT_AVAILABLE";
export const TIMED_OUT = "TIMED_OUT";
export const CANCELLED = "CANCELLED";

/**
 * Explains a failure by the error and the recorded requests. The Azure SDK's message is used only
 * when nothing better is known.
 */
export function describeFailure(error: unknown, recording: Recording): Failure {
  const reported = tellOurs(error, recording) ?? tellRefusal(recording) ?? tellNetwork(recording);
  const failure = reported ?? tellLibrary(error);
  const clean = (text: string) => redact(text, recording.secrets);
  return {
    ...failure,
    reason: clean(failure.reason),
    ...(failure.remedy && { remedy: clean(failure.remedy) }),
  };
}

function tellOurs(error: unknown, { failure, signal }: Recording): Failure | undefined {
  for (const candidate of [failure, ...causes(error)]) {
    if (candidate instanceof SignInError) {
      const [reason = candidate.code] = candidate.message.split("\n");
      const remedy = candidate.hint;
      return { code: candidate.code as ErrorCode, reason, ...(remedy && { remedy }) };
    }
    if (candidate instanceof Unavailable) {
      return { code: NOT_SET_UP, reason: candidate.message, remedy: candidate.remedy };
    }
  }
  if (!signal.aborted) return undefined;
  return { code: CANCELLED, reason: "the sign-in was cancelled" };
}

function* causes(error: unknown): Generator<unknown> {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    yield at;
  }
}

function tellRefusal(recording: Recording): Failure | undefined {
  const last = recording.exchanges.at(-1);
  if (!last?.status || last.status < 400) return undefined;
  const { status, refusal, url } = last;
  const { host } = new URL(url);
  if (last.foreign) {
    const { code, message, hint } = last.foreign;
    return { code, reason: message, remedy: hint, status };
  }
  if (status === 429) {
    const wait = last.retryAfter;
    return {
      code: "THROTTLED",
      reason: `${host} is throttling sign-ins (429)`,
      remedy: wait === undefined ? "Wait a minute, then try again." : `Try again in ${wait} s.`,
      status,
    };
  }
  if (status === 407) {
    return {
      code: "UNREACHABLE",
      reason: `the proxy on the way to ${host} asks for a sign-in of its own (407)`,
      remedy: "Put its user and password into HTTPS_PROXY: http://user:password@proxy:port.",
      status,
    };
  }
  const names = refusal?.codes.map((code) => `AADSTS${code}`) ?? [];
  const known = explain(...names, refusal?.error);
  if (refusal && (status < 500 || known)) {
    const label = names[0] ?? refusal.error;
    const [said = ""] = refusal.description.replace(/^AADSTS\d+:\s*/, "").split(/\r?\n|\. /);
    return {
      code: known?.code ?? "REFUSED",
      reason: `${known?.reason ?? (said || refusal.error)} (${label})`,
      ...(known && { remedy: known.remedy }),
      status,
      ...((refusal.traceId ?? refusal.correlationId) && {
        requestId: refusal.traceId ?? refusal.correlationId,
      }),
    } as Failure;
  }
  return {
    code: status >= 500 ? "AUTHORITY_FAILED" : "REFUSED",
    reason: `${host} answered ${[status, ...names].join(", ")}`,
    remedy:
      status >= 500
        ? "Try again; https://azure.status.microsoft tells of outages."
        : "The address may be wrong.",
    status,
  };
}

function tellNetwork(recording: Recording): Failure | undefined {
  const last = recording.exchanges.at(-1);
  if (!last) return undefined;
  const { host } = new URL(last.url);
  if (!last.failure) {
    if (!last.url.endsWith("/openid-configuration")) return undefined;
    return {
      code: "BAD_ISSUER",
      reason: `${host} describes itself as another authority than the one that was asked`,
      remedy: "Check the authority's address; something between may answer in its place.",
    };
  }
  const code = "code" in last.failure ? String(last.failure.code) : "";
  const detail = rootCode(last.failure) || code;
  const trouble = certificateTrouble(detail);
  if (trouble) {
    return {
      code: "UNTRUSTED_CERTIFICATE",
      reason: `the certificate of ${host} ${trouble.reason}`,
      remedy: trouble.remedy,
    };
  }
  return {
    code: "UNREACHABLE",
    reason: `${host} cannot be reached${detail ? ` (${detail})` : ""}`,
    remedy: "Check the network, HTTPS_PROXY and the cloud's name.",
  };
}

function rootCode(error: Error): string {
  let code = "";
  for (const at of causes(error)) {
    if (at instanceof Error && "code" in at && at.code !== "REQUEST_SEND_ERROR") {
      code = String(at.code);
    }
  }
  return code;
}

function tellLibrary(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const unavailable = error instanceof Error && error.name === "CredentialUnavailableError";
  const [reason = message] = message.split("\n");
  return { code: unavailable ? NOT_SET_UP : "REFUSED", reason };
}
