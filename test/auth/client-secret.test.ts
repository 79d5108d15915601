import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import { SignInError } from "../../src/core/errors.ts";
import { audienceOf, openPractice, type Practice } from "./practice.ts";

let { practice, cloud } = {} as Practice;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice());
});
afterAll(() => practice.close());

const failureOf = (options: Parameters<typeof signInTo>[1]) =>
  signInTo(cloud, options).then(
    () => expect.unreachable("signed in"),
    (error: SignInError) => error,
  );

test("an application signs in and gets a token for each service", async () => {
  const { clientId, clientSecret } = practice.description.service;
  const session = await signInTo(cloud, { method: "client-secret", clientId, clientSecret });
  expect(session.account).toMatchObject({
    kind: "service",
    username: clientId,
    tenantId: cloud.tenantId,
  });
  expect(session.method).toBe("client-secret");
  expect(session.report.attempts).toEqual([
    expect.objectContaining({ name: "ClientSecret", outcome: "signed-in" }),
  ]);
  const audiences = [];
  for (const service of ["storage", "management", "gen1"] as const) {
    audiences.push(audienceOf(await session.tokenFor(service)));
  }
  expect(audiences).toEqual([
    "https://storage.azure.com",
    "https://management.azure.com",
    "https://datalake.azure.net/",
  ]);
  expect(session.expiresOn.getTime()).toBeGreaterThan(Date.now());
});

test("a wrong secret says so, says what to do, and stays out of the error", async () => {
  const { clientId } = practice.description.service;
  const clientSecret = "not-the~secret.of-anyone";
  const error = await failureOf({ method: "client-secret", clientId, clientSecret });
  expect(error).toBeInstanceOf(SignInError);
  expect(error.toString()).toBe(
    "SignInError [BAD_SECRET]: ClientSecret could not sign in to the practice cloud: " +
      "the client secret is wrong (AADSTS7000215)\n" +
      "  Use the secret's value, not its id, from Entra admin center > App registrations > " +
      "the application > Certificates & secrets.",
  );
  expect(error).toMatchObject({ status: 401, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error);
  expect(shown).not.toContain(clientSecret);
});

test("an application that the directory does not have", async () => {
  const clientId = "00000000-0000-0000-0000-0000000000ff";
  const error = await failureOf({ method: "client-secret", clientId, clientSecret: "anything" });
  expect(error).toMatchObject({
    code: "UNKNOWN_APPLICATION",
    message: expect.stringContaining("no such application (AADSTS700016)"),
  });
});

test("a directory that does not exist", async () => {
  const { clientId, clientSecret } = practice.description.service;
  const tenantId = "11111111-2222-3333-4444-555555555555";
  const error = await failureOf({ method: "client-secret", clientId, clientSecret, tenantId });
  expect(error).toMatchObject({
    code: "UNKNOWN_TENANT",
    message: expect.stringContaining("no such directory in this cloud (AADSTS90002)"),
  });
});

test("an empty secret is refused before anything is sent", async () => {
  const { clientId } = practice.description.service;
  const error = await failureOf({ method: "client-secret", clientId, clientSecret: "" });
  expect(error).toMatchObject({
    code: "BAD_OPTIONS",
    message: expect.stringContaining("needs clientSecret"),
  });
});
