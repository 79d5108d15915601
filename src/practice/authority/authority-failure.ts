import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";

/** A refusal of the authority: an OAuth error code, and the AADSTS number and text. */
export class AuthorityFailure extends Error {
  override readonly name = "AuthorityFailure";
  readonly error: string;
  /** The number after `AADSTS`. */
  readonly number: number;
  readonly status: number;
  /** Fields beside the usual ones: `suberror`, `claims`. */
  readonly more: Readonly<Record<string, string>>;

  constructor(
    error: string,
    number: number,
    text: string,
    status = 400,
    more: Readonly<Record<string, string>> = {},
  ) {
    super(text);
    this.error = error;
    this.number = number;
    this.status = status;
    this.more = more;
  }
}

/**
 * The body of an error reply.
 *
 * See "Error response" in the Microsoft identity platform's protocol pages.
 */
export function describeFailure(
  failure: AuthorityFailure,
  clock: Clock,
  correlationId: string | undefined,
): Record<string, unknown> {
  const traceId = randomUUID();
  const correlation = correlationId ?? randomUUID();
  const timestamp = new Date(clock() * 1000).toISOString().replace("T", " ").replace(/\.\d+/, "");
  return {
    error: failure.error,
    error_description:
      `AADSTS${failure.number}: ${failure.message} Trace ID: ${traceId} ` +
      `Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [failure.number],
    timestamp,
    trace_id: traceId,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${failure.number}`,
    ...failure.more,
  };
}

export function tenantNotFound(tenant: string, error = "invalid_request"): AuthorityFailure {
  return new AuthorityFailure(
    error,
    90002,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are ` +
      "signing into the correct cloud. Check with your subscription administrator, this may " +
      "happen if there are no active subscriptions for the tenant.",
  );
}

export function missingParameter(name: string, error = "invalid_request"): AuthorityFailure {
  return new AuthorityFailure(
    error,
    900144,
    `The request body must contain the following parameter: '${name}'.`,
  );
}

export function applicationNotFound(clientId: string, directory: string): AuthorityFailure {
  return new AuthorityFailure(
    "unauthorized_client",
    700016,
    `Application with identifier '${clientId}' was not found in the directory '${directory}'. ` +
      "This can happen if the application has not been installed by the administrator of the " +
      "tenant or consented to by any user in the tenant. You may have sent your authentication " +
      "request to the wrong tenant.",
  );
}
