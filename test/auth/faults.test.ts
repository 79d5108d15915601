import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { SignInOptions } from "../../src/auth/methods.ts";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import type { SignInError } from "../../src/core/errors.ts";
import type { SignInPrompt } from "../../src/core/sign-in-types.ts";
import { openPractice, type Practice } from "./practice.ts";
import { readWire } from "./wire.ts";

let { practice, cloud } = {} as Practice;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice({ approveDeviceCodesAs: "ada@contoso.com" }));
});
afterAll(() => practice.close());
afterEach(() => practice.faults.clear());

const asService = (more: Partial<SignInOptions> = {}) =>
  signInTo(cloud, {
    method: "client-secret",
    ...practice.description.service,
    ...more,
  } as SignInOptions);

const failureOf = (signIn: Promise<unknown>) =>
  signIn.then(
    () => expect.unreachable("signed in"),
    (error: SignInError) => error,
  );

test("an expired secret", async () => {
  practice.faults.add({ kind: "refuse", reason: "expired-secret" });
  const error = await failureOf(asService());
  expect(error).toMatchObject({ code: "EXPIRED_SECRET" });
  expect(error.message).toMatch(/the client secret has expired \(AADSTS7000222\)\n {2}Make a new/);
});

test("a directory that the authority does not know", async () => {
  practice.faults.add({ kind: "refuse", reason: "unknown-tenant" });
  expect(await failureOf(asService())).toMatchObject({
    code: "UNKNOWN_TENANT",
    message: expect.stringContaining("AADSTS90002"),
  });
});

test("an authority that calls itself something else", async () => {
  practice.faults.add({ kind: "refuse", reason: "bad-issuer" });
  expect(await failureOf(asService())).toMatchObject({
    code: "BAD_ISSUER",
    message: expect.stringContaining("describes itself as another authority"),
  });
});

test("a certificate that nobody trusts", async () => {
  practice.faults.add({ kind: "untrusted-certificate" });
  const error = await failureOf(asService());
  expect(error).toMatchObject({ code: "UNTRUSTED_CERTIFICATE" });
  expect(error.message).toMatch(/is not trusted \([A-Z_]+\)\n {2}.*NODE_EXTRA_CA_CERTS/);
});

test("throttling: a long wait is told, a short one is waited for", async () => {
  const long = practice.faults.add({ kind: "status", on: "token", status: 429, retryAfter: 30 });
  expect(await failureOf(asService())).toMatchObject({
    code: "THROTTLED",
    status: 429,
    message: expect.stringMatching(/is throttling sign-ins \(429\)\n {2}Try again in 30 s\./),
  });
  long.remove();
  practice.faults.add({ kind: "status", on: "token", status: 429, retryAfter: 1, times: 1 });
  expect((await asService()).account.kind).toBe("service");
});

test("an authority that fails, once and for good", async () => {
  const once = practice.faults.add({ kind: "status", on: "token", status: 500, times: 1 });
  expect((await asService()).account.kind).toBe("service");
  once.remove();
  practice.faults.add({ kind: "status", on: "token", status: 500 });
  expect(await failureOf(asService())).toMatchObject({ code: "AUTHORITY_FAILED", status: 500 });
});

test("a connection that breaks, once and for good", async () => {
  const once = practice.faults.add({ kind: "reset", on: "token", times: 1 });
  expect((await asService()).account.kind).toBe("service");
  once.remove();
  practice.faults.add({ kind: "reset", on: "token" });
  expect(await failureOf(asService())).toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringContaining("(ECONNRESET)"),
  });
});

test("an authority that is not there", async () => {
  const nowhere = { ...cloud, authority: "https://127.0.0.1:9" };
  const { service } = practice.description;
  const signIn = signInTo(nowhere, { method: "client-secret", ...service });
  expect(await failureOf(signIn)).toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringContaining("127.0.0.1:9 cannot be reached (ECONNREFUSED)"),
  });
});

test("an authority that never answers is given up after the time limit", async () => {
  practice.faults.add({ kind: "silence", on: "token" });
  const error = await failureOf(asService({ timeout: 250 }));
  expect(error).toMatchObject({
    code: "TIMED_OUT",
    message: expect.stringContaining("no answer in 0.25 s"),
  });
  expect(error.report?.attempts[0]?.outcome).toBe("timed-out");
});

test("an abort ends a sign-in that waits for an answer", async () => {
  practice.faults.add({ kind: "silence", on: "token" });
  const stop = new AbortController();
  const signIn = asService({ signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  expect(await failureOf(signIn)).toMatchObject({ code: "CANCELLED" });
});

test("a request that would leave this machine is refused in the practice cloud", async () => {
  const elsewhere = { ...cloud, authority: "https://login.microsoftonline.com" };
  const { service } = practice.description;
  expect(
    await failureOf(signInTo(elsewhere, { method: "client-secret", ...service })),
  ).toMatchObject({
    code: "OFF_LIMITS",
    message: expect.stringContaining("login.microsoftonline.com"),
  });
});

test("the metadata service: silent, without an identity, and failing", async () => {
  const method = "managed-identity";
  const silent = practice.faults.add({ kind: "silence", on: "metadata" });
  expect(await failureOf(signInTo(cloud, { method }))).toMatchObject({
    code: "NOT_AVAILABLE",
    message: expect.stringMatching(
      /no answer from 169\.254\.169\.254 in 1 s\n {2}normal off Azure/,
    ),
  });
  silent.remove();
  const none = practice.faults.add({ kind: "refuse", reason: "no-identity" });
  expect(await failureOf(signInTo(cloud, { method }))).toMatchObject({
    code: "NOT_AVAILABLE",
    message: expect.stringContaining("this machine has no managed identity\n  assign one"),
  });
  const clientId = "00000000-0000-0000-0000-0000000000ff";
  expect(await failureOf(signInTo(cloud, { method, clientId }))).toMatchObject({
    message: expect.stringContaining(`this machine has no managed identity ${clientId}`),
  });
  none.remove();
  const broken = practice.faults.add({ kind: "status", on: "metadata", status: 500 });
  expect(await failureOf(signInTo(cloud, { method }))).toMatchObject({
    code: "AUTHORITY_FAILED",
    status: 500,
  });
  broken.remove();
  expect((await signInTo(cloud, { method })).account.kind).toBe("managed-identity");
});

test("device code: asked to slow down, it does, and signs in", async () => {
  practice.faults.add({ kind: "refuse", reason: "slow-down", times: 1 });
  const session = await signInTo(cloud, { method: "device-code", onPrompt() {} });
  expect(session.account.username).toBe("ada@contoso.com");
});

test("device code: a lost connection and a busy authority are not the end", async () => {
  practice.faults.add({ kind: "reset", on: "token", times: 1 });
  practice.faults.add({ kind: "status", on: "token", status: 429, retryAfter: 1, times: 1 });
  const session = await signInTo(cloud, { method: "device-code", onPrompt() {} });
  expect(session.account.username).toBe("ada@contoso.com");
});

test("device code: declined", async () => {
  practice.faults.add({ kind: "refuse", reason: "declined" });
  const prompts: SignInPrompt[] = [];
  const onPrompt = (prompt: SignInPrompt) => void prompts.push(prompt);
  expect(await failureOf(signInTo(cloud, { method: "device-code", onPrompt }))).toMatchObject({
    code: "DECLINED",
  });
  expect(prompts).toHaveLength(1);
  expect(await prompts[0]?.outcome).toMatchObject({ state: "declined" });
});

test("device code: one that expires is followed by the next, and not for ever", async () => {
  const once = practice.faults.add({ kind: "refuse", reason: "expired-device-code", times: 1 });
  const prompts: SignInPrompt[] = [];
  const options = {
    method: "device-code",
    onPrompt: (prompt: SignInPrompt) => void prompts.push(prompt),
  } as const;
  const session = await signInTo(cloud, options);
  expect(session.account.username).toBe("ada@contoso.com");
  expect(await Promise.all(prompts.map(({ outcome }) => outcome))).toMatchObject([
    { state: "expired", followed: true },
    { state: "signed-in" },
  ]);
  once.remove();
  practice.faults.add({ kind: "refuse", reason: "expired-device-code" });
  prompts.length = 0;
  expect(await failureOf(signInTo(cloud, options))).toMatchObject({ code: "CODE_EXPIRED" });
  const ends = await Promise.all(prompts.map(({ outcome }) => outcome));
  expect(ends.map((end) => "followed" in end)).toEqual([true, true, false]);
});

test("a token close to its end is renewed without a prompt", async () => {
  practice.faults.add({ kind: "token-lifetime", seconds: 200 });
  let prompts = 0;
  const session = await signInTo(cloud, {
    method: "device-code",
    onPrompt() {
      prompts++;
    },
  });
  const first = await session.tokenFor("storage");
  practice.faults.clear();
  const renewed = await session.tokenFor("storage");
  expect(renewed).not.toBe(first);
  expect(session.expiresOn.getTime()).toBeGreaterThan(Date.now() + 300_000);
  expect(prompts).toBe(1);
});

test("a token that is still good outlives an outage", async () => {
  practice.faults.add({ kind: "token-lifetime", seconds: 200 });
  const session = await asService();
  const first = await session.tokenFor("storage");
  practice.faults.add({ kind: "status", on: "token", status: 500 });
  expect(await session.tokenFor("storage")).toBe(first);
  await expect(session.tokenFor("management")).rejects.toMatchObject({ code: "AUTHORITY_FAILED" });
});

test("when the directory starts to ask for more, one prompt carries what it asked", async () => {
  const prompts: SignInPrompt[] = [];
  const session = await signInTo(cloud, {
    method: "device-code",
    onPrompt: (prompt) => prompts.push(prompt),
  });
  practice.faults.add({ kind: "refuse", reason: "mfa-required" });
  const wire = readWire();
  const tokens = await Promise.all([
    session.tokenFor("management"),
    session.tokenFor("management"),
    session.tokenFor("gen1"),
  ]);
  wire.stop();
  expect(tokens[1]).toBe(tokens[0]);
  expect(prompts).toHaveLength(2);
  // Not the polls, which ask for claims of no policy, but the request for a code.
  const codes = wire.sent.filter((body) => !/grant_type=/.test(body));
  expect(codes).toEqual([expect.stringContaining("capolids")]);
  expect(await prompts[1]?.outcome).toMatchObject({ state: "signed-in" });
});
