import type { TokenCredential } from "@azure/core-auth";
import { decodeJwt } from "jose";

/** Claims of a credential's token, not verified. */
export interface Caller {
  /** `ada@contoso.com`, an application's name, or "this sign-in". */
  readonly name: string;
  /** Object id in the directory, which role assignments name. */
  readonly objectId?: string;
  readonly isPerson?: boolean;
  /** The service that the token is for. */
  readonly audience?: string;
  readonly expires?: Date;
}

const UNKNOWN: Caller = { name: "this sign-in" };

/** Whose token `credential` gives, for messages. Never throws. */
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
    return UNKNOWN; // no token, or one that is no JWT
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

/** A claim as one short line: it may hold any text. */
function clean(claim: string): string {
  return claim.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "").slice(0, 120);
}
