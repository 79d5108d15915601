import type { Application } from "../directory/applications.ts";
import { resolveTenant } from "../directory/tenant.ts";
import type { Faults } from "../faults/faults.ts";
import { readApplication } from "./authenticate-client.ts";
import { AuthorityFailure, missingParameter, tenantNotFound } from "./authority-failure.ts";
import { asksSecondFactor, readClaims } from "./conditional-access.ts";
import { type Grant, readScope } from "./scopes.ts";

/** An authorization request (RFC 6749 section 4.1.1, PKCE of RFC 7636). */
export interface SignInRequest {
  readonly application: Application;
  readonly grant: Grant;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly secondFactor: boolean;
  readonly parameters: URLSearchParams;
}

/** @throws AuthorityFailure when there is no valid redirect URI, or the request is malformed */
export function readSignInRequest(url: URL, faults: Faults): SignInRequest {
  const parameters = url.searchParams;
  const [, tenant = ""] = url.pathname.split("/");
  if (resolveTenant(tenant) === "unknown") throw tenantNotFound(tenant);
  const application = readApplication(parameters);
  const redirectUri = parameters.get("redirect_uri") ?? "";
  if (!isLoopback(redirectUri)) {
    throw new AuthorityFailure(
      "invalid_request",
      50011,
      `The redirect URI '${redirectUri}' specified in the request does not match the redirect ` +
        `URIs configured for the application '${application.clientId}'. Make sure the redirect ` +
        "URI sent in the request matches one added to your application.",
    );
  }
  if (parameters.get("response_type") !== "code") {
    throw new AuthorityFailure(
      "unsupported_response_type",
      700054,
      "response_type 'code' is the only one enabled for the application.",
    );
  }
  const challenge = parameters.get("code_challenge");
  if (!challenge) throw missingParameter("code_challenge");
  if (parameters.get("code_challenge_method") !== "S256") {
    throw new AuthorityFailure(
      "invalid_request",
      501491,
      "Invalid size or method of Code_Challenge parameter: S256 is required.",
    );
  }
  const secondFactor = asksSecondFactor(faults, readClaims(parameters));
  const grant = readScope(parameters);
  return { application, grant, redirectUri, challenge, secondFactor, parameters };
}

/** Public clients listen on loopback, on any port (RFC 8252). */
function isLoopback(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  return protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname);
}
