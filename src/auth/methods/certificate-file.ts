import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { SignInError } from "../../core/errors.ts";
import { readPfx } from "./pfx.ts";

/** A certificate: `path` or `content`. */
export interface CertificateSource {
  /** PEM or PFX (PKCS #12) file with certificate and private key. */
  path?: string;
  /** PEM as text, or PFX as bytes. */
  content?: string | Uint8Array;
  /** Password of the private key. */
  password?: string;
}

/**
 * The certificate and its private key as PEM text for the Azure SDK: the unencrypted key, its
 * certificate, and the rest of the chain.
 *
 * @throws SignInError `BAD_CERTIFICATE` or `EXPIRED_CERTIFICATE`, which the SDK or the authority
 *   would report late and unclearly
 */
export async function readCertificate(source: CertificateSource): Promise<string> {
  const where = source.path ?? "the certificate";
  const bytes = await bytesOf(source);
  const pem = bytes.includes("-----BEGIN ")
    ? bytes.toString("latin1")
    : await readPfx(bytes, source.password ?? "", where);
  const key = keyIn(pem, source.password, where);
  const certificates = certificatesIn(pem, where);
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (!own) {
    throw bad(`${where}: the private key belongs to none of its certificates`);
  }
  if (Date.parse(own.validTo) < Date.now()) {
    throw new SignInError("EXPIRED_CERTIFICATE", `${where}: it expired on ${own.validTo}`, {
      hint: "Make a new certificate and upload its public part to the application.",
    });
  }
  const chain = [own, ...certificates.filter((certificate) => certificate !== own)];
  const blocks = [key.export({ format: "pem", type: "pkcs8" }), ...chain];
  return blocks.map((block) => `${block.toString().trim()}\n`).join("");
}

async function bytesOf({ path, content }: CertificateSource): Promise<Buffer> {
  if (content !== undefined) return Buffer.from(content);
  try {
    return await readFile(path ?? "");
  } catch (cause) {
    throw bad(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`);
  }
}

function keyIn(pem: string, passphrase: string | undefined, where: string): KeyObject {
  // Cut out, as Node reads a key only at the start of a text.
  const [block] =
    pem.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/) ?? [];
  if (!block) {
    throw bad(`${where} holds no private key`, "Append the key's PEM block, or use the PFX file.");
  }
  if (passphrase === undefined && block.includes("ENCRYPTED")) {
    throw bad(`${where}: the private key needs a password`);
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: block, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    const { code = "unknown format" } = error as NodeJS.ErrnoException;
    throw bad(`${where}: the private key cannot be read, or the password is wrong (${code})`);
  }
  if (key.asymmetricKeyType !== "rsa") {
    throw bad(
      `${where} has an ${key.asymmetricKeyType?.toUpperCase()} key`,
      "Microsoft Entra ID takes RSA keys: make the certificate with one of 2,048 bits or more.",
    );
  }
  return key;
}

function certificatesIn(pem: string, where: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  if (!blocks) throw bad(`${where} holds no certificate`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw bad(`${where}: a certificate in it cannot be read`);
  }
}

function bad(message: string, hint?: string): SignInError {
  return new SignInError("BAD_CERTIFICATE", message, hint === undefined ? {} : { hint });
}
