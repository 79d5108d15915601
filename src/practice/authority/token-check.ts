import { errors, type JWTPayload, jwtVerify } from "jose";
import type { Clock } from "../clock.ts";
import { MANAGEMENT, STORAGE } from "../directory/oauth-resources.ts";
import { findPrincipal } from "../directory/principals.ts";
import { TENANT } from "../directory/tenant.ts";
import type { Faults } from "../faults/faults.ts";
import type { TokenCheck } from "../principal.ts";
import { Refusal } from "../service-refusal.ts";
import { SECOND_FACTOR_CONTEXT } from "./conditional-access.ts";
import { ACCESS_TOKEN_ISSUER } from "./issue-tokens.ts";
import type { SigningKey } from "./signing-key.ts";

/** Why a token is invalid. */
type Fault = "missing" | "malformed" | "signature" | "issuer" | "audience" | "expired" | "early";

/** Tokens whose verification is remembered: clients send each with every request. */
const MOST_KNOWN = 256;
/** Seconds by which clocks may differ. */
const TOLERANCE = 300;

/** The verification of bearer tokens by all resources. */
export function createTokenCheck(key: SigningKey, clock: Clock, faults: Faults): TokenCheck {
  const known = new Map<string, JWTPayload>();
  return async (authorization, audience, others = []) => {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
    if (!token) throw refusal(authorization ? "malformed" : "missing", audience);
    const now = clock();
    const before = known.get(token);
    const claims =
      before && isTimely(before, now) ? before : await verify(token, key, now, audience);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(token, claims);
    if (![audience, ...others].some((one) => isAudience(claims.aud, one))) {
      throw refusal("audience", audience);
    }
    const principal = findPrincipal(String(claims.oid));
    if (!principal) throw refusal("malformed", audience);
    challenge(claims, audience, faults);
    return principal;
  };
}

/** Refuses a token with a claims challenge, while a fault says so. */
function challenge(claims: JWTPayload, audience: string, faults: Faults): void {
  if (claims.idtyp !== "user") return;
  const here = MANAGEMENT.uris.includes(audience) ? "management" : "lake";
  for (const { on, reason, since } of faults.ofKind("challenge")) {
    if (on !== here) continue;
    if (reason === "mfa" && ![claims.acrs].flat().includes(SECOND_FACTOR_CONTEXT)) {
      const claims = { acrs: { essential: true, value: SECOND_FACTOR_CONTEXT } };
      throw challengeRefusal(claims, "it shows no second factor, which a fault asks for");
    }
    // Only clients with the capability are challenged before the token expires.
    const issued = Number(Buffer.from(String(claims.aio), "base64url").toString());
    if (reason === "revoked" && claims.xms_cc !== undefined && issued < since) {
      const notBefore = String(Math.floor(since / 1000));
      const claims = { nbf: { essential: true, value: notBefore } };
      throw challengeRefusal(claims, "it is older than a fault that revokes it");
    }
  }
}

function challengeRefusal(accessToken: Record<string, unknown>, why: string): Refusal {
  const claims = Buffer.from(JSON.stringify({ access_token: accessToken })).toString("base64");
  const refusal = new Refusal(
    401,
    "InvalidAuthenticationToken",
    "Continuous access evaluation resulted in challenge with result: InteractionRequired.",
    {
      "www-authenticate":
        'Bearer realm="", ' +
        'authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", ' +
        `error="insufficient_claims", claims="${claims}"`,
    },
  );
  return refusal.because({ by: "token", why });
}

/** Whether a verified token is valid at a time, in seconds since 1970. */
function isTimely({ nbf = 0, exp = 0 }: JWTPayload, now: number): boolean {
  return nbf <= now + TOLERANCE && now - TOLERANCE < exp;
}

/** The claims of a token that is signed and valid now. */
async function verify(
  token: string,
  key: SigningKey,
  now: number,
  audience: string,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ["RS256"],
      issuer: ACCESS_TOKEN_ISSUER,
      requiredClaims: ["exp", "nbf", "oid", "tid"],
      currentDate: new Date(now * 1000),
      clockTolerance: TOLERANCE,
    });
    return payload;
  } catch (error) {
    throw refusal(faultOf(error), audience);
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "iss") return "issuer";
    if (error.claim === "nbf") return "early";
  }
  return "malformed";
}

/** Resource Manager has an audience for each cloud, and an older one. */
function isAudience(claim: unknown, audience: string): boolean {
  if (typeof claim !== "string") return false;
  const name = claim.replace(/\/+$/, "");
  if (name === audience) return true;
  return MANAGEMENT.uris.includes(audience) && MANAGEMENT.uris.includes(name);
}

function refusal(fault: Fault, audience: string): Refusal {
  return wordedFor(fault, audience).because({ by: "token", why: WHY[fault] });
}

const WHY: Readonly<Record<Fault, string>> = {
  missing: "there is no token",
  malformed: "it is no token of this practice cloud",
  signature: "its signature does not hold",
  issuer: "another tenant has issued it",
  audience: "it is for another resource",
  expired: "it has expired",
  early: "it is not valid yet",
};

function wordedFor(fault: Fault, audience: string): Refusal {
  if (MANAGEMENT.uris.includes(audience)) return managementRefusal(fault);
  const challenge =
    `Bearer authorization_uri=https://login.microsoftonline.com/${TENANT.id}/oauth2/authorize ` +
    `resource_id=${audience}`;
  const headers = { "www-authenticate": challenge };
  if (fault === "missing" && STORAGE.uris.includes(audience)) {
    return new Refusal(
      401,
      "NoAuthenticationInformation",
      "Server failed to authenticate the request. Please refer to the information in the " +
        "www-authenticate header.",
      headers,
    );
  }
  return new Refusal(
    401,
    "InvalidAuthenticationInfo",
    `Server failed to authenticate the request. ${STORAGE_TEXTS[fault]}`,
    headers,
  );
}

const STORAGE_TEXTS: Readonly<Record<Fault, string>> = {
  missing: "Please refer to the information in the www-authenticate header.",
  malformed: "Authentication scheme Bearer is not supported in this version or token is malformed.",
  signature: "Signature validation failed. Signature verification failed.",
  issuer: "Issuer validation failed. Issuer did not match.",
  audience: "Audience validation failed. Audience did not match.",
  expired: "Lifetime validation failed. The token is expired.",
  early: "Lifetime validation failed. The token is not yet valid.",
};

const MANAGEMENT_CODES: Readonly<Record<Fault, readonly [code: string, text: string]>> = {
  missing: [
    "AuthenticationFailed",
    "Authentication failed. The 'Authorization' header is missing.",
  ],
  malformed: ["InvalidAuthenticationToken", "The access token is invalid."],
  signature: [
    "InvalidAuthenticationToken",
    "The access token validation failure. The signature of the token could not be verified.",
  ],
  issuer: [
    "InvalidAuthenticationTokenTenant",
    `The access token is from the wrong issuer. It must match the tenant '${ACCESS_TOKEN_ISSUER}' ` +
      "associated with this subscription. Please use the authority (URL) " +
      `'https://login.windows.net/${TENANT.id}' to get the token.`,
  ],
  audience: [
    "InvalidAuthenticationTokenAudience",
    "The access token has been obtained for wrong audience or resource. It should exactly match " +
      "with one of the allowed audiences 'https://management.core.windows.net/', " +
      "'https://management.core.windows.net', 'https://management.azure.com/', " +
      "'https://management.azure.com'.",
  ],
  expired: ["ExpiredAuthenticationToken", "The access token has expired."],
  early: ["InvalidAuthenticationToken", "The access token is not yet valid."],
};

function managementRefusal(fault: Fault): Refusal {
  const [code, text] = MANAGEMENT_CODES[fault];
  const error = fault === "missing" ? "invalid_request" : "invalid_token";
  return new Refusal(401, code, text, {
    "www-authenticate":
      `Bearer authorization_uri="https://login.windows.net/${TENANT.id}", error="${error}", ` +
      `error_description="${text}"`,
  });
}
