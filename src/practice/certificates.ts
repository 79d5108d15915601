// @peculiar/x509 needs the Reflect metadata API before it loads.
import "reflect-metadata";
import { randomBytes, type webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};
const DAY = 24 * 60 * 60 * 1000;
/** Lifetime of certificates in days. */
const LIFETIME = 397;
const ADDRESS = "127.0.0.1";

/** Host names of the server's certificate. */
const SERVER_NAMES = `localhost login.microsoftonline.com login.microsoftonline.us
  login.chinacloudapi.cn management.azure.com management.usgovcloudapi.net
  management.chinacloudapi.cn *.dfs.core.windows.net *.blob.core.windows.net
  *.z12.dfs.storage.azure.net *.z12.blob.storage.azure.net *.dfs.core.usgovcloudapi.net
  *.blob.core.usgovcloudapi.net *.dfs.core.chinacloudapi.cn *.blob.core.chinacloudapi.cn
  *.azuredatalakestore.net *.dfs.fabric.microsoft.com *.blob.fabric.microsoft.com`.split(/\s+/);

/**
 * A certificate authority for one practice cloud, constrained to the names that it serves (RFC
 * 5280, 4.2.1.10): trusting it trusts no other site.
 */
export async function makeAuthority(): Promise<KeyedCertificate> {
  const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(LIFETIME),
    // Random, to distinguish authorities in a trust store.
    name: `CN=notelake practice CA ${randomBytes(4).toString("hex")}, O=notelake practice cloud`,
    keys,
    signingAlgorithm: EC,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      nameConstraints(SERVER_NAMES, ADDRESS),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await exportKey(keys.privateKey) };
}

/** The server's certificate for 127.0.0.1 and all host names of Azure, signed by `authority`. */
export async function makeServerCertificate(
  authority: KeyedCertificate,
): Promise<KeyedCertificate> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const signingKey = await crypto.subtle.importKey(
    "pkcs8",
    x509.PemConverter.decodeFirst(authority.key),
    EC,
    false,
    ["sign"],
  );
  const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(LIFETIME),
    subject: "CN=notelake practice cloud",
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: EC,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      new x509.SubjectAlternativeNameExtension([
        { type: "ip", value: ADDRESS },
        ...SERVER_NAMES.map((value) => ({ type: "dns" as const, value })),
      ]),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await exportKey(keys.privateKey) };
}

/** A self-signed RSA certificate of an application. */
export async function makeClientCertificate(commonName: string): Promise<KeyedCertificate> {
  const keys = await crypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(730),
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: RSA,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await exportKey(keys.privateKey) };
}

/** The critical extension that limits an authority to some names and one IPv4 address. */
function nameConstraints(names: readonly string[], address: string): x509.Extension {
  // A constraint has no wildcard: it covers a name and all names below it.
  const subtrees = names.map((name) => der(0x82, Buffer.from(name.replace(/^\*\./, ""))));
  const mask = [255, 255, 255, 255];
  subtrees.push(der(0x87, Buffer.from([...address.split(".").map(Number), ...mask])));
  const permitted = Buffer.concat(subtrees.map((name) => der(0x30, name)));
  return new x509.Extension("2.5.29.30", true, der(0x30, der(0xa0, permitted)));
}

/** A value in the Distinguished Encoding Rules, shorter than 64 KiB. */
function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  if (length >= 128 && length < 256) size.splice(0, 2, 0x81);
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** From yesterday, for clocks that are behind. */
function validity(days: number) {
  const notBefore = new Date(Date.now() - DAY);
  return {
    serialNumber: randomBytes(16).toString("hex").replace(/^./, "4"),
    notBefore,
    notAfter: new Date(notBefore.getTime() + days * DAY),
  };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
