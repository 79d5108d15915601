import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCertificate } from "../../src/auth/methods/certificate-file.ts";
import { makePair, makePfx, type Pair } from "./certificates.ts";

const password = "päss word & more";
let folder: string;
let pair: Pair;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-certificate-"));
  pair = await makePair();
});
afterAll(() => rm(folder, { recursive: true }));

/** What came out, by what it means and not by its spelling. */
function meaning(pem: string) {
  return {
    key: createPrivateKey(pem).export({ format: "der", type: "pkcs8" }).toString("base64"),
    first: new X509Certificate(pem).fingerprint256,
  };
}
const expected = () => ({
  key: createPrivateKey(pair.key).export({ format: "der", type: "pkcs8" }).toString("base64"),
  first: new X509Certificate(pair.certificate).fingerprint256,
});

test("a PEM file, whichever block comes first", async () => {
  const path = join(folder, "certificate.pem");
  await writeFile(path, pair.certificate + pair.key);
  expect(meaning(await readCertificate({ path }))).toEqual(expected());
  expect(meaning(await readCertificate({ content: pair.key + pair.certificate }))).toEqual(
    expected(),
  );
});

test("a PEM file with an encrypted key", async () => {
  const key = createPrivateKey(pair.key)
    .export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: password })
    .toString();
  const content = key + pair.certificate;
  expect(meaning(await readCertificate({ content, password }))).toEqual(expected());
  await expect(readCertificate({ content })).rejects.toMatchObject({
    code: "BAD_CERTIFICATE",
    message: "the certificate: the private key needs a password",
  });
  await expect(readCertificate({ content, password: "another" })).rejects.toMatchObject({
    message: expect.stringContaining("or the password is wrong"),
  });
});

test.each(["3des", "aes256"] as const)("a PFX file in %s", async (algorithm) => {
  const content = makePfx(pair, password, algorithm);
  expect(meaning(await readCertificate({ content, password }))).toEqual(expected());
  await expect(readCertificate({ content, password: "another" })).rejects.toMatchObject({
    code: "BAD_CERTIFICATE",
    message: expect.stringContaining("the password does not open it"),
  });
});

// Of the system, where there is one.
const OPENSSL = "openssl";
const openssl = (...options: string[]) => execFileSync(OPENSSL, options, { stdio: "pipe" });
const hasOpenssl = (() => {
  try {
    return /^OpenSSL 3/.test(openssl("version").toString());
  } catch {
    return false;
  }
})();

test.runIf(hasOpenssl)("a PFX file of OpenSSL 3, with its own cipher and MAC", async () => {
  const [key, certificate, path] = ["key.pem", "cert.pem", "openssl.pfx"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await writeFile(key, pair.key);
  await writeFile(certificate, pair.certificate);
  const secret = `pass:${password}`;
  openssl("pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", path, "-passout", secret);
  expect(meaning(await readCertificate({ path, password }))).toEqual(expected());
  expect((await readFile(path)).includes("-----BEGIN")).toBe(false);
});

test("the certificate that the key belongs to comes first in a chain", async () => {
  const other = await makePair();
  const content = other.certificate + pair.key + pair.certificate;
  const pem = await readCertificate({ content });
  expect(meaning(pem)).toEqual(expected());
  expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
});

test.each([
  [
    "a key of another certificate",
    async () => (await makePair()).key + pair.certificate,
    /none of/,
  ],
  ["no key", async () => pair.certificate, /holds no private key/],
  ["no certificate", async () => pair.key, /holds no certificate/],
  ["an elliptic-curve key", () => joined(makePair({ kind: "ec" })), /has an EC key/],
  ["neither format", async () => Buffer.from("just some text"), /neither a PEM nor a PFX/],
])("%s is told apart", async (_what, make, message) => {
  await expect(readCertificate({ content: await make() })).rejects.toMatchObject({
    code: "BAD_CERTIFICATE",
    message: expect.stringMatching(message),
  });
});

test("a certificate that has expired, and a file that is not there", async () => {
  const content = await joined(makePair({ days: -1 }));
  await expect(readCertificate({ content })).rejects.toMatchObject({ code: "EXPIRED_CERTIFICATE" });
  const path = join(folder, "nowhere.pem");
  await expect(readCertificate({ path })).rejects.toMatchObject({
    message: `${path} cannot be read (ENOENT)`,
  });
});

async function joined(made: Promise<Pair>): Promise<string> {
  const { key, certificate } = await made;
  return key + certificate;
}
