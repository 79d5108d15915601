import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { importPKCS8, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClientCertificate } from "../../src/practice/certificates.ts";
import { claimsOf, request, type ServedWithFolder, serveWithFolder } from "./served-cloud.ts";

const STORAGE = "https://storage.azure.com/.default";

describe("an application signs in by what it can sign", () => {
  let served: ServedWithFolder;
  beforeAll(async () => {
    served = await serveWithFolder();
  });
  afterAll(() => served.close());

  function byCertificate(certificatePath: string, sendCertificateChain = false) {
    const { tenantId, service, credentialOptions } = served;
    const options = { ...credentialOptions, sendCertificateChain };
    const configuration = { certificatePath };
    return new ClientCertificateCredential(tenantId, service.clientId, configuration, options);
  }

  function byAssertion(assertion: string) {
    const { tenantId, service, credentialOptions } = served;
    const give = async () => assertion;
    return new ClientAssertionCredential(tenantId, service.clientId, give, credentialOptions);
  }

  it.each([[false], [true]])("with its certificate, chain sent: %s", async (chain) => {
    const { token } = await byCertificate(served.certificateFile, chain).getToken(STORAGE);
    expect(claimsOf(token)).toMatchObject({ appid: served.service.clientId, appidacr: "2" });
  });

  it("keeps the certificate's key for its owner", () => {
    expect(statSync(served.certificateFile).mode & 0o777).toBe(0o600);
  });

  it("not with a certificate that is not registered", async () => {
    const { certificate, key } = await makeClientCertificate("somebody-else");
    const file = join(served.folder, "other.pem");
    writeFileSync(file, `${certificate}\n${key}\n`, { mode: 0o600 });
    await expect(byCertificate(file).getToken(STORAGE)).rejects.toThrow(
      "AADSTS700027: The certificate with identifier used to sign the client assertion is not " +
        "registered on application.",
    );
  });

  it("not with the registered certificate's name and another key", async () => {
    const { key } = await makeClientCertificate("somebody-else");
    const [certificate = ""] =
      /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(
        readFileSync(served.certificateFile, "utf8"),
      ) ?? [];
    const file = join(served.folder, "forged.pem");
    writeFileSync(file, `${certificate}\n${key}\n`, { mode: 0o600 });
    await expect(byCertificate(file).getToken(STORAGE)).rejects.toThrow("AADSTS50013");
  });

  it("with a federated token, as a workload in a cluster does", async () => {
    const { tenantId, service, federatedTokenFile, credentialOptions } = served;
    const credential = new WorkloadIdentityCredential({
      tenantId,
      clientId: service.clientId,
      tokenFilePath: federatedTokenFile,
      ...credentialOptions,
    });
    const { token } = await credential.getToken(STORAGE);
    expect(claimsOf(token).appid).toBe(service.clientId);
  });

  it("publishes the issuer whose federated tokens it trusts", async () => {
    const federated = claimsOf(readFileSync(served.federatedTokenFile, "utf8"));
    const at = `${federated.iss}/.well-known/openid-configuration`;
    const { body } = await request(served.cloud, at);
    expect(body.issuer).toBe(federated.iss);
    const keys = await request(served.cloud, String(body.jwks_uri));
    expect(keys.body.keys).toEqual([expect.objectContaining({ kty: "RSA", use: "sig" })]);
    expect(keys.text).not.toContain('"d"');
  });

  describe("not with a federated token", () => {
    async function forge(changes: Record<string, string>, expires = "1h") {
      const { key } = await makeClientCertificate("forger");
      const { iss, sub, aud } = claimsOf(readFileSync(served.federatedTokenFile, "utf8"));
      return new SignJWT({ iss, sub, aud, ...changes } as Record<string, string>)
        .setProtectedHeader({ alg: "RS256" })
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(await importPKCS8(key, "RS256"));
    }

    it.each([
      ["of another issuer", { iss: "https://other.example" }, "AADSTS700211"],
      ["for another workload", { sub: "system:serviceaccount:other:job" }, "AADSTS700213"],
      ["for another audience", { aud: "api://other" }, "AADSTS700212"],
      ["of another key", {}, "AADSTS50013"],
    ])("%s", async (_what, changes, expected) => {
      const credential = byAssertion(await forge(changes));
      await expect(credential.getToken(STORAGE)).rejects.toThrow(expected);
    });

    it("that is none", async () => {
      await expect(byAssertion("not.a.token").getToken(STORAGE)).rejects.toThrow("AADSTS50027");
    });
  });

  it("not with an assertion that has expired or is for somebody else", async () => {
    const pem = readFileSync(served.certificateFile, "utf8");
    const key = await importPKCS8(pem.slice(pem.indexOf("-----BEGIN PRIVATE")), "PS256");
    const { clientId } = served.service;
    const header = await headerOf();
    const sign = (aud: string, sub: string, expires: number) =>
      new SignJWT({ iss: clientId, sub, aud, exp: expires }).setProtectedHeader(header).sign(key);
    const now = Math.floor(Date.now() / 1000);
    const endpoint = `${served.origin}/${served.tokenPath}`;
    const cases = [
      [await sign(endpoint, clientId, now - 1000), "AADSTS700024"],
      [await sign("https://elsewhere.example/token", clientId, now + 600), "AADSTS700023"],
      [await sign(endpoint, served.clientId, now + 600), "AADSTS700021"],
    ] as const;
    for (const [assertion, expected] of cases) {
      await expect(byAssertion(assertion).getToken(STORAGE)).rejects.toThrow(expected);
    }
    await expect(
      byAssertion(await sign(endpoint, clientId, now + 600)).getToken(STORAGE),
    ).resolves.toMatchObject({ token: expect.stringContaining(".") });
  });

  /** The header that the SDK itself writes. */
  async function headerOf() {
    const { createHash, X509Certificate } = await import("node:crypto");
    const { raw } = new X509Certificate(readFileSync(served.certificateFile));
    return { alg: "PS256", "x5t#S256": createHash("sha256").update(raw).digest("base64url") };
  }
});
