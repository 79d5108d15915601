import type { Resource } from "../directory/oauth-resources.ts";
import type { Faults } from "../faults/faults.ts";
import { AuthorityFailure } from "./authority-failure.ts";
import type { ClaimsRequest } from "./claims.ts";

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
