import { delimiter } from "node:path";
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Session } from "../../src/auth/sign-in-session.ts";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import type { SignInPrompt } from "../../src/core/sign-in-types.ts";
import { openPractice, type Practice } from "./practice.ts";

let { practice, cloud } = {} as Practice;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice({ approveDeviceCodesAs: "ada@contoso.com" }));
});
afterAll(() => practice.close());
afterEach(() => {
  vi.unstubAllEnvs();
  practice.faults.clear();
});

/** Asks Resource Manager for the subscriptions as a client of the Azure SDK does. */
async function listSubscriptions(session: Session): Promise<number> {
  const pipeline = createEmptyPipeline();
  const scopes = cloud.scopes.management;
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential: session, scopes }));
  const request = createPipelineRequest({
    url: `${cloud.management}/subscriptions?api-version=2022-12-01`,
  });
  request.tlsSettings = { ca: cloud.loopback?.ca ?? "" };
  return (await pipeline.sendRequest(createDefaultHttpClient(), request)).status;
}

test.each(["mfa", "revoked"] as const)(
  "a resource that answers with a challenge (%s)",
  async (reason) => {
    const prompts: SignInPrompt[] = [];
    const onPrompt = (prompt: SignInPrompt) => void prompts.push(prompt);
    const session = await signInTo(cloud, { method: "device-code", onPrompt });
    expect(await listSubscriptions(session)).toBe(200);
    practice.faults.add({ kind: "challenge", on: "management", reason });
    expect(await listSubscriptions(session)).toBe(200);
    // The second factor was shown at sign-in, so nobody has to be asked again.
    expect(prompts).toHaveLength(1);
  },
);

test("a tool that cannot answer a challenge says which command can", async () => {
  const { programs } = practice.description;
  vi.stubEnv("PATH", `${programs}${delimiter}${process.env.PATH}`);
  await practice.programs.signIn("az", "ada@contoso.com");
  const session = await signInTo(cloud, { method: "azure-cli" });
  practice.faults.add({ kind: "challenge", on: "management", reason: "mfa" });
  await expect(listSubscriptions(session)).rejects.toMatchObject({
    code: "INTERACTION_REQUIRED",
    message: expect.stringMatching(
      /another sign-in step[\s\S]*Run `az login --claims-challenge \S+ --scope \S+`/,
    ),
  });
});
