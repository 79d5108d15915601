import { type CryptoKey, importJWK, type JWK } from "jose";

/** A key pair for signing, with the public half as it is published. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly published: JWK;
}

/** Makes a private RS256 JWK ready for use. */
export async function openSigningKey(jwk: JWK): Promise<SigningKey> {
  const { kty, n, e, kid = "" } = jwk;
  if (!kty || !n || !e) throw new TypeError("a signing key must be an RSA key");
  const published: JWK = { kty, use: "sig", kid, n, e };
  const [privateKey, publicKey] = await Promise.all([
    importJWK(jwk, "RS256"),
    importJWK(published, "RS256"),
  ]);
  if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array) {
    throw new TypeError("a signing key must be an RSA key");
  }
  return { kid, privateKey, publicKey, published };
}
