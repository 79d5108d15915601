import { join } from "node:path";
import { SignJWT } from "jose";
import { writePrivate } from "../private-file.ts";
import type { SigningKey } from "./signing-key.ts";

/** An external issuer whose tokens the service application trusts. */
export interface Federation {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly key: SigningKey;
}

/** First segment of the issuer's path on the practice cloud's own address. */
export const ISSUER_SEGMENT = "practice-issuer";

// As in Kubernetes: valid for an hour, and replaced well before its end.
const LIFETIME = 3600;
const RENEW_MS = 30 * 60 * 1000;

/** An issuer of workload identity tokens, in place of a cluster. */
export function createFederation(origin: string, key: SigningKey): Federation {
  return {
    issuer: `${origin}/${ISSUER_SEGMENT}`,
    subject: "system:serviceaccount:practice:notelake-service",
    audience: "api://AzureADTokenExchange",
    key,
  };
}

/** What the issuer publishes under `/.well-known/openid-configuration`. */
export function describeIssuer({ issuer }: Federation) {
  return {
    issuer,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
}

/** Keeps a fresh federated token in a file, until it is closed. */
export async function keepFederatedToken(dir: string, federation: Federation) {
  const file = join(dir, "federated-token.jwt");
  const renew = async () => writePrivate(file, await mint(federation));
  await renew();
  // A removed folder is no error.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_MS);
  return {
    file,
    close: async () => clearInterval(timer),
    unref: () => timer.unref(),
  };
}

function mint({ issuer, subject, audience, key }: Federation): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: "RS256", kid: key.kid })
    .setIssuer(issuer)
    .setSubject(subject)
    .setAudience(audience)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + LIFETIME)
    .sign(key.privateKey);
}
