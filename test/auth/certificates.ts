import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import { X509CertificateGenerator } from "@peculiar/x509";
import forge from "node-forge";

/** A self-signed certificate and its private key, as PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

interface PairOptions {
  /** Days from now; negative for one that has expired. */
  readonly days?: number;
  readonly kind?: "rsa" | "ec";
}

export async function makePair({ days = 2, kind = "rsa" }: PairOptions = {}): Promise<Pair> {
  const algorithm =
    kind === "rsa"
      ? {
          name: "RSASSA-PKCS1-v1_5",
          hash: "SHA-256",
          modulusLength: 2048,
          publicExponent: new Uint8Array([1, 0, 1]),
        }
      : { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = (await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const day = 86_400_000;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=notelake test",
    notBefore: new Date(Date.now() - 10 * day),
    notAfter: new Date(Date.now() + days * day),
    signingAlgorithm: algorithm,
    keys,
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const lines = pkcs8.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    certificate: certificate.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}

/** The pair as a PFX file, in the cipher of old Windows wizards or a current one. */
export function makePfx(pair: Pair, password: string, algorithm: "3des" | "aes256"): Buffer {
  const { pki, pkcs12, asn1 } = forge;
  const key = pki.privateKeyFromPem(blockOf(pair.key, "PRIVATE KEY"));
  const certificate = pki.certificateFromPem(blockOf(pair.certificate, "CERTIFICATE"));
  const file = pkcs12.toPkcs12Asn1(key, [certificate], password, { algorithm });
  return Buffer.from(asn1.toDer(file).getBytes(), "latin1");
}

/** The library takes one block at a time. */
function blockOf(pem: string, label: string): string {
  const [block = ""] = pem.match(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`) ?? [];
  return block;
}
