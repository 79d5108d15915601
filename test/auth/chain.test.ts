import { delimiter } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { SignInOptions } from "../../src/auth/methods.ts";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import type { SignInError } from "../../src/core/errors.ts";
import type { SignInReport } from "../../src/core/sign-in-types.ts";
import { openPractice, type Practice } from "./practice.ts";

let { practice, cloud } = {} as Practice;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice({ approveDeviceCodesAs: "ada@contoso.com" }));
});
afterAll(() => practice.close());
beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("AZURE_") || /^(IDENTITY|MSI)_/.test(name)) vi.stubEnv(name, undefined);
  }
  vi.stubEnv("PATH", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  practice.faults.clear();
  for (const program of ["az", "azd", "pwsh"] as const) practice.programs.signOut(program);
});

const silenceMetadata = () => practice.faults.add({ kind: "silence", on: "metadata" });
const putProgramsOnPath = () => {
  // The stand-ins are scripts that need a shell and Node.js.
  const needed = ["/bin", "/usr/bin"];
  vi.stubEnv("PATH", [practice.description.programs, ...needed].join(delimiter));
};
const outcomes = ({ attempts }: SignInReport) =>
  attempts.map(({ name, outcome }) => `${name}: ${outcome}`);

/** The error of a sign-in with nobody to be found. */
const failureOf = (options: SignInOptions = {}) =>
  signInTo(cloud, options).then(
    () => expect.unreachable("signed in"),
    (error: SignInError) => error,
  );

test("nobody anywhere: every way is listed, in the SDK's order, with what would fix it", async () => {
  silenceMetadata();
  const error = await failureOf();
  expect(error.code).toBe("NO_CREDENTIAL");
  expect(error.message).toBe(`none of 8 credentials worked
  Environment        AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET
                     are not set:
                     set them before the kernel starts
  WorkloadIdentity   AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_ID are not set:
                     normal outside of Kubernetes; there, label the pod
                     azure.workload.identity/use
  ManagedIdentity    no answer from 169.254.169.254 in 1 s:
                     normal off Azure; on Azure, let this address through
  VisualStudioCode   the package @azure/identity-vscode is not installed:
                     run \`npm install @azure/identity-vscode\`
  AzureCli           the Azure CLI (az) is not on PATH:
                     https://aka.ms/azure-cli, or start Jupyter from a shell
                     that finds it
  AzurePowerShell    PowerShell (pwsh) is not on PATH:
                     https://aka.ms/powershell, or start Jupyter from a
                     shell that finds it
  AzureDeveloperCli  the Azure Developer CLI (azd) is not on PATH:
                     https://aka.ms/azure-dev, or start Jupyter from a shell
                     that finds it
  Broker             the package @azure/identity-broker is not installed:
                     run \`npm install @azure/identity-broker\``);
});

test("the first way that works is the session's from then on", async () => {
  silenceMetadata();
  putProgramsOnPath();
  await practice.programs.signIn("az", "grace@contoso.com");
  await practice.programs.signIn("azd", "ada@contoso.com");
  const session = await signInTo(cloud);
  expect(outcomes(session.report)).toEqual([
    "Environment: unavailable",
    "WorkloadIdentity: unavailable",
    "ManagedIdentity: unavailable",
    "VisualStudioCode: unavailable",
    "AzureCli: signed-in",
  ]);
  expect(session.account.username).toBe("grace@contoso.com");
  // Not even when the tool is signed out does another identity take its place.
  practice.programs.signOut("az");
  await expect(session.tokenFor("management")).rejects.toMatchObject({
    code: "NOT_AVAILABLE",
    message: expect.stringContaining("AzureCli could not sign in"),
  });
});

test("on a machine of Azure it is the machine's identity, and the one that is named", async () => {
  const { system, user } = practice.description.identities;
  const own = await signInTo(cloud);
  expect(own.account).toMatchObject({ kind: "managed-identity", objectId: system.objectId });
  const named = await signInTo(cloud, { managedIdentityClientId: user.clientId });
  expect(named.account.objectId).toBe(user.objectId);
  vi.stubEnv("AZURE_CLIENT_ID", user.clientId);
  expect((await signInTo(cloud)).account.objectId).toBe(user.objectId);
});

test("an application that the environment names and the authority refuses ends the search", async () => {
  const { clientId } = practice.description.service;
  vi.stubEnv("AZURE_TENANT_ID", cloud.tenantId ?? "");
  vi.stubEnv("AZURE_CLIENT_ID", clientId);
  vi.stubEnv("AZURE_CLIENT_SECRET", "not the secret at all");
  const error = await failureOf();
  expect(error).toMatchObject({ code: "BAD_SECRET", status: 401 });
  expect(error.message).toContain("Environment could not sign in to the practice cloud");
  expect(error.report && outcomes(error.report)).toEqual(["Environment: failed"]);
});

test("a way that is slow is given up, and the next one is asked", async () => {
  putProgramsOnPath();
  silenceMetadata();
  await practice.programs.signIn("az", "ada@contoso.com");
  await practice.programs.signIn("azd", "grace@contoso.com");
  const slow = practice.faults.add({ kind: "silence", on: "token", times: 1 });
  vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "dev");
  const session = await signInTo(cloud, { timeout: 5_000 });
  slow.remove();
  expect(outcomes(session.report)).toEqual([
    "VisualStudioCode: unavailable",
    "AzureCli: timed-out",
    "AzurePowerShell: unavailable",
    "AzureDeveloperCli: signed-in",
  ]);
  expect(session.account.username).toBe("grace@contoso.com");
});

test.each([
  ["dev", ["VisualStudioCode", "AzureCli", "AzurePowerShell", "AzureDeveloperCli", "Broker"]],
  ["PROD", ["Environment", "WorkloadIdentity", "ManagedIdentity"]],
  [" AzureCliCredential ", ["AzureCli"]],
  ["WorkloadIdentityCredential", ["WorkloadIdentity"]],
])("AZURE_TOKEN_CREDENTIALS=%s", async (value, names) => {
  silenceMetadata();
  vi.stubEnv("AZURE_TOKEN_CREDENTIALS", value);
  const { report } = await failureOf();
  expect(report?.attempts.map(({ name }) => name)).toEqual(names);
  expect(report?.restriction).toBe(value.trim());
});

test("AZURE_TOKEN_CREDENTIALS with a value that means nothing", async () => {
  vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "az");
  expect(await failureOf()).toMatchObject({
    code: "BAD_OPTIONS",
    message: expect.stringMatching(
      /AZURE_TOKEN_CREDENTIALS is az\n {2}Unset it, or set it to one of/,
    ),
  });
});

test("when nothing else works, a person may be asked at the end", async () => {
  silenceMetadata();
  let prompts = 0;
  const session = await signInTo(cloud, {
    orDeviceCode: true,
    onPrompt() {
      prompts++;
    },
  });
  expect(session.method).toBe("device-code");
  expect(session.report.attempts).toHaveLength(9);
  expect(prompts).toBe(1);
});

test("an abort ends the whole chain at once", async () => {
  silenceMetadata();
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  const error = await failureOf({ signal: stop.signal });
  expect(error.code).toBe("CANCELLED");
  expect(error.report?.attempts.at(-1)?.name).toBe("ManagedIdentity");
});
