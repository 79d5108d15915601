import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { signInTo } from "../../src/auth/sign-in.ts";
import { CLOUD_ENDPOINTS, type CloudName } from "../../src/core/cloud.ts";

/** A proxy that lets nothing through, and remembers who was asked for. */
const asked: string[] = [];
let answer: string | undefined;
const proxy = createServer().on("connect", ({ url }, socket) => {
  asked.push(url ?? "");
  if (answer) socket.end(answer);
  else socket.destroy();
});
beforeAll(async () => {
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  const { port } = proxy.address() as AddressInfo;
  vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${port}`);
});
afterAll(() => {
  vi.unstubAllEnvs();
  proxy.close();
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
