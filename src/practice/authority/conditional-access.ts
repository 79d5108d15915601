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

// Id of the policy in challenges.
const POLICY_ID = "ca9011c1-0000-4a11-9b00-000000000001";

/** Whether a sign-in needs a second factor. */
export function asksSecondFactor(faults: Faults, claims: ClaimsRequest): boolean {
  return claims.secondFactor || faults.findRefusal("mfa-required") !== undefined;
}

/**
 * Refuses a token without a required second factor, with the claims for a new sign-in.
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

/** The `claims` parameter of a request (OpenID Connect Core 5.5). */
export interface ClaimsRequest {
  /** The client handles claims challenges: it sends capability `CP1` as `xms_cc`. */
  readonly continuous: boolean;
  /** Required authentication context, such as `c1`. */
  readonly context?: string;
  /** Whether an authentication context or a policy requires a second factor. */
  readonly secondFactor: boolean;
}

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
