import { afterAll, beforeAll, expect, test } from "vitest";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import type { DeviceCodePrompt, SignInPrompt } from "../../src/core/sign-in-types.ts";
import { openPractice, type Practice } from "./practice.ts";

let approving: Practice;
let waiting: Practice;
beforeAll(async () => {
  approving = await openPractice({ approveDeviceCodesAs: "ada@contoso.com" });
  waiting = await openPractice();
});
afterAll(async () => {
  await approving.practice.close();
  await waiting.practice.close();
});

/** The prompt of a sign-in that has just been started. */
function promptOf(start: (onPrompt: (prompt: SignInPrompt) => void) => void) {
  return new Promise<DeviceCodePrompt>((resolve) => {
    start((prompt) => resolve(prompt as DeviceCodePrompt));
  });
}

/** Fills in the login page's form, as a browser would. */
async function post(prompt: DeviceCodePrompt, fields: Record<string, string>): Promise<string> {
  const body = new URLSearchParams({ code: prompt.userCode, ...fields });
  return (await fetch(prompt.verificationUri, { method: "POST", body })).text();
}

test("a person types the code, and one prompt serves every audience", async () => {
  const prompts: SignInPrompt[] = [];
  const session = await signInTo(approving.cloud, {
    method: "device-code",
    onPrompt: (prompt) => prompts.push(prompt),
  });
  expect(session.account).toMatchObject({ kind: "user", username: "ada@contoso.com" });
  const tokens = await Promise.all([
    session.tokenFor("management"),
    session.tokenFor("gen1"),
    session.tokenFor("storage"),
  ]);
  expect(new Set(tokens).size).toBe(3);
  expect(prompts).toHaveLength(1);
  const [prompt] = prompts as [DeviceCodePrompt];
  expect(prompt).toMatchObject({
    kind: "device-code",
    userCode: expect.stringMatching(/^[0-9A-Z]{9}$/),
    message: expect.stringContaining(prompt.userCode),
  });
  expect(prompt.expiresOn.getTime() - Date.now()).toBeGreaterThan(800_000);
  expect(await prompt.outcome).toEqual({ state: "signed-in", account: session.account });
});

test("three clients that ask at once share one request", async () => {
  const session = await signInTo(approving.cloud, { method: "device-code", onPrompt() {} });
  const scope = approving.cloud.scopes.management;
  const [first, second, third] = await Promise.all([
    session.getToken(scope),
    session.getToken([scope]),
    session.getToken(scope),
  ]);
  expect(second).toBe(first);
  expect(third).toBe(first);
});

test("declining on the page ends the sign-in", async () => {
  let signIn: Promise<unknown> | undefined;
  const prompt = await promptOf((onPrompt) => {
    signIn = signInTo(waiting.cloud, { method: "device-code", onPrompt });
    signIn.catch(() => undefined);
  });
  await post(prompt, { answer: "cancel" });
  await expect(signIn).rejects.toMatchObject({
    code: "DECLINED",
    message: expect.stringContaining("declined on the device login page"),
  });
  expect(await prompt.outcome).toMatchObject({ state: "declined" });
});

test("an abort takes effect while a poll is being waited for", async () => {
  const stop = new AbortController();
  let signIn: Promise<unknown> | undefined;
  const prompt = await promptOf((onPrompt) => {
    const { signal } = stop;
    signIn = signInTo(waiting.cloud, { method: "device-code", onPrompt, signal });
    signIn.catch(() => undefined);
  });
  stop.abort();
  await expect(signIn).rejects.toMatchObject({ name: "SignInError", code: "CANCELLED" });
  expect(await prompt.outcome).toMatchObject({ state: "cancelled" });
});
