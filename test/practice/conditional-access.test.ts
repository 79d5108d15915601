import { ResourceManagementClient } from "@azure/arm-resources";
import { DeviceCodeCredential, InteractiveBrowserCredential } from "@azure/identity";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { claimsOf, type ServedCloud, serveCloud } from "./served-cloud.ts";

const STORAGE = "https://storage.azure.com/.default";
const MANAGEMENT = "https://management.azure.com/.default";

describe("conditional access", () => {
  let served: ServedCloud;
  beforeAll(async () => {
    served = await serveCloud({ approveDeviceCodesAs: "ada@contoso.com" });
    vi.stubEnv("BROWSER", `${served.programs}/browser`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await served.close();
  });
  afterEach(() => served.cloud.faults.clear());

  function deviceCode() {
    const prompt = vi.fn();
    const credential = new DeviceCodeCredential({
      ...served.credentialOptions,
      tenantId: served.tenantId,
      clientId: served.clientId,
      userPromptCallback: prompt,
    });
    return { credential, prompt };
  }

  function groupsOf(credential: DeviceCodeCredential | InteractiveBrowserCredential) {
    const { origin, subscriptionId, ca } = served;
    return new ResourceManagementClient(credential, subscriptionId, {
      endpoint: origin,
      tlsOptions: { ca },
    }).resourceGroups;
  }

  it("asks again for a second factor when an old sign-in fetches a new token", async () => {
    const { credential, prompt } = deviceCode();
    await credential.getToken(STORAGE, { enableCae: true });
    served.cloud.faults.add({ kind: "refuse", reason: "mfa-required" });
    const { token } = await credential.getToken(MANAGEMENT, { enableCae: true });
    expect(claimsOf(token).upn).toBe("ada@contoso.com");
    expect(prompt).toHaveBeenCalledTimes(2);
  });

  it("names the claims that a new sign-in must satisfy", async () => {
    const { body: started } = await served.post(served.devicePath, {
      client_id: served.clientId,
      scope: `${STORAGE} offline_access`,
    });
    const fields = {
      grant_type: "device_code",
      client_id: served.clientId,
      device_code: String(started.device_code),
    };
    await served.post(served.tokenPath, fields);
    const { body: signedIn } = await served.post(served.tokenPath, fields);
    served.cloud.faults.add({ kind: "refuse", reason: "mfa-required" });
    const { status, body } = await served.post(served.tokenPath, {
      grant_type: "refresh_token",
      client_id: served.clientId,
      refresh_token: String(signedIn.refresh_token),
      scope: MANAGEMENT,
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: "interaction_required",
      suberror: "basic_action",
      error_codes: [50076],
      error_description: expect.stringContaining("you must use multi-factor authentication"),
    });
    expect(JSON.parse(String(body.claims))).toHaveProperty("access_token.capolids.essential", true);
  });

  it.each(["mfa", "revoked"] as const)(
    "challenges a token at the resource (%s), and takes the one that answers it",
    async (reason) => {
      const { credential, prompt } = deviceCode();
      const groups = groupsOf(credential);
      const first = await credential.getToken(MANAGEMENT, { enableCae: true });
      served.cloud.faults.add({ kind: "challenge", on: "management", reason });
      await expect(groups.get("notelake-practice")).resolves.toMatchObject({
        location: "westeurope",
      });
      const second = await credential.getToken(MANAGEMENT, { enableCae: true });
      expect(second.token).not.toBe(first.token);
      expect(claimsOf(second.token).acrs).toEqual(reason === "mfa" ? ["c1"] : undefined);
      // The sign-in had shown its second factor, so nobody was asked again.
      expect(prompt).toHaveBeenCalledTimes(1);
    },
  );

  it("sends a browser sign-in without a second factor back to the browser", async () => {
    const interactive = new InteractiveBrowserCredential({
      ...served.credentialOptions,
      tenantId: served.tenantId,
      clientId: served.clientId,
      redirectUri: "http://localhost:0",
    });
    const { token } = await interactive.getToken(MANAGEMENT, { enableCae: true });
    expect(claimsOf(token).amr).toEqual(["pwd"]);
    served.cloud.faults.add({ kind: "challenge", on: "management", reason: "mfa" });
    await groupsOf(interactive).get("notelake-practice");
    const { token: stronger } = await interactive.getToken(MANAGEMENT, { enableCae: true });
    expect(claimsOf(stronger)).toMatchObject({ amr: ["pwd", "mfa"], acrs: ["c1"] });
  });
});
