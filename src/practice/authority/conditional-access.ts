import type { Resource } from "../directory/oauth-resources.ts";
import type { Faults } from "../faults/faults.ts";
import { AuthorityFailure } from "./authority-failure.ts";

/** How and when a person was authenticated. */
export interface Authentication {
  /** `pwd`, and `mfa` when a second factor was shown. */
  readonly methods: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

// A policy's id, as a challenge names it.
const POLICY_ID = "ca9011c1-0000-4a11-9b00-000000000001";

/** Whether a person who signs in now is asked for a second factor. */
export function asksSecondFactor(faults: Faults, claims: ClaimsRequest): boolean {
  return claims.secondFactor || faults.findRefusal("mfa-required") !== undefined;
}

/**
 * Refuses a token while a second factor is still to be shown, naming the claims that a new sign-in
 * must satisfy.
 *
 * @throws AuthorityFailure `interaction_required`
 */
export function demandSecondFactor(
  faults: Faults,
  claims: ClaimsRequest,
  { methods, at }: Authentication,
  resource: Resource,
): void {
  const shown = methods.includes("mfa");
  const policy = faults.findRefusal("mfa-required");
  const fulfilled = shown && (policy === undefined || at >= policy.since);
  if (fulfilled || (policy === undefined && !claims.secondFactor)) return;
  const required = { access_token: { capolids: { essential: true, values: [POLICY_ID] } } };
  throw new AuthorityFailure(
    "interaction_required",
    50076,
    "Due to a configuration change made by your administrator, or because you moved to a new " +
      `location, you must use multi-factor authentication to access '${resource.appId}'.`,
    400,
    { suberror: "basic_action", claims: JSON.stringify(required) },
  );
}

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
