import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { checkCloud } from "../../src/auth/check-cloud.ts";
import { openPractice, type Practice } from "./practice.ts";

let { practice, cloud } = {} as Practice;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice());
});
afterAll(() => practice.close());
beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("AZURE_")) vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  practice.faults.clear();
});

const checkOf = async (subject: string) =>
  (await checkCloud(cloud)).find((check) => check.subject === subject);

test("when all is well, it says what was looked at", async () => {
  const checks = await checkCloud(cloud);
  expect(checks.map(({ subject, state }) => `${subject}: ${state}`)).toEqual([
    "Environment: ok",
    "Authority: ok",
    "Clock: ok",
    "Resource Manager: ok",
    "Storage account contosolake: ok",
  ]);
  expect(checks[0]?.finding).toBe("nothing of Azure is set");
});

test("a clock that is off: a little, and too much", async () => {
  const little = practice.faults.add({ kind: "clock", seconds: 120 });
  expect(await checkOf("Clock")).toMatchObject({
    state: "warning",
    finding: expect.stringMatching(/^1(19|20|21) s behind the authority$/),
  });
  little.remove();
  practice.faults.add({ kind: "clock", seconds: -900 });
  expect(await checkOf("Clock")).toMatchObject({
    state: "failed",
    finding: expect.stringMatching(/^(899|900|901) s ahead of the authority$/),
    remedy: expect.stringContaining("timedatectl"),
  });
});

test("endpoints that are not trusted, broken or busy", async () => {
  const untrusted = practice.faults.add({ kind: "untrusted-certificate" });
  expect(await checkOf("Authority")).toMatchObject({
    state: "failed",
    remedy: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
  });
  untrusted.remove();
  practice.faults.add({ kind: "reset", on: "discovery" });
  expect(await checkOf("Authority")).toMatchObject({
    state: "failed",
    finding: expect.stringContaining("cannot be reached (ECONNRESET)"),
  });
  expect(await checkOf("Clock")).toBeUndefined();
  practice.faults.add({ kind: "status", on: "management", status: 503 });
  expect(await checkOf("Resource Manager")).toMatchObject({
    state: "warning",
    finding: expect.stringContaining("answers 503"),
  });
});

test.each([
  [
    "AZURE_CLIENT_SECRET",
    "x",
    "warning",
    "AZURE_CLIENT_SECRET is set without AZURE_CLIENT_ID and AZURE_TENANT_ID",
  ],
  [
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "0",
    "failed",
    "NODE_TLS_REJECT_UNAUTHORIZED is 0: anyone on the way can read tokens",
  ],
  ["AZURE_CLIENT_ID", "an-id", "ok", "AZURE_CLIENT_ID set"],
])("an environment with %s", async (name, value, state, finding) => {
  vi.stubEnv(name, value);
  expect(await checkOf("Environment")).toMatchObject({ state, finding });
});
