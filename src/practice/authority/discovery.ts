import { TENANT } from "../directory/tenant.ts";

/**
 * The OpenID configuration of a tenant, with URLs on the requested host, except the page for
 * browsers: over http there is no certificate warning.
 *
 * @param origin `https://HOST[:PORT]`
 * @param pages `http://127.0.0.1:PORT`
 * @param tenant as the path has it
 * @param anyTenant whether the path names no single tenant, so that the issuer has a placeholder
 */
export function openIdConfiguration(
  origin: string,
  pages: string,
  tenant: string,
  anyTenant: boolean,
) {
  const base = `${origin}/${tenant}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ["query", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: `${origin}/${anyTenant ? "{tenantid}" : TENANT.id}/v2.0`,
    request_uri_parameter_supported: false,
    authorization_endpoint: `${pages}/${tenant}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: "sub iss aud exp iat nonce preferred_username name tid ver".split(" "),
    code_challenge_methods_supported: ["S256"],
    tenant_region_scope: "EU",
    cloud_instance_name: "microsoftonline.com",
  };
}

/** Instance metadata, which MSAL requests for an unknown authority. */
export function instanceMetadata(origin: string, host: string) {
  return {
    tenant_discovery_endpoint: `${origin}/${TENANT.id}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
