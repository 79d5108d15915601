import { decodeJwt } from "jose";
import type { Account } from "../core/sign-in-types.ts";

/**
 * The owner of a token, by its claims, which are not verified: only the service that it is for can
 * do that. An opaque token, as personal Microsoft accounts get, has none.
 */
export function accountOf(token: string): Account {
  let claims: Readonly<Record<string, unknown>>;
  try {
    claims = decodeJwt(token);
  } catch {
    return { kind: "user", name: "an account that its token does not name", username: "" };
  }
  const text = (...names: readonly string[]) => {
    for (const name of names) {
      const value = claims[name];
      if (typeof value === "string" && value) return clean(value);
    }
    return undefined;
  };
  const tenantId = text("tid");
  const objectId = text("oid");
  const directory = { ...(tenantId && { tenantId }), ...(objectId && { objectId }) };
  const application = text("appid", "azp") ?? "";
  const person = text("upn", "preferred_username", "unique_name", "email");
  if (person && claims.idtyp !== "app") {
    return { kind: "user", name: text("name") ?? person, username: person, ...directory };
  }
  // `xms_mirid` is the resource id of a managed identity, or of the machine it belongs to.
  const resource = text("xms_mirid");
  return {
    kind: resource ? "managed-identity" : "service",
    name: text("app_displayname") ?? resource?.split("/").at(-1) ?? `application ${application}`,
    username: application,
    ...directory,
  };
}

/** A claim is anything that the issuer let through; a message holds one short line of it. */
function clean(claim: string): string {
  return claim.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "").slice(0, 200);
}
