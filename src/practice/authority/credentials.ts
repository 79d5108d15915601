import type { GetTokenOptions, TokenCredential } from "@azure/core-auth";
import { NOTEBOOK_APP, SERVICE_APP } from "../directory/applications.ts";
import { MANAGED_IDENTITIES } from "../directory/managed-identities.ts";
import { findUser, USERS } from "../directory/people.ts";
import { readClaims } from "./conditional-access.ts";
import {
  issueForApplication,
  issueForIdentity,
  issueForUser,
  type TokenSource,
} from "./issue-tokens.ts";
import { readScope } from "./scopes.ts";

/** Issues an access token for the scopes of a form. */
type Issue = (form: URLSearchParams) => Promise<{ token: string; lifetime: number }>;

/**
 * A credential without a sign-in, for tests that use clients of the Azure SDK. Its tokens are those
 * of the token endpoint, faults included.
 *
 * @param name a user (`ada@contoso.com`), the service application (`notelake-service`) or a managed
 *   identity (`notelake-vm`), or the id of one
 * @param origin `https://127.0.0.1:PORT` of the authority
 * @throws RangeError for an unknown name
 */
export function createCredential(
  source: TokenSource,
  name: string,
  origin: string,
): TokenCredential {
  const issue = issuerFor(source, name, origin);
  return {
    getToken: async (scopes: string | string[], { claims }: GetTokenOptions = {}) => {
      const scope = [scopes].flat().join(" ");
      const form = new URLSearchParams({ scope, ...(claims !== undefined && { claims }) });
      const { token, lifetime } = await issue(form);
      return { token, expiresOnTimestamp: Date.now() + lifetime * 1000 };
    },
  };
}

function issuerFor(source: TokenSource, name: string, origin: string): Issue {
  const user = findUser(name);
  const requested = name.trim().toLowerCase();
  if (user) {
    return async (form) => {
      const request = { application: NOTEBOOK_APP, proof: "0", origin } as const;
      const claims = readClaims(form);
      const grant = readScope(form);
      const authentication = { methods: ["pwd", "mfa"], at: Date.now() };
      const issued = await issueForUser(
        source,
        { ...request, grant, claims },
        user,
        authentication,
      );
      return { token: issued.access_token, lifetime: issued.expires_in };
    };
  }
  if (isNamed(SERVICE_APP, requested)) {
    return async (form) => {
      const request = { application: SERVICE_APP, proof: "1", origin } as const;
      const claims = readClaims(form);
      const issued = await issueForApplication(source, {
        ...request,
        grant: readScope(form),
        claims,
      });
      return { token: issued.access_token, lifetime: issued.expires_in };
    };
  }
  const identity = MANAGED_IDENTITIES.find((candidate) => isNamed(candidate, requested));
  if (identity) return (form) => issueForIdentity(source, identity, readScope(form).audience);
  const known = [...USERS.map(({ upn }) => upn), SERVICE_APP.name];
  const names = [...known, ...MANAGED_IDENTITIES.map((one) => one.name)].join(", ");
  throw new RangeError(`nobody in the practice directory is called ${name}; there are ${names}`);
}

function isNamed(
  { name, clientId, objectId }: { name: string; clientId: string; objectId: string },
  requested: string,
): boolean {
  return [name, clientId, objectId].includes(requested);
}
