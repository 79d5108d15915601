import { issueForIdentity, type TokenSource } from "../authority/issue-tokens.ts";
import {
  MANAGED_IDENTITIES,
  type ManagedIdentity,
  SYSTEM_IDENTITY,
} from "../directory/managed-identities.ts";
import { findResource } from "../directory/oauth-resources.ts";

/** A token request that the endpoint refuses, in OAuth's terms. */
export class IdentityRefusal extends Error {
  override readonly name = "IdentityRefusal";
  readonly error: string;

  constructor(error: string, text: string) {
    super(text);
    this.error = error;
  }
}

/** How each endpoint names an identity that is not the machine's own. */
const IDENTITY_PARAMETERS = {
  client_id: "clientId",
  object_id: "objectId",
  principal_id: "objectId",
  msi_res_id: "resourceId",
  mi_res_id: "resourceId",
} as const;

/**
 * Issues the token that a machine asks for, to its own identity or the one that is named.
 *
 * @throws IdentityRefusal for an identity or a resource that is not there
 */
export async function issueIdentityToken(tokens: TokenSource, query: URLSearchParams) {
  const identity = findIdentity(query);
  if (!identity || tokens.faults.takeRefusal("no-identity")) {
    throw new IdentityRefusal("invalid_request", "Identity not found");
  }
  const audience = query.get("resource");
  if (!audience) {
    throw new IdentityRefusal(
      "invalid_request",
      "Invalid or missing resource parameter: the resource to get a token for is required",
    );
  }
  if (!findResource(audience)) {
    throw new IdentityRefusal(
      "invalid_resource",
      `AADSTS500011: The resource principal named ${audience} was not found in the tenant named ` +
        "Contoso.",
    );
  }
  const { token, lifetime } = await issueForIdentity(tokens, identity, audience);
  const now = tokens.clock();
  // Every value is a string, numbers included.
  return {
    access_token: token,
    client_id: identity.clientId,
    expires_in: String(lifetime),
    expires_on: String(now + lifetime),
    ext_expires_in: String(lifetime),
    not_before: String(now - 300),
    resource: audience,
    token_type: "Bearer",
  };
}

function findIdentity(query: URLSearchParams): ManagedIdentity | undefined {
  for (const [parameter, field] of Object.entries(IDENTITY_PARAMETERS)) {
    const requested = query.get(parameter)?.toLowerCase();
    if (requested === undefined) continue;
    return MANAGED_IDENTITIES.find((identity) => identity[field].toLowerCase() === requested);
  }
  return SYSTEM_IDENTITY;
}
