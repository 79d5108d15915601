import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { checkCloud } from "../../src/auth/check-cloud.ts";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import { CLOUD_ENDPOINTS, type CloudName } from "../../src/core/cloud.ts";
import type { PracticeCloud } from "../../src/practice/index.ts";
import { openPractice } from "./practice.ts";

/** A proxy that lets nothing through, and remembers who was asked for. */
const asked: string[] = [];
let answer: string | undefined;
const proxy = createServer().on("connect", ({ url }, socket) => {
  asked.push(url ?? "");
  if (answer) socket.end(answer);
  else socket.destroy();
});
let practice: PracticeCloud;
beforeAll(async () => {
  ({ practice } = await openPractice());
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  const { port } = proxy.address() as AddressInfo;
  vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${port}`);
});
afterAll(() => {
  vi.unstubAllEnvs();
  proxy.close();
  return practice.close();
});
afterEach(() => {
  asked.length = 0;
  answer = undefined;
});

function signInAt(name: CloudName) {
  return signInTo(
    { ...CLOUD_ENDPOINTS[name], kind: "azure" },
    {
      method: "client-secret",
      tenantId: "11111111-2222-3333-4444-555555555555",
      clientId: "11111111-2222-3333-4444-666666666666",
      clientSecret: "never sent anywhere",
    },
  );
}

test.each([
  ["public", "login.microsoftonline.com", "login.microsoftonline.com"],
  ["us-government", "login.microsoftonline.us", "login.microsoftonline.us"],
  // MSAL knows the name that the one in China goes by on the network.
  ["china", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
] as const)("sign-in to %s asks its own authority and nobody else", async (name, host, network) => {
  await expect(signInAt(name)).rejects.toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringContaining(`could not sign in to ${host}: ${network} cannot be reached`),
  });
  expect(new Set(asked)).toEqual(new Set([`${network}:443`]));
});

test("a proxy that wants a password of its own is named as what is in the way", async () => {
  answer = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
  await expect(signInAt("public")).rejects.toMatchObject({
    code: "UNREACHABLE",
    status: 407,
    message: expect.stringMatching(/the proxy on the way to [\s\S]*HTTPS_PROXY/),
  });
});

test("what the doctor looks for is looked for through the proxy", async () => {
  vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential");
  const cloud = { ...CLOUD_ENDPOINTS.public, kind: "azure", account: "contosolake" } as const;
  const checks = await checkCloud(cloud);
  expect(checks.map(({ subject, state }) => `${subject}: ${state}`)).toEqual([
    "Environment: ok",
    "Authority: failed",
    "Resource Manager: failed",
    "Storage account contosolake: failed",
    "Sign-in: warning",
  ]);
  expect(new Set(asked)).toEqual(
    new Set([
      "login.microsoftonline.com:443",
      "management.azure.com:443",
      "contosolake.dfs.core.windows.net:443",
    ]),
  );
});

test("the machine's own metadata service is never asked for through a proxy", async () => {
  vi.stubEnv("AZURE_POD_IDENTITY_AUTHORITY_HOST", practice.description.metadata.virtualMachine);
  const { account } = await signInTo(
    { ...CLOUD_ENDPOINTS.public, kind: "azure" },
    { method: "managed-identity" },
  );
  expect(account.objectId).toBe(practice.description.identities.system.objectId);
  expect(asked).toEqual([]);
});
