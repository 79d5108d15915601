import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { SignInOptions } from "../../src/auth/methods.ts";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import type { PromptOutcome, SignInPrompt } from "../../src/core/sign-in-types.ts";
import { makePfx } from "./certificates.ts";
import { audienceOf, openPractice, type Practice } from "./practice.ts";

let { practice, cloud } = {} as Practice;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice({ approveDeviceCodesAs: "ada@contoso.com" }));
});
afterAll(() => practice.close());
afterEach(() => {
  vi.unstubAllEnvs();
  practice.faults.clear();
});

/** Signs in, and makes sure that one session serves every service. */
async function signIn(options: SignInOptions) {
  const session = await signInTo(cloud, options);
  const audiences = new Set<string>();
  for (const service of ["storage", "management", "gen1"] as const) {
    audiences.add(audienceOf(await session.tokenFor(service)));
  }
  expect(audiences).toEqual(
    new Set([
      "https://storage.azure.com",
      "https://management.azure.com",
      "https://datalake.azure.net/",
    ]),
  );
  return session;
}

function putProgramsOnPath(): void {
  vi.stubEnv("PATH", `${practice.description.programs}${delimiter}${process.env.PATH}`);
}

test("a certificate as a PEM file", async () => {
  const { service, certificateFile: path } = practice.description;
  const { clientId } = service;
  const session = await signIn({ method: "certificate", clientId, path });
  expect(session.account).toMatchObject({ kind: "service", username: clientId });
  const chained = await signIn({ method: "certificate", clientId, path, sendChain: true });
  expect(chained.account).toEqual(session.account);
});

test("the same certificate as a PFX file with a password", async () => {
  const { service, certificateFile } = practice.description;
  const pem = await readFile(certificateFile, "utf8");
  const password = "open sesame";
  const content = makePfx({ key: pem, certificate: pem }, password, "aes256");
  const { clientId } = service;
  const session = await signIn({ method: "certificate", clientId, content, password });
  expect(session.account).toMatchObject({ kind: "service", username: clientId });
});

test("workload identity, with a federated token", async () => {
  const { service, federatedTokenFile: tokenFile } = practice.description;
  const { clientId } = service;
  const session = await signIn({ method: "workload-identity", clientId, tokenFile });
  expect(session.account).toMatchObject({ kind: "service", username: clientId });
});

test("the environment, by secret and by certificate", async () => {
  const { service, certificateFile } = practice.description;
  vi.stubEnv("AZURE_TENANT_ID", cloud.tenantId ?? "");
  vi.stubEnv("AZURE_CLIENT_ID", service.clientId);
  vi.stubEnv("AZURE_CLIENT_SECRET", service.clientSecret);
  expect((await signIn({ method: "environment" })).account.username).toBe(service.clientId);
  vi.stubEnv("AZURE_CLIENT_SECRET", "");
  vi.stubEnv("AZURE_CLIENT_CERTIFICATE_PATH", certificateFile);
  expect((await signIn({ method: "environment" })).account.username).toBe(service.clientId);
});

test("managed identity: the machine's own, and one by each of its names", async () => {
  const { system, user } = practice.description.identities;
  const own = await signIn({ method: "managed-identity" });
  expect(own.account).toMatchObject({ kind: "managed-identity", objectId: system.objectId });
  for (const name of ["clientId", "objectId", "resourceId"] as const) {
    const session = await signIn({ method: "managed-identity", [name]: user[name] });
    expect(session.account).toMatchObject({
      kind: "managed-identity",
      objectId: user.objectId,
      username: user.clientId,
    });
  }
});

test.each([
  ["azure-cli", "az"],
  ["azure-developer-cli", "azd"],
  ["azure-powershell", "pwsh"],
] as const)("%s, and what it says when nobody is signed in", async (method, program) => {
  putProgramsOnPath();
  await practice.programs.signIn(program, "grace@contoso.com");
  const session = await signIn({ method });
  expect(session.account).toMatchObject({ kind: "user", username: "grace@contoso.com" });
  practice.programs.signOut(program);
  await expect(signInTo(cloud, { method })).rejects.toMatchObject({
    code: "NOT_AVAILABLE",
    message: expect.stringMatching(
      new RegExp(
        `nobody is signed in with the practice cloud's ${program}\n {2}run \`(az login|azd auth login|Connect-AzAccount)\``,
      ),
    ),
  });
});

test("PowerShell is found again after it was missing", async () => {
  const path = process.env.PATH;
  vi.stubEnv("PATH", "");
  await expect(signInTo(cloud, { method: "azure-powershell" })).rejects.toMatchObject({
    code: "NOT_AVAILABLE",
    message: expect.stringContaining("PowerShell (pwsh) is not on PATH"),
  });
  vi.stubEnv("PATH", path);
  putProgramsOnPath();
  await practice.programs.signIn("pwsh", "ada@contoso.com");
  expect((await signIn({ method: "azure-powershell" })).account.username).toBe("ada@contoso.com");
});

test("a tool that is not the practice cloud's own is never run", async () => {
  const elsewhere = { ...cloud, loopback: { ...cloud.loopback, programs: "/nowhere" } };
  putProgramsOnPath();
  await expect(signInTo(elsewhere as typeof cloud, { method: "azure-cli" })).rejects.toMatchObject({
    code: "NOT_AVAILABLE",
    message: expect.stringContaining("is not the practice cloud's own az"),
  });
});

test("a browser, with a prompt that tells how it ended", async () => {
  vi.stubEnv("BROWSER", join(practice.description.programs, "browser"));
  const outcomes: Promise<PromptOutcome>[] = [];
  const onPrompt = (prompt: SignInPrompt) => void outcomes.push(prompt.outcome);
  const session = await signIn({ method: "browser", onPrompt });
  expect(session.account.kind).toBe("user");
  expect(await Promise.all(outcomes)).toEqual([{ state: "signed-in", account: session.account }]);
});

test("a browser's prompt has the page to open, and where no window opens a code takes its place", async () => {
  vi.stubEnv("BROWSER", join(practice.description.programs, "browser"));
  const prompts: SignInPrompt[] = [];
  const onPrompt = (prompt: SignInPrompt) => void prompts.push(prompt);
  await signIn({ method: "browser", onPrompt });
  expect(prompts).toMatchObject([
    { kind: "browser", url: expect.stringContaining("/oauth2/v2.0/authorize?") },
  ]);
  vi.stubEnv("BROWSER", "/bin/false");
  const session = await signIn({ method: "browser", onPrompt });
  expect(session.account.username).toBe("ada@contoso.com");
  expect(prompts.slice(1)).toMatchObject([
    { kind: "browser" },
    { kind: "device-code", reason: "No browser window opens on the machine of the kernel." },
  ]);
  expect(await prompts[1]?.outcome).toMatchObject({ state: "no-window", followed: true });
  expect(session.method).toBe("device-code");
  expect(session.report.attempts).toMatchObject([
    {
      name: "DeviceCode",
      outcome: "signed-in",
      reason: "no browser window opens on the machine of the kernel",
    },
  ]);
  await session.tokenFor("management");
  expect(prompts).toHaveLength(3);
});

test("a browser that nobody answers is given up at once", async () => {
  vi.stubEnv("BROWSER", "/bin/true");
  const stop = new AbortController();
  const prompts: SignInPrompt[] = [];
  const abandoned = signInTo(cloud, {
    method: "browser",
    signal: stop.signal,
    onPrompt(prompt) {
      prompts.push(prompt);
      setTimeout(() => stop.abort(), 20);
    },
  });
  await expect(abandoned).rejects.toMatchObject({ code: "CANCELLED" });
  expect(await prompts[0]?.outcome).toMatchObject({ state: "cancelled" });
});

test.each([
  ["vscode", "@azure/identity-vscode"],
  ["broker", "@azure/identity-broker"],
] as const)("%s says which package it needs", async (method, name) => {
  await expect(signInTo(cloud, { method })).rejects.toMatchObject({
    code: "NOT_AVAILABLE",
    message: expect.stringContaining(
      `the package ${name} is not installed\n  run \`npm install ${name}\``,
    ),
  });
});

test("a misspelt method is told what there is", async () => {
  const options = { method: "device_code" } as unknown as SignInOptions;
  await expect(signInTo(cloud, options)).rejects.toMatchObject({
    code: "BAD_OPTIONS",
    message: expect.stringContaining("Use one of auto, device-code, browser"),
  });
});
