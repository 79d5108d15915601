import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { checkCloud } from "../../src/auth/check-cloud.ts";
import type { SignInOptions } from "../../src/auth/methods.ts";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import type { Cloud } from "../../src/core/cloud.ts";
import {
  type AlteringProxy,
  ANSWERS,
  type Meddling,
  startAlteringProxy,
} from "../lake/altering-proxy.ts";
import { openPractice, type Practice } from "./practice.ts";

// A man in the middle of what is said with the authority: nobody is signed in on his word.

let { practice, cloud } = {} as Practice;
let between: AlteringProxy;
let meddled: Cloud;
let service: { clientId: string; clientSecret: string };

beforeAll(async () => {
  ({ practice, cloud } = await openPractice({ approveDeviceCodesAs: "ada@contoso.com" }));
  between = await startAlteringProxy(practice.description);
  const { port, ca } = between;
  const origin = `https://127.0.0.1:${port}`;
  const loopback = { metadata: "", ...cloud.loopback, port, ca };
  meddled = { ...cloud, authority: origin, management: origin, loopback };
  ({ service } = practice.description);
});
afterEach(() => {
  between.meddling = undefined;
  between.struck.length = 0;
});
afterAll(async () => {
  await between.close();
  await practice.close();
});

const codeOf = (options: SignInOptions) =>
  signInTo(meddled, options).then(
    () => "signed in",
    (error) => error.code,
  );
const ways = (): Readonly<Record<string, SignInOptions>> => ({
  secret: { method: "client-secret", ...service },
  device: { method: "device-code", onPrompt: () => undefined },
});

test("someone who only passes on is not noticed", async () => {
  const session = await signInTo(meddled, { method: "client-secret", ...service });
  expect(session.account.username).toBe(service.clientId);
  expect((await signInTo(meddled, ways().device)).account.username).toBe("ada@contoso.com");
});

// The Azure SDK waits before it asks again; what it does that for is asked once.
const QUICK = Object.entries(ANSWERS).filter(
  ([name]) => !/^(429|5\d\d|no answer|an endless|another protocol|200 and half)/.test(name),
);
const STEPS = ["openid-configuration", "oauth2/v2.0/token", "oauth2/v2.0/devicecode"];

test.each(QUICK)("%s signs nobody in, at any step", async (name, answer) => {
  for (const step of STEPS) {
    between.meddling = { of: ({ target }) => target.includes(step), answer };
    for (const [way, options] of Object.entries(ways())) {
      between.struck.length = 0;
      const code = await codeOf(options);
      const isAsked = between.struck.length > 0;
      // Of a secret, no code is asked for; the authority is described once.
      if (!isAsked) expect(`${way} ${step}`).toMatch(/secret.*devicecode/);
      expect([name, step, way, code]).toEqual([
        name,
        step,
        way,
        isAsked ? "NOT_AZURE" : "signed in",
      ]);
    }
  }
});

test("a gateway that fails is asked again, and signs nobody in", async () => {
  between.meddling = { answer: ANSWERS["502 and a page"] as NonNullable<Meddling["answer"]> };
  expect(await codeOf({ method: "client-secret", ...service })).toBe("NOT_AZURE");
  expect(between.struck.length).toBeGreaterThan(1);
});

test("a secret is sent nowhere that a redirect leads to", async () => {
  for (const location of ["https://portal.example.com/x", "/elsewhere"]) {
    between.meddling = {
      of: ({ method }) => method === "POST",
      answer: (_asked, response) => void response.writeHead(307, { location }).end(),
    };
    between.struck.length = 0;
    expect(await codeOf({ method: "client-secret", ...service })).toBe("NOT_AZURE");
    expect(between.struck).toEqual([expect.stringMatching(/^POST .*\/token\?/)]);
  }
});

test("the report names who answered, and the doctor does", async () => {
  between.meddling = { answer: ANSWERS["200 and a page"] as NonNullable<Meddling["answer"]> };
  const error = await signInTo(meddled, { method: "client-secret", ...service }).catch(
    (reason: Error) => reason,
  );
  expect(String(error)).toContain('text/html "Sign in to Guest Wi-Fi"');
  expect(String(error)).not.toContain(service.clientSecret);
  const checks = await checkCloud(meddled);
  const failed = checks.filter(({ state }) => state === "failed").map(({ subject }) => subject);
  expect(failed).toEqual(["Authority", "Resource Manager", "Storage account contosolake"]);
  expect(JSON.stringify(checks)).toContain("Guest Wi-Fi");
});
