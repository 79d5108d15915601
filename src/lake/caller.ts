import type { TokenCredential } from "@azure/core-auth";
import { decodeJwt } from "jose";

/** What a credential's token says of itself; nothing here was verified. */
export interface Caller {
  /** `ada@contoso.com`, an application's name, or "this sign-in". */
  readonly name: string;
  /** Object id in the directory, by which roles are given. */
  readonly objectId?: string;
  readonly isPerson?: boolean;
  /** The service that the token is for. */
  readonly audience?: string;
  readonly expires?: Date;
}

const UNKNOWN: Caller = { name: "this sign-in" };

/** Who a request of `credential` is made for, as far as its token tells. Never throws. */
export async function describeCaller(credential: TokenCredential, scope: string): Promise<Caller> {
  try {
    const token = await credential.getToken(scope);
    if (!token) return UNKNOWN;
    const claims = decodeJwt(token.token);
    const { aud, exp } = claims;
    const audience = Array.isArray(aud) ? aud[0] : aud;
    const person = PERSON_CLAIMS.map((claim) => claims[claim]).find((name) => name);
    return {
      name: nameIn(claims) ?? UNKNOWN.name,
      isPerson: person !== undefined,
      ...(typeof claims.oid === "string" &&
        /^[0-9a-f-]{36}$/i.test(claims.oid) && { objectId: claims.oid }),
      ...(typeof audience === "string" && { audience: clean(audience) }),
      ...(typeof exp === "number" && { expires: new Date(exp * 1000) }),
    };
  } catch {
    return UNKNOWN; // an opaque token, or no token at all: the failure at hand is what counts
  }
}

// `upn` in version 1 tokens, `preferred_username` in version 2.
const PERSON_CLAIMS = ["upn", "preferred_username", "unique_name"];

// Users first, then applications.
function nameIn(claims: Record<string, unknown>): string | undefined {
  for (const claim of [...PERSON_CLAIMS, "app_displayname"]) {
    const value = claims[claim];
    if (typeof value === "string" && value) return clean(value);
  }
  const application = claims.appid ?? claims.azp;
  return typeof application === "string" ? `application ${clean(application)}` : undefined;
}

/** A claim is anything that the issuer let through; a message holds one short line of it. */
function clean(claim: string): string {
  return claim.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "").slice(0, 120);
}
