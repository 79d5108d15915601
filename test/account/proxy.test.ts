import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openAccountsIn } from "../../src/account/open-accounts.ts";
import { openSubscriptionIn } from "../../src/account/subscription.ts";
import { collect, startTestCloud, type TestCloud } from "../lake/practice-cloud.ts";

let cloud: TestCloud;
let proxy: Server;
let asked = 0;

beforeAll(async () => {
  cloud = await startTestCloud("ada@contoso.com", { "raw/a.csv": "a\n" });
  proxy = createServer((socket) => {
    asked++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as { port: number };
  for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
    vi.stubEnv(name, `http://127.0.0.1:${port}`);
  }
  for (const name of ["NO_PROXY", "no_proxy"]) vi.stubEnv(name, "");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([cloud.close(), new Promise((resolve) => proxy.close(resolve))]);
});

test("nothing that is meant for the practice cloud goes by way of a proxy", async () => {
  const subscription = openSubscriptionIn(cloud.cloud, { credential: cloud.user });
  await subscription.createResourceGroup("lakes", { location: "westeurope" });
  for (const generation of [1, 2] as const) {
    const options = { credential: cloud.user, resourceGroup: "lakes", generation };
    const accounts = openAccountsIn(cloud.cloud, options);
    await accounts.create(`proxied${generation}`, { location: "westeurope" });
    expect(await collect(accounts.list())).toHaveLength(1);
  }
  const grant = {
    principalId: "9eace000-5d3a-4f0e-8a51-0d9a1b2c3d02",
    role: "Reader",
    scope: `/subscriptions/${subscription.id}/resourceGroups/lakes`,
  };
  await subscription.grantRole(grant);
  await subscription.revokeRole(grant);
  const lake = cloud.open("raw");
  await lake.write("b.csv", "b\n");
  expect(await lake.readText("b.csv")).toBe("b\n");
  expect(asked).toBe(0);
});
