import { findResource, GRAPH, type Resource } from "../directory/oauth-resources.ts";
import { AuthorityFailure, missingParameter } from "./authority-failure.ts";

/** Resource and scopes of a token request. */
export interface Grant {
  readonly resource: Resource;
  /** The token's `aud`, as requested. */
  readonly audience: string;
  /** Scopes in the reply. */
  readonly scope: string;
  /** Those of `openid`, `profile`, `offline_access` and `email` that were requested. */
  readonly protocol: ReadonlySet<string>;
}

/** A grant as it is kept in JSON. */
export type KeptGrant = Omit<Grant, "protocol"> & { readonly protocol: readonly string[] };

export function keepGrant(grant: Grant): KeptGrant {
  return { ...grant, protocol: [...grant.protocol] };
}

export function readGrant(kept: KeptGrant): Grant {
  return { ...kept, protocol: new Set(kept.protocol) };
}

const PROTOCOL_SCOPES = new Set(["openid", "profile", "offline_access", "email"]);

/**
 * Parses `scope`, or the `resource` of a version 1 request. The resource is what comes before the
 * last slash of a scope: `https://datalake.azure.net//.default` has an audience with a trailing
 * slash.
 */
export function readScope(form: URLSearchParams): Grant {
  const resource = form.get("resource");
  const text = form.get("scope") ?? (resource === null ? null : "openid");
  if (text === null) throw missingParameter("scope");
  const asked = text.split(/\s+/).filter(Boolean);
  if (resource !== null) asked.push(`${resource}/.default`);
  const protocol = new Set(asked.filter((scope) => PROTOCOL_SCOPES.has(scope)));
  const permissions = asked.filter((scope) => !PROTOCOL_SCOPES.has(scope));
  const audiences = new Set(permissions.map(audienceOf));
  if (audiences.size > 1) {
    throw new AuthorityFailure(
      "invalid_scope",
      28000,
      `Provided value for the input parameter scope is not valid because it contains more than ` +
        `one resource. Scope ${text} is not valid.`,
    );
  }
  const [audience = GRAPH.uris[0] ?? ""] = audiences;
  return { ...nameScopes(audience, permissions), protocol };
}

function audienceOf(scope: string): string {
  const slash = scope.lastIndexOf("/");
  // A scope without a resource, such as `User.Read`, belongs to Microsoft Graph.
  return slash < 0 ? (GRAPH.uris[0] ?? "") : scope.slice(0, slash);
}

function nameScopes(audience: string, permissions: readonly string[]) {
  const resource = findResource(audience);
  if (!resource) {
    throw new AuthorityFailure(
      "invalid_resource",
      500011,
      `The resource principal named ${audience} was not found in the tenant named Contoso. This ` +
        "can happen if the application has not been installed by the administrator of the tenant " +
        "or consented to by any user in the tenant. You might have sent your authentication " +
        "request to the wrong tenant.",
    );
  }
  const { permission } = resource;
  for (const scope of permissions) {
    const requested = scope.slice(scope.lastIndexOf("/") + 1);
    if (requested !== ".default" && requested !== permission) {
      throw new AuthorityFailure(
        "invalid_scope",
        70011,
        `The provided request must include a 'scope' input parameter. The provided value for the ` +
          `input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
      );
    }
  }
  const scope = permissions.some((name) => name.endsWith("/.default"))
    ? `${audience}/${permission} ${audience}/.default`
    : `${audience}/${permission}`;
  return { resource, audience, scope };
}
