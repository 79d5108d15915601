import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import { openPractice, type Practice } from "./practice.ts";

let { practice, cloud } = {} as Practice;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice());
});
afterAll(() => practice.close());
afterEach(() => practice.faults.clear());

const signIn = () => signInTo(cloud, { method: "client-secret", ...practice.description.service });

test("one caller's abort leaves the others their token", async () => {
  const session = await signIn();
  practice.faults.add({ kind: "delay", on: "token", ms: 200 });
  const stop = new AbortController();
  const scope = cloud.scopes.management;
  const leaving = session.getToken(scope, { abortSignal: stop.signal });
  const staying = session.getToken(scope);
  stop.abort();
  await expect(leaving).rejects.toMatchObject({ code: "CANCELLED" });
  expect((await staying).expiresOnTimestamp).toBeGreaterThan(Date.now());
});

test("when every caller has left, the next one starts anew", async () => {
  const session = await signIn();
  const silence = practice.faults.add({ kind: "silence", on: "token" });
  const stop = new AbortController();
  const scope = cloud.scopes.management;
  const left = [1, 2].map(() => session.getToken(scope, { abortSignal: stop.signal }));
  setTimeout(() => stop.abort(), 20);
  for (const { status } of await Promise.allSettled(left)) expect(status).toBe("rejected");
  silence.remove();
  expect((await session.getToken(scope)).token).toMatch(/^eyJ/);
});

test("a caller that has left before asking gets nothing", async () => {
  const session = await signIn();
  const abortSignal = AbortSignal.abort();
  await expect(session.getToken(cloud.scopes.gen1, { abortSignal })).rejects.toMatchObject({
    code: "CANCELLED",
  });
});

test("a token is asked for once, and is the same for a scope and a list of one", async () => {
  const session = await signIn();
  const scope = cloud.scopes.storage;
  const first = await session.getToken(scope);
  expect(await session.getToken([scope])).toBe(first);
  expect(await session.tokenFor("storage")).toBe(first.token);
});

test("a token is renewed five minutes before it expires, and not earlier", async () => {
  practice.faults.add({ kind: "token-lifetime", seconds: 290 });
  const session = await signIn();
  const scope = cloud.scopes.storage;
  const first = await session.getToken(scope);
  expect((await session.getToken(scope)).token).not.toBe(first.token);
  practice.faults.clear();
  practice.faults.add({ kind: "token-lifetime", seconds: 420 });
  const later = await session.getToken(scope);
  expect(await session.getToken(scope)).toBe(later);
});

test("after signing out there are no tokens, not even those that were under way", async () => {
  const session = await signIn();
  practice.faults.add({ kind: "silence", on: "token" });
  const underWay = session.tokenFor("management");
  await session.signOut();
  await expect(underWay).rejects.toMatchObject({ code: "SIGNED_OUT" });
  await expect(session.tokenFor("storage")).rejects.toMatchObject({ code: "SIGNED_OUT" });
});

test("a token in another directory is asked for there, and kept apart", async () => {
  const session = await signIn();
  const tenantId = "11111111-2222-3333-4444-555555555555";
  const scope = cloud.scopes.storage;
  await expect(session.getToken(scope, { tenantId })).rejects.toThrow();
  expect((await session.getToken(scope)).token).toMatch(/^eyJ/);
});
