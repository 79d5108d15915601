import { hash, randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import type { Clock } from "../clock.ts";
import type { Application } from "../directory/applications.ts";
import type { ManagedIdentity } from "../directory/managed-identities.ts";
import { displayName, type User } from "../directory/people.ts";
import { groupsOf } from "../directory/security-groups.ts";
import { TENANT } from "../directory/tenant.ts";
import type { Faults } from "../faults/faults.ts";
import type { Authentication, ClaimsRequest } from "./conditional-access.ts";
import type { Grant } from "./scopes.ts";
import { sealSession } from "./sessions.ts";
import type { SigningKey } from "./signing-key.ts";

/** Seconds, as in Microsoft Entra ID. */
const LIFETIME = 3599;
/** Seconds, for managed identities. */
const IDENTITY_LIFETIME = 86_399;
// Seconds by which tokens are backdated for clock skew, as in Microsoft Entra ID.
const BACKDATE = 300;

/** Issuer of access tokens, which are of version 1. */
export const ACCESS_TOKEN_ISSUER = issuerOf(TENANT.id);
const OTHER_TENANT = "07e4ba11-0b52-4c7e-9f7d-3d1c2b4a6e10";

/** The `appidacr` claim: authentication by nothing, by secret, by certificate. */
export type ClientProof = "0" | "1" | "2";

export interface TokenRequest {
  readonly application: Application;
  readonly proof: ClientProof;
  readonly grant: Grant;
  /** `https://HOST[:PORT]` of the authority as the client has it. */
  readonly origin: string;
  readonly claims: ClaimsRequest;
}

export interface TokenSource {
  readonly key: SigningKey;
  /** Key that encrypts refresh tokens. */
  readonly sealingKey: Uint8Array;
  readonly clock: Clock;
  readonly faults: Faults;
}

/** The reply to a token request of an application on its own behalf. */
export async function issueForApplication(source: TokenSource, request: TokenRequest) {
  const { application, grant } = request;
  const { token, lifetime } = await signAccess(source, LIFETIME, {
    ...clientClaims(request),
    aud: grant.audience,
    idtyp: "app",
    oid: application.objectId,
    sub: application.objectId,
  });
  return {
    token_type: "Bearer",
    expires_in: lifetime,
    ext_expires_in: lifetime,
    access_token: token,
  };
}

/** An access token of a managed identity, and the seconds it lives. */
export function issueForIdentity(source: TokenSource, identity: ManagedIdentity, audience: string) {
  return signAccess(source, IDENTITY_LIFETIME, {
    appid: identity.clientId,
    appidacr: "2",
    aud: audience,
    idtyp: "app",
    oid: identity.objectId,
    sub: identity.objectId,
    xms_mirid: identity.resourceId,
  });
}

/** The reply to a token request on behalf of a person: access, id and refresh tokens. */
export async function issueForUser(
  source: TokenSource,
  request: TokenRequest,
  user: User,
  authentication: Authentication,
  nonce?: string,
) {
  const { application, grant, claims } = request;
  const { protocol, resource } = grant;
  const person = { name: displayName(user), oid: user.id };
  const groups = groupsOf(user.id);
  const { token, lifetime } = await signAccess(source, LIFETIME, {
    ...clientClaims(request),
    ...person,
    acr: "1",
    ...(claims.context !== undefined && { acrs: [claims.context] }),
    amr: authentication.methods,
    aud: grant.audience,
    family_name: user.familyName,
    ...(groups.length > 0 && { groups }),
    given_name: user.givenName,
    idtyp: "user",
    scp: resource.permission,
    sub: pairwise(user, resource.appId),
    unique_name: user.upn,
    upn: user.upn,
  });
  const idToken = await sign(source, LIFETIME, {
    ...person,
    aud: application.clientId,
    iss: `${request.origin}/${TENANT.id}/v2.0`,
    preferred_username: user.upn,
    sub: pairwise(user, application.clientId),
    tid: TENANT.id,
    ver: "2.0",
    ...(nonce !== undefined && { nonce }),
  });
  const session = { ...authentication, userId: user.id, clientId: application.clientId };
  const clientInfo = JSON.stringify({ uid: user.id, utid: TENANT.id });
  return {
    token_type: "Bearer",
    scope: [grant.scope, ...protocol].join(" "),
    expires_in: lifetime,
    ext_expires_in: lifetime,
    access_token: token,
    ...(protocol.has("offline_access") && { refresh_token: await sealSession(source, session) }),
    ...(protocol.has("openid") && { id_token: idToken }),
    client_info: Buffer.from(clientInfo).toString("base64url"),
  };
}

function clientClaims({ application, proof, claims }: TokenRequest): Record<string, unknown> {
  return {
    appid: application.clientId,
    appidacr: proof,
    ...(claims.continuous && { xms_cc: ["CP1"] }),
  };
}

async function signAccess(
  source: TokenSource,
  usualLifetime: number,
  claims: Record<string, unknown>,
): Promise<{ token: string; lifetime: number }> {
  const { faults } = source;
  const lifetime = faults.ofKind("token-lifetime")[0]?.seconds ?? usualLifetime;
  const tenant = faults.takeRefusal("wrong-tenant") ? OTHER_TENANT : TENANT.id;
  const token = await sign(source, lifetime, {
    ...claims,
    // Opaque in Azure; here the time of issue in milliseconds.
    aio: Buffer.from(String(Date.now())).toString("base64url"),
    iss: issuerOf(tenant),
    tid: tenant,
    ver: "1.0",
  });
  return { token, lifetime };
}

function sign(
  { clock, key }: TokenSource,
  lifetime: number,
  claims: Record<string, unknown>,
): Promise<string> {
  const now = clock();
  return new SignJWT({ ...claims, uti: randomBytes(16).toString("base64url") })
    .setProtectedHeader({ typ: "JWT", alg: "RS256", kid: key.kid, x5t: key.kid })
    .setIssuedAt(now - BACKDATE)
    .setNotBefore(now - BACKDATE)
    .setExpirationTime(now + lifetime)
    .sign(key.privateKey);
}

function issuerOf(tenant: string): string {
  return `https://sts.windows.net/${tenant}/`;
}

/** A pairwise subject: different for each application. */
function pairwise(user: User, applicationId: string): string {
  return hash("sha256", `${user.id} ${applicationId}`, "base64url");
}
