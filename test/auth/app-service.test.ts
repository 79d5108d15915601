import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import { openPractice, type Practice } from "./practice.ts";

// In a file of its own: where a managed identity comes from is settled once a process.
let { practice, cloud } = {} as Practice;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice());
  const { endpoint, header } = practice.description.appService;
  vi.stubEnv("IDENTITY_ENDPOINT", endpoint);
  vi.stubEnv("IDENTITY_HEADER", header);
});
afterAll(() => {
  vi.unstubAllEnvs();
  return practice.close();
});

test("an app of App Service has its host's identity", async () => {
  const { system, user } = practice.description.identities;
  const own = await signInTo(cloud, { method: "managed-identity" });
  expect(own.account).toMatchObject({ kind: "managed-identity", objectId: system.objectId });
  const { clientId } = user;
  const named = await signInTo(cloud, { method: "managed-identity", clientId });
  expect(named.account.objectId).toBe(user.objectId);
  await expect(
    signInTo(cloud, { method: "managed-identity", clientId: "not-there" }),
  ).rejects.toMatchObject({ code: "NOT_AVAILABLE" });
  // The Azure SDK would answer with the token that it has from the first cloud.
  const second = await openPractice();
  await expect(signInTo(second.cloud, { method: "managed-identity" })).rejects.toMatchObject({
    code: "NOT_AVAILABLE",
    message: expect.stringContaining("managed identity of another cloud\n  restart the kernel"),
  });
  await second.practice.close();
});
