import { DeviceCodeCredential } from "@azure/identity";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, numberOn, request, type ServedCloud, serveCloud } from "./served-cloud.ts";

const STORAGE = "https://storage.azure.com/.default";
const MANAGEMENT = "https://management.azure.com/.default";

describe("a person signs in with a device code", () => {
  let served: ServedCloud;
  beforeAll(async () => {
    served = await serveCloud();
  });
  afterAll(() => served.close());

  /** Sends what a form of the device page would send. */
  function submit(fields: Record<string, string>) {
    return request(served.cloud, `${served.pages}/devicelogin`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields).toString(),
    });
  }

  async function start() {
    const { body } = await served.post(served.devicePath, {
      client_id: served.clientId,
      scope: `${STORAGE} openid profile offline_access`,
    });
    return { userCode: String(body.user_code), deviceCode: String(body.device_code), body };
  }

  function poll(deviceCode: string) {
    return served.post(served.tokenPath, {
      grant_type: "device_code",
      client_id: served.clientId,
      device_code: deviceCode,
    });
  }

  it("signs in whom the person picks, once the number matches", async () => {
    const credential = new DeviceCodeCredential({
      ...served.credentialOptions,
      tenantId: "organizations",
      clientId: served.clientId,
      userPromptCallback: ({ userCode, verificationUri }) => {
        expect(verificationUri).toBe(`${served.pages}/devicelogin`);
        void finish(userCode);
      },
    });
    async function finish(code: string) {
      // However a person spells it.
      const spelled = `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase();
      const picker = await submit({ code: spelled });
      expect(picker.text).toContain("Pick an account");
      const phone = await submit({ code, user: "grace@contoso.com" });
      const answer = { code, user: "grace@contoso.com", answer: "approve" };
      const wrong = await submit({ ...answer, number: "00" });
      expect(wrong.status).toBe(400);
      expect(wrong.text).toContain("not the number on this page");
      const done = await submit({ ...answer, number: numberOn(phone.text) });
      expect(done.text).toContain("You are signed in");
    }
    const { token } = await credential.getToken(STORAGE, { enableCae: true });
    expect(claimsOf(token)).toMatchObject({
      upn: "grace@contoso.com",
      name: "Grace Hopper",
      scp: "user_impersonation",
      amr: ["pwd", "mfa"],
      xms_cc: ["CP1"],
      idtyp: "user",
    });
    // A second prompt would wait for a code that nobody types.
    const second = await credential.getToken(MANAGEMENT, { enableCae: true });
    expect(claimsOf(second.token)).toMatchObject({
      aud: "https://management.azure.com",
      upn: "grace@contoso.com",
    });
  });

  it("tells a wrong code, an empty one and a used one apart from a good one", async () => {
    const wrong = await submit({ code: "NOSUCHONE" });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain("That code didn&#39;t work");
    expect((await submit({ code: " " })).text).toContain("Type the code");
    const { userCode, deviceCode } = await start();
    const phone = await submit({ code: userCode, user: "ada@contoso.com" });
    const number = numberOn(phone.text);
    await submit({ code: userCode, user: "ada@contoso.com", answer: "approve", number });
    expect((await submit({ code: userCode })).status).toBe(400);
    expect((await poll(deviceCode)).status).toBe(200);
    expect((await poll(deviceCode)).body.error).toBe("bad_verification_code");
  });

  it("shows nothing that a person typed as markup", async () => {
    const { text } = await submit({ code: '"><img src=x>' });
    expect(text).not.toContain("<img");
  });

  it("ends the program's wait when the person cancels", async () => {
    const credential = new DeviceCodeCredential({
      ...served.credentialOptions,
      tenantId: served.tenantId,
      clientId: served.clientId,
      userPromptCallback: ({ userCode }) => void submit({ code: userCode, answer: "cancel" }),
    });
    await expect(credential.getToken(STORAGE)).rejects.toThrow("authorization_declined");
  });

  it("waits without a word for as long as nobody answers", async () => {
    const { deviceCode, body } = await start();
    expect(body).toMatchObject({ expires_in: 900, interval: 1 });
    expect(body.message).toContain(`${served.pages}/devicelogin`);
    const { status, body: reply } = await poll(deviceCode);
    expect(status).toBe(400);
    expect(reply.error).toBe("authorization_pending");
    expect(reply.error_description).toMatch(/^AADSTS70016: .*Trace ID: .* Timestamp: /);
  });

  it("gives one client's device code to no other", async () => {
    const { deviceCode } = await start();
    const { body } = await served.post(served.tokenPath, {
      grant_type: "device_code",
      client_id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
      device_code: deviceCode,
    });
    expect(body.error).toBe("bad_verification_code");
  });

  it("gives a refresh token's tokens to no other client", async () => {
    const refreshToken = await signedIn();
    const redeem = (clientId: string) =>
      served.post(served.tokenPath, {
        grant_type: "refresh_token",
        client_id: clientId,
        refresh_token: refreshToken,
        scope: STORAGE,
      });
    const other = await redeem("04b07795-8ddb-461a-bbee-02f9e1bf7b46");
    expect(other.body).toMatchObject({ error: "invalid_grant", error_codes: [70000] });
    expect((await redeem(served.clientId)).status).toBe(200);
    const { remove } = served.cloud.faults.add({ kind: "clock", seconds: 91 * 24 * 3600 });
    expect((await redeem(served.clientId)).body.error_codes).toEqual([700082]);
    remove();
  });

  async function signedIn(): Promise<string> {
    const { userCode: code, deviceCode } = await start();
    const user = "ada@contoso.com";
    const phone = await submit({ code, user });
    await submit({ code, user, answer: "approve", number: numberOn(phone.text) });
    return String((await poll(deviceCode)).body.refresh_token);
  }

  it("refuses a refresh token that it did not issue", async () => {
    const { body } = await served.post(served.tokenPath, {
      grant_type: "refresh_token",
      client_id: served.clientId,
      refresh_token: "forged",
      scope: STORAGE,
    });
    expect(body).toMatchObject({ error: "invalid_grant", error_codes: [9002313] });
  });

  it("refuses a form that another web site sends, and a host name that is not its own", async () => {
    const page = `${served.pages}/devicelogin`;
    const headers = { "sec-fetch-site": "cross-site" };
    const foreign = await request(served.cloud, page, { method: "POST", headers, body: "code=X" });
    expect(foreign.status).toBe(403);
    const rebound = await request(served.cloud, page, { headers: { host: "evil.example" } });
    expect(rebound.status).toBe(403);
  });
});

describe("device codes where nobody can type", () => {
  it("are approved after exactly one pending poll", async () => {
    const served = await serveCloud({ approveDeviceCodesAs: "max@contoso.com" });
    try {
      const { body } = await served.post(served.devicePath, {
        client_id: served.clientId,
        scope: STORAGE,
      });
      const fields = {
        grant_type: "device_code",
        client_id: served.clientId,
        device_code: String(body.device_code),
      };
      const first = await served.post(served.tokenPath, fields);
      expect(first.body.error).toBe("authorization_pending");
      const second = await served.post(served.tokenPath, fields);
      expect(claimsOf(String(second.body.access_token)).upn).toBe("max@contoso.com");
    } finally {
      await served.close();
    }
  });

  it("need somebody who exists", async () => {
    await expect(serveCloud({ approveDeviceCodesAs: "eve@contoso.com" })).rejects.toThrow(
      "nobody in the practice directory is called eve@contoso.com",
    );
  });
});

describe("a person who stays signed in", () => {
  it("types one code for all programs, until they sign out on the cloud's page", async () => {
    const served = await serveCloud({ keepPersonSignedIn: true });
    const page = async (path: string, fields?: Record<string, string>) => {
      const form = { "content-type": "application/x-www-form-urlencoded" };
      const body = new URLSearchParams(fields).toString();
      const options = fields && { method: "POST", headers: form, body };
      return request(served.cloud, served.pages + path, options);
    };
    const start = async () => {
      const fields = { client_id: served.clientId, scope: STORAGE };
      const { user_code, device_code } = (await served.post(served.devicePath, fields)).body;
      const poll = { client_id: served.clientId, device_code: String(device_code) };
      const grant = { grant_type: "device_code", ...poll };
      return { code: String(user_code), poll: () => served.post(served.tokenPath, grant) };
    };
    const pending = async ({ poll }: Awaited<ReturnType<typeof start>>) => {
      await poll();
      return (await poll()).body.error === "authorization_pending";
    };
    try {
      const first = await start();
      expect(await pending(first)).toBe(true);
      const user = "grace@contoso.com";
      const phone = await page("/devicelogin", { code: first.code, user });
      const answer = { code: first.code, user, answer: "approve", number: numberOn(phone.text) };
      await page("/devicelogin", answer);

      const second = await start();
      expect((await second.poll()).body.error).toBe("authorization_pending");
      const { body } = await second.poll();
      expect(claimsOf(String(body.access_token)).upn).toBe(user);

      expect((await page("/")).text).toContain("continue as <b>Grace Hopper</b>");
      await page("/signout", {});
      expect((await page("/")).text).not.toContain("continue as");
      expect(await pending(await start())).toBe(true);
    } finally {
      await served.close();
    }
  });
});
