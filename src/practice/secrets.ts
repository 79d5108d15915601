import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import {
  type KeyedCertificate,
  makeAuthority,
  makeClientCertificate,
  makeServerCertificate,
} from "./certificates.ts";
import { damaged } from "./practice-error.ts";
import { writePrivate } from "./private-file.ts";

/** Certificates are renewed this many days before they expire, at a start. */
const RENEWAL_DAYS = 30;

/** The secrets that a practice cloud keeps. */
export interface PracticeSecrets {
  /** PEM certificate of the issuing authority, whose private key is not kept. */
  readonly ca: string;
  readonly server: KeyedCertificate;
  /** Private RS256 key that signs access and id tokens. */
  readonly signingKey: JWK;
  /** Private RS256 key of the issuer of federated tokens. */
  readonly federationKey: JWK;
  /** Key of 32 bytes that encrypts refresh tokens, in base64url. */
  readonly sealingKey: string;
  readonly clientSecret: string;
  readonly clientCertificate: KeyedCertificate;
  /** What an App Service program must send as `X-IDENTITY-HEADER`. */
  readonly identityHeader: string;
}

/**
 * Reads or creates the secrets of the practice cloud in `dir`; the file is for its owner only.
 *
 * @throws PracticeError `DAMAGED` when the file is invalid
 */
export async function openSecrets(dir: string): Promise<PracticeSecrets> {
  const file = join(dir, "secrets.json");
  const kept = existsSync(file) ? readSecrets(file) : undefined;
  const secrets = await renew(kept ?? (await makeSecrets()));
  if (secrets !== kept) writePrivate(file, JSON.stringify(secrets, null, 2));
  announceSecret("client secret", secrets.clientSecret);
  announceSecret("identity header", secrets.identityHeader);
  return secrets;
}

function readSecrets(file: string): PracticeSecrets {
  try {
    const secrets = JSON.parse(readFileSync(file, "utf8")) as PracticeSecrets;
    const { ca, server, clientCertificate, signingKey, federationKey } = secrets;
    for (const certificate of [ca, server.certificate, clientCertificate.certificate]) {
      new X509Certificate(certificate);
    }
    for (const { key } of [server, clientCertificate]) createPrivateKey(key);
    for (const key of [signingKey, federationKey]) createPrivateKey({ key, format: "jwk" });
    for (const name of ["sealingKey", "clientSecret", "identityHeader"] as const) {
      if (typeof secrets[name] !== "string") throw new TypeError(`there is no ${name}`);
    }
    return secrets;
  } catch (error) {
    throw damaged(file, "does not hold the keys of a practice cloud", error);
  }
}

/** Renews certificates; clients must then trust the new authority. */
async function renew(secrets: PracticeSecrets): Promise<PracticeSecrets> {
  let renewed = secrets;
  if (endsSoon(secrets.ca) || endsSoon(secrets.server.certificate)) {
    renewed = { ...renewed, ...(await makeServer()) };
  }
  if (endsSoon(secrets.clientCertificate.certificate)) {
    renewed = { ...renewed, clientCertificate: await makeClientCertificate(SERVICE_NAME) };
  }
  return renewed;
}

function endsSoon(certificate: string): boolean {
  const end = new X509Certificate(certificate).validToDate.getTime();
  return end < Date.now() + RENEWAL_DAYS * 24 * 60 * 60 * 1000;
}

const SERVICE_NAME = "notelake-service";

async function makeServer(): Promise<Pick<PracticeSecrets, "ca" | "server">> {
  const authority = await makeAuthority();
  return { ca: authority.certificate, server: await makeServerCertificate(authority) };
}

async function makeSecrets(): Promise<PracticeSecrets> {
  const [server, clientCertificate, signingKey, federationKey] = await Promise.all([
    makeServer(),
    makeClientCertificate(SERVICE_NAME),
    makeSigningKey(),
    makeSigningKey(),
  ]);
  return {
    ...server,
    clientCertificate,
    signingKey,
    federationKey,
    sealingKey: randomBytes(32).toString("base64url"),
    clientSecret: randomBytes(30).toString("base64url"),
    identityHeader: randomBytes(24).toString("hex"),
  };
}

async function makeSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = randomBytes(20).toString("base64url");
  return { ...(await exportJWK(privateKey)), kid, alg: "RS256", use: "sig" };
}

/** Key on `globalThis` of the notebook kernel's function for secrets. */
const ISSUED = Symbol.for("notelake.issuedSecret");

/** Reports a secret to a headless notebook kernel, which redacts outputs. */
export function announceSecret(kind: string, value: string): void {
  const tell: unknown = Reflect.get(globalThis, ISSUED);
  if (typeof tell === "function") tell(kind, value);
}
