import { AuthorityFailure } from "./authority-failure.ts";

/** What a request's `claims` parameter asks of the access token (OpenID Connect Core 5.5). */
export interface ClaimsRequest {
  /** The client handles claims challenges: it sends capability `CP1` as `xms_cc`. */
  readonly continuous: boolean;
  /** Authentication context that the token must show, such as `c1`. */
  readonly context?: string;
  /** A second factor is asked for, by an authentication context or a policy. */
  readonly secondFactor: boolean;
}

/** The authentication context that stands for a second factor. */
export const SECOND_FACTOR_CONTEXT = "c1";

/** @throws AuthorityFailure for a parameter that is no JSON object */
export function readClaims(parameters: URLSearchParams): ClaimsRequest {
  const text = parameters.get("claims");
  if (!text) return { continuous: false, secondFactor: false };
  const { acrs, capolids, xms_cc: capabilities } = parse(text);
  const contexts = valuesOf(acrs);
  return {
    continuous: valuesOf(capabilities).some((value) => value.toUpperCase() === "CP1"),
    secondFactor: contexts.includes(SECOND_FACTOR_CONTEXT) || capolids !== undefined,
    ...(contexts[0] !== undefined && { context: contexts[0] }),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const parsed = JSON.parse(text) as { access_token?: Record<string, unknown> };
    return parsed.access_token ?? {};
  } catch {
    throw new AuthorityFailure(
      "invalid_request",
      90100,
      "claims parameter is invalid: it must be a JSON object.",
    );
  }
}

function valuesOf(member: unknown): string[] {
  const { value, values } = (member ?? {}) as { value?: unknown; values?: unknown };
  return [value, values].flat().filter((item): item is string => typeof item === "string");
}
