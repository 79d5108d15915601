import { createHash, X509Certificate } from "node:crypto";
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  importX509,
  type JWTPayload,
  jwtVerify,
} from "jose";
import type { Clock } from "../clock.ts";
import type { Application } from "../directory/applications.ts";
import { TENANT } from "../directory/tenant.ts";
import { AuthorityFailure } from "./authority-failure.ts";
import type { Federation } from "./federation.ts";

/** The assertion type of RFC 7523 section 2.2, the only one there is. */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Credentials of an application beside its secret. */
export interface AssertionTrust {
  /** PEM certificate registered on the application. */
  readonly certificate: string;
  readonly federation: Federation;
  readonly clock: Clock;
}

/**
 * Verifies a client assertion, signed with the application's certificate or by a trusted issuer.
 *
 * @param origin `https://HOST[:PORT]` of the authority as the client has it
 * @throws AuthorityFailure `invalid_client`
 */
export async function checkAssertion(
  application: Application,
  assertion: string,
  origin: string,
  trust: AssertionTrust,
): Promise<void> {
  const claims = decode(assertion);
  if (claims.iss === application.clientId) {
    await checkCertificate(application, assertion, origin, trust);
  } else {
    await checkFederated(assertion, claims, trust);
  }
}

async function checkCertificate(
  application: Application,
  assertion: string,
  origin: string,
  { certificate, clock }: AssertionTrust,
): Promise<void> {
  const { alg = "", ...header } = decodeProtectedHeader(assertion);
  if (alg !== "PS256" && alg !== "RS256") {
    throw refusal(
      50027,
      `JWT token is invalid or malformed. The algorithm ${alg} is not supported.`,
    );
  }
  // MSAL for Python pads the thumbprint, MSAL for Node does not.
  const shown = Buffer.from(String(header["x5t#S256"] ?? header.x5t ?? ""), "base64url");
  if (!thumbprints(certificate).some((known) => known.equals(shown))) {
    const thumbprint = shown.toString("hex").toUpperCase();
    throw refusal(
      700027,
      "The certificate with identifier used to sign the client assertion is not registered on " +
        `application. [Reason - The key was not found., Thumbprint of key used by client: ` +
        `'${thumbprint}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph ` +
        "to see configured keys for app Id " +
        `'${application.clientId}'.`,
    );
  }
  const claims = await verified(50013, clock, assertion, async () => {
    const key = await importX509(certificate, alg);
    return jwtVerify(assertion, key, { ...within(clock), algorithms: [alg] });
  });
  if (claims.sub !== application.clientId) {
    throw refusal(
      700021,
      "Client assertion application identifier doesn't match 'client_id' parameter.",
    );
  }
  if (!isOurTokenEndpoint(claims.aud, origin)) {
    throw refusal(700023, "Client assertion audience claim does not match Realm issuer.");
  }
}

async function checkFederated(
  assertion: string,
  claims: JWTPayload,
  { federation, clock }: AssertionTrust,
): Promise<void> {
  const { issuer, subject, audience, key } = federation;
  const noMatch = (number: number, what: string, shown: unknown) =>
    refusal(
      number,
      `No matching federated identity record found for presented assertion ${what} '${shown}'. ` +
        "Check your federated identity credential Subject, Audience and Issuer against the " +
        "presented assertion.",
    );
  if (claims.iss !== issuer) throw noMatch(700211, "issuer", claims.iss);
  if (claims.sub !== subject) throw noMatch(700213, "subject", claims.sub);
  const audiences = [claims.aud].flat();
  if (!audiences.includes(audience)) throw noMatch(700212, "audience", claims.aud);
  await verified(50013, clock, assertion, () =>
    jwtVerify(assertion, key.publicKey, { ...within(clock), algorithms: ["RS256"] }),
  );
}

function decode(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw refusal(50027, "JWT token is invalid or malformed.");
  }
}

/** Runs a verification, and refuses as the authority does. */
async function verified(
  signatureNumber: number,
  clock: Clock,
  assertion: string,
  verify: () => Promise<{ payload: JWTPayload }>,
): Promise<JWTPayload> {
  try {
    const { payload } = await verify();
    if (payload.exp === undefined) throw new errors.JWTExpired("no exp", payload);
    return payload;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      throw refusal(
        signatureNumber,
        "Assertion failed signature validation. [Reason - The provided signature value did not " +
          "match the expected signature value.]",
      );
    }
    if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
      const { nbf, exp } = decodeJwt(assertion);
      throw refusal(
        700024,
        "Client assertion is not within its valid time range. Current time: " +
          `${dateOf(clock).toISOString()}, assertion valid from ${shownTime(nbf)}, expiry time of ` +
          `assertion ${shownTime(exp)}.`,
      );
    }
    throw refusal(50027, "JWT token is invalid or malformed.");
  }
}

/** The two thumbprints of a certificate in a JWT header: RFC 7515 sections 4.1.7 and 4.1.8. */
function thumbprints(certificate: string): Buffer[] {
  const { raw } = new X509Certificate(certificate);
  return ["sha1", "sha256"].map((name) => createHash(name).update(raw).digest());
}

function isOurTokenEndpoint(audience: JWTPayload["aud"], origin: string): boolean {
  const tenants = [TENANT.id, ...TENANT.domains, "organizations", "common"];
  return [audience].flat().some((name) => {
    if (!name?.startsWith(`${origin}/`)) return false;
    const [tenant = "", ...rest] = name.slice(origin.length + 1).split("/");
    const path = rest.join("/");
    return tenants.includes(tenant) && /^(oauth2\/v2\.0\/token|oauth2\/token|v2\.0|)$/.test(path);
  });
}

/** Tolerates clock skew of five minutes, and MSAL's rounding. */
function within(clock: Clock) {
  return { currentDate: dateOf(clock), clockTolerance: 300 };
}

function dateOf(clock: Clock): Date {
  return new Date(clock() * 1000);
}

function shownTime(seconds: number | undefined): string {
  return seconds === undefined ? "(none)" : new Date(seconds * 1000).toISOString();
}

function refusal(number: number, text: string): AuthorityFailure {
  return new AuthorityFailure("invalid_client", number, text, 401);
}
