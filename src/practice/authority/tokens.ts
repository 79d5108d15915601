import { createHash, randomBytes } from "node:crypto";
import { EncryptJWT, jwtDecrypt, SignJWT } from "jose";
import type { Clock } from "../clock.ts";
import type { Application } from "../directory/applications.ts";
import { displayName, findUser, type User } from "../directory/people.ts";
import { TENANT } from "../directory/tenant.ts";
import { AuthorityFailure } from "./failure.ts";
import type { SigningKey } from "./keys.ts";
import type { Grant } from "./scopes.ts";

/** Seconds; a second under the hour, as Microsoft Entra ID has it. */
export const ACCESS_TOKEN_LIFETIME = 3599;
const REFRESH_TOKEN_LIFETIME = 90 * 24 * 60 * 60;
// Clocks differ; Microsoft Entra ID backdates by five minutes.
const BACKDATE = 300;

/** Who issues the tokens that resources accept, as in version 1 of the protocol. */
export const ACCESS_TOKEN_ISSUER = `https://sts.windows.net/${TENANT.id}/`;

/** How a client proved itself, as the `appidacr` claim: not at all, by secret, by certificate. */
export type ClientProof = "0" | "1" | "2";

/** A token to issue, beside whom it is for. */
export interface TokenRequest {
  readonly application: Application;
  readonly proof: ClientProof;
  readonly grant: Grant;
  /** `https://HOST[:PORT]` that the client reaches the authority at. */
  readonly origin: string;
  /** The client handles claims challenges (`xms_cc` of its `claims` parameter). */
  readonly continuous: boolean;
  /** How the person was authenticated: `pwd`, and `mfa` when a second factor was shown. */
  readonly methods?: readonly string[];
  readonly nonce?: string | undefined;
}

/** What a refresh token stands for. */
export interface Session {
  readonly userId: string;
  readonly clientId: string;
  readonly methods: readonly string[];
}

/** Everything that makes tokens. */
export interface TokenSource {
  readonly key: SigningKey;
  readonly sealingKey: Uint8Array;
  readonly clock: Clock;
}

/** The reply to a token request of an application on its own behalf. */
export async function issueForApplication(source: TokenSource, request: TokenRequest) {
  const { application, grant } = request;
  const token = await sign(source, {
    ...common(request),
    aud: grant.audience,
    iss: ACCESS_TOKEN_ISSUER,
    idtyp: "app",
    oid: application.objectId,
    sub: application.objectId,
    ver: "1.0",
  });
  return {
    token_type: "Bearer",
    expires_in: ACCESS_TOKEN_LIFETIME,
    ext_expires_in: ACCESS_TOKEN_LIFETIME,
    access_token: token,
  };
}

/** The reply to a token request on behalf of a person: access, id and refresh tokens. */
export async function issueForUser(source: TokenSource, request: TokenRequest, user: User) {
  const { application, grant, methods = ["pwd"] } = request;
  const person = { name: displayName(user), oid: user.id };
  const accessToken = await sign(source, {
    ...common(request),
    ...person,
    acr: "1",
    amr: methods,
    aud: grant.audience,
    family_name: user.familyName,
    given_name: user.givenName,
    idtyp: "user",
    iss: ACCESS_TOKEN_ISSUER,
    scp: grant.resource.permission,
    sub: pairwise(user, grant.resource.appId),
    unique_name: user.upn,
    upn: user.upn,
    ver: "1.0",
  });
  const idToken = await sign(source, {
    ...person,
    aud: application.clientId,
    iss: `${request.origin}/${TENANT.id}/v2.0`,
    preferred_username: user.upn,
    sub: pairwise(user, application.clientId),
    tid: TENANT.id,
    uti: uniqueId(),
    ver: "2.0",
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
  });
  const session = { userId: user.id, clientId: application.clientId, methods };
  const clientInfo = JSON.stringify({ uid: user.id, utid: TENANT.id });
  return {
    token_type: "Bearer",
    scope: [grant.scope, ...grant.protocol].join(" "),
    expires_in: ACCESS_TOKEN_LIFETIME,
    ext_expires_in: ACCESS_TOKEN_LIFETIME,
    access_token: accessToken,
    ...(grant.protocol.has("offline_access") && { refresh_token: await seal(source, session) }),
    ...(grant.protocol.has("openid") && { id_token: idToken }),
    client_info: Buffer.from(clientInfo).toString("base64url"),
  };
}

/**
 * Reads a refresh token back.
 *
 * @throws AuthorityFailure `invalid_grant` for one that is not ours or has expired
 */
export async function openSession(source: TokenSource, token: string): Promise<Session> {
  try {
    const { payload } = await jwtDecrypt<Session>(token, source.sealingKey, {
      currentDate: new Date(source.clock() * 1000),
    });
    if (!findUser(payload.userId)) throw new TypeError("no such user");
    return payload;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ERR_JWT_EXPIRED") {
      throw new AuthorityFailure(
        "invalid_grant",
        700082,
        "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.",
      );
    }
    throw new AuthorityFailure(
      "invalid_grant",
      9002313,
      "Invalid request. Request is malformed or invalid.",
    );
  }
}

function common(request: TokenRequest): Record<string, unknown> {
  return {
    appid: request.application.clientId,
    appidacr: request.proof,
    tid: TENANT.id,
    uti: uniqueId(),
    ...(request.continuous && { xms_cc: ["CP1"] }),
  };
}

function sign(source: TokenSource, claims: Record<string, unknown>): Promise<string> {
  const now = source.clock();
  return new SignJWT(claims)
    .setProtectedHeader({ typ: "JWT", alg: "RS256", kid: source.key.kid, x5t: source.key.kid })
    .setIssuedAt(now - BACKDATE)
    .setNotBefore(now - BACKDATE)
    .setExpirationTime(now + ACCESS_TOKEN_LIFETIME)
    .sign(source.key.privateKey);
}

function seal(source: TokenSource, session: Session): Promise<string> {
  const now = source.clock();
  return new EncryptJWT({ ...session })
    .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
    .setIssuedAt(now)
    .setExpirationTime(now + REFRESH_TOKEN_LIFETIME)
    .encrypt(source.sealingKey);
}

/** A subject differs from one application to the next, and stays the same for one of them. */
function pairwise(user: User, applicationId: string): string {
  return createHash("sha256").update(`${user.id} ${applicationId}`).digest("base64url");
}

function uniqueId(): string {
  return randomBytes(16).toString("base64url");
}
