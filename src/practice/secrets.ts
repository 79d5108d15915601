import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { type KeyedCertificate, makeAuthority, makeClientCertificate } from "./certificates.ts";
import { writePrivate } from "./private-file.ts";

/** Everything secret that a practice cloud keeps across restarts with the same folder. */
export interface PracticeSecrets {
  /** Signs the server's certificate. */
  readonly ca: KeyedCertificate;
  /** Private RS256 key that signs access and id tokens. */
  readonly signingKey: JWK;
  /** Private RS256 key of the issuer of federated tokens. */
  readonly federationKey: JWK;
  /** base64url of 32 bytes that seal refresh tokens. */
  readonly sealingKey: string;
  readonly clientSecret: string;
  readonly clientCertificate: KeyedCertificate;
  /** What an App Service program must send as `X-IDENTITY-HEADER`. */
  readonly identityHeader: string;
}

/** Reads the secrets of the practice cloud in `dir`, or makes them; the file is for its owner only. */
export async function openSecrets(dir: string): Promise<PracticeSecrets> {
  const file = join(dir, "secrets.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as PracticeSecrets;
  const secrets = await makeSecrets();
  writePrivate(file, JSON.stringify(secrets, null, 2));
  return secrets;
}

async function makeSecrets(): Promise<PracticeSecrets> {
  const [ca, clientCertificate, signingKey, federationKey] = await Promise.all([
    makeAuthority(),
    makeClientCertificate("notelake-service"),
    makeSigningKey(),
    makeSigningKey(),
  ]);
  return {
    ca,
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
