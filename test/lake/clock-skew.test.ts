import "reflect-metadata";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSubscriptionIn } from "../../src/account/subscription.ts";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";

// A certificate that is out of its time speaks of this machine's clock, and of no proxy.

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;
const credential = {
  getToken: async () => ({ token: "owner", expiresOnTimestamp: Date.now() + 3_600_000 }),
};

/** A server whose certificate, its own authority, is valid between two days from now. */
async function serve(from: number, to: number): Promise<{ server: Server; cloud: Cloud }> {
  const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const names = [
    { type: "dns", value: "*.dfs.core.windows.net" },
    { type: "ip", value: "127.0.0.1" },
  ] as const;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=out of time",
    notBefore: new Date(Date.now() + from * DAY),
    notAfter: new Date(Date.now() + to * DAY),
    keys,
    signingAlgorithm: EC,
    extensions: [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectAlternativeNameExtension([...names]),
    ],
  });
  const cert = certificate.toString("pem");
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  const key = x509.PemConverter.encode(pkcs8, "PRIVATE KEY");
  const server = createServer({ cert, key }, (_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `https://127.0.0.1:${port}`;
  const places = { authority: origin, management: origin, account: "contosolake" };
  const loopback = { port, ca: cert, metadata: "http://127.0.0.1:1" };
  const ids = { subscriptionId: "c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f", tenantId: "contoso.com" };
  return {
    server,
    cloud: { ...CLOUD_ENDPOINTS.public, kind: "practice", ...places, ...ids, loopback },
  };
}

describe.each([
  ["has expired", "CERT_HAS_EXPIRED", -9, -2],
  ["is not valid yet", "CERT_NOT_YET_VALID", 2, 9],
])("a certificate that %s", (words, code, from, to) => {
  let server: Server;
  let cloud: Cloud;
  beforeAll(async () => {
    ({ server, cloud } = await serve(from, to));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const expectClock = (error: Error) => {
    expect(error.message).toContain(`${words} by this machine's clock (${code})`);
    expect(error.message).toContain(`The clock says ${new Date().toISOString().slice(0, 10)}`);
    expect(error.message).not.toMatch(/proxy|NODE_EXTRA_CA_CERTS/i);
  };

  test("tells whoever reads a lake", async () => {
    const retryPolicy = { tries: 1 };
    const lake = openLakeIn(cloud, "raw", { credential, retryPolicy });
    for (const call of [
      () => lake.read("a.csv"),
      () => lake.stat("a.csv"),
      () => lake.mkdir("a"),
    ]) {
      const error = await call().catch((reason: Error & { code: string }) => reason);
      expect(error).toMatchObject({ code: "UNREACHABLE" });
      expectClock(error as unknown as Error);
    }
  });

  test("tells whoever signs in", async () => {
    const options = { clientId: "c0de", clientSecret: "never sent to anybody" };
    const error = await signInTo(cloud, { method: "client-secret", ...options }).catch((e) => e);
    expect(error).toMatchObject({ code: "UNTRUSTED_CERTIFICATE" });
    expectClock(error);
  });

  test("tells whoever manages accounts", async () => {
    const error = await openSubscriptionIn(cloud, { credential })
      .resourceGroups()
      .catch((e) => e);
    expect(error).toMatchObject({ code: "UNTRUSTED_CERTIFICATE" });
    expectClock(error);
  });
});
