import { ClientSecretCredential, DeviceCodeCredential } from "@azure/identity";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lakeClient, request, type ServedCloud, serveCloud } from "./served-cloud.ts";

const STORAGE = "https://storage.azure.com/.default";
const MANAGEMENT = "https://management.azure.com/.default";

describe("a practice cloud fails on demand", () => {
  let served: ServedCloud;
  beforeAll(async () => {
    served = await serveCloud();
  });
  afterAll(() => served.close());
  afterEach(() => served.cloud.faults.clear());

  function credential() {
    const { tenantId, service, credentialOptions } = served;
    const { clientId, clientSecret } = service;
    return new ClientSecretCredential(tenantId, clientId, clientSecret, credentialOptions);
  }

  async function subscriptions(token: string) {
    const url = `${served.origin}/subscriptions?api-version=2022-12-01`;
    return request(served.cloud, url, { headers: { authorization: `Bearer ${token}` } });
  }

  function refreshCall() {
    return served.post(served.tokenPath, { grant_type: "refresh_token" });
  }

  it("with a status, a Retry-After and the service's own body, as often as it is told", async () => {
    const { faults } = served.cloud;
    faults.add({ kind: "status", on: "token", status: 429, retryAfter: 7, times: 1 });
    const throttled = await refreshCall();
    expect(throttled.status).toBe(429);
    expect(throttled.header("retry-after")).toBe("7");
    expect(throttled.body.error).toBe("temporarily_unavailable");
    expect((await refreshCall()).status).toBe(400);
    faults.add({ kind: "status", on: "management", status: 500 });
    const broken = await subscriptions("any");
    expect(broken.status).toBe(500);
    expect(broken.body.error).toMatchObject({ code: "InternalServerError" });
    faults.add({ kind: "status", on: "metadata", status: 429 });
    const busy = await request(served.cloud, `${served.pages}/metadata/identity/oauth2/token`);
    expect(busy.status).toBe(429);
  });

  it("by an answer that never comes", async () => {
    served.cloud.faults.add({ kind: "silence", on: "metadata" });
    for (const metadata of [served.pages, served.metadata.laptop]) {
      const url = `${metadata}/metadata/identity/oauth2/token`;
      const signal = AbortSignal.timeout(150);
      await expect(fetch(url, { signal })).rejects.toMatchObject({ name: "TimeoutError" });
    }
  });

  it("by a connection that is cut", async () => {
    served.cloud.faults.add({ kind: "reset", on: "discovery", times: 1 });
    const url = `${served.origin}/common/v2.0/.well-known/openid-configuration`;
    await expect(request(served.cloud, url)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect((await request(served.cloud, url)).status).toBe(200);
  });

  it("by taking its time, and answering then", async () => {
    served.cloud.faults.add({ kind: "delay", on: "discovery", ms: 800 });
    const slow = request(served.cloud, `${served.origin}/common/discovery/instance`);
    const first = await Promise.race([slow.then(() => "slow"), refreshCall().then(() => "quick")]);
    expect(first).toBe("quick");
    expect((await slow).status).toBe(200);
  });

  it.each([
    ["expired-secret", "AADSTS7000222: The provided client secret keys for app"],
    ["bad-issuer", "endpoints_resolution_error"],
    ["unknown-tenant", "endpoints_resolution_error"],
  ] as const)("by refusing: %s", async (reason, text) => {
    served.cloud.faults.add({ kind: "refuse", reason });
    await expect(credential().getToken(STORAGE)).rejects.toThrow(text);
    served.cloud.faults.clear();
    await expect(credential().getToken(STORAGE)).resolves.toHaveProperty("token");
  });

  it.each([
    ["slow-down", "slow_down"],
    ["declined", "authorization_declined"],
    ["expired-device-code", "expired_token"],
  ] as const)("at a device code: %s", async (reason, code) => {
    served.cloud.faults.add({ kind: "refuse", reason });
    const device = new DeviceCodeCredential({
      ...served.credentialOptions,
      tenantId: served.tenantId,
      clientId: served.clientId,
      userPromptCallback: () => undefined,
    });
    await expect(device.getToken(STORAGE)).rejects.toThrow(`post_request_failed: ${code}`);
  });

  it("says at the device page that the code has expired", async () => {
    const { body } = await served.post(served.devicePath, {
      client_id: served.clientId,
      scope: STORAGE,
    });
    served.cloud.faults.add({ kind: "refuse", reason: "expired-device-code" });
    const page = await request(served.cloud, `${served.pages}/devicelogin`, {
      method: "POST",
      body: new URLSearchParams({ code: String(body.user_code) }).toString(),
    });
    expect(page.text).toContain("That code has expired");
  });

  it("by tokens of another tenant, which Resource Manager names", async () => {
    served.cloud.faults.add({ kind: "refuse", reason: "wrong-tenant" });
    const { token } = await credential().getToken(MANAGEMENT);
    const { status, body } = await subscriptions(token);
    expect(status).toBe(401);
    expect(body.error).toMatchObject({ code: "InvalidAuthenticationTokenTenant" });
  });

  it("by a clock that is hours ahead or behind", async () => {
    const { token } = await credential().getToken(MANAGEMENT);
    expect((await subscriptions(token)).status).toBe(200);
    const ahead = served.cloud.faults.add({ kind: "clock", seconds: 2 * 3600 });
    const late = await subscriptions(token);
    expect(late.body.error).toMatchObject({ code: "ExpiredAuthenticationToken" });
    expect(Date.parse(late.header("date") ?? "")).toBeGreaterThan(Date.now() + 7_000_000);
    ahead.remove();
    served.cloud.faults.add({ kind: "clock", seconds: -2 * 3600 });
    expect((await subscriptions(token)).body.error).toMatchObject({
      message: "The access token is not yet valid.",
    });
  });

  it("by tokens that hardly live", async () => {
    served.cloud.faults.add({ kind: "token-lifetime", seconds: 5 });
    const { expiresOnTimestamp } = await credential().getToken(STORAGE);
    expect(expiresOnTimestamp).toBeLessThan(Date.now() + 6_000);
  });

  it("by a token that has expired, which counts five minutes longer: to management and to the lake", async () => {
    const { faults } = served.cloud;
    faults.add({ kind: "token-lifetime", seconds: 60 });
    const [management, storage] = await Promise.all(
      [MANAGEMENT, STORAGE].map(async (scope) => (await credential().getToken(scope)).token),
    );
    const list = () =>
      request(served.cloud, `${served.origin}/${served.account}/?comp=list`, {
        headers: { authorization: `Bearer ${storage}`, "x-ms-version": "2025-11-05" },
      });
    const later = faults.add({ kind: "clock", seconds: 300 });
    expect((await subscriptions(management ?? "")).status).toBe(200);
    expect((await list()).status).toBe(200);
    later.remove();
    faults.add({ kind: "clock", seconds: 420 });
    const refused = await subscriptions(management ?? "");
    expect(refused).toMatchObject({
      status: 401,
      body: {
        error: { code: "ExpiredAuthenticationToken", message: "The access token has expired." },
      },
    });
    const lake = await list();
    expect(lake.status).toBe(401);
    expect(lake.text).toContain("Lifetime validation failed. The token is expired.");
  });

  it("by a certificate that nobody trusts", async () => {
    const url = `${served.origin}/common/discovery/v2.0/keys`;
    const { remove } = served.cloud.faults.add({ kind: "untrusted-certificate" });
    await expect(request(served.cloud, url)).rejects.toMatchObject({
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
    remove();
    expect((await request(served.cloud, url)).status).toBe(200);
  });

  it("by a machine to which nobody has given an identity", async () => {
    served.cloud.faults.add({ kind: "refuse", reason: "no-identity" });
    const query = "api-version=2018-02-01&resource=https://storage.azure.com";
    const url = `${served.pages}/metadata/identity/oauth2/token?${query}`;
    const { body } = await request(served.cloud, url, { headers: { metadata: "true" } });
    expect(body.error_description).toBe("Identity not found");
  });

  it("in the lake, which the fault is handed on to", async () => {
    const { faults } = served.cloud;
    const lake = await lakeClient(served, "ada@contoso.com");
    const list = () => lake.listFileSystems().next();
    faults.add({ on: "lake", kind: "status", status: 503, times: 1 });
    expect(faults.list()).toHaveLength(1);
    await expect(list()).rejects.toMatchObject({ statusCode: 503 });
    expect(faults.list()).toHaveLength(0);
    await expect(list()).resolves.toMatchObject({ done: false });
    const { remove } = faults.add({ on: "lake", kind: "status", status: 500 });
    remove();
    await expect(list()).resolves.toMatchObject({ done: false });
  });

  describe("controlled over HTTP", () => {
    function control(method: string, id = "", body = "") {
      const url = `${served.pages}/practice/faults${id}`;
      return request(served.cloud, url, { method, body });
    }

    it("adds, lists and removes", async () => {
      const fault = { kind: "status", on: "token", status: 500 };
      const added = await control("POST", "", JSON.stringify(fault));
      expect(added.status).toBe(201);
      expect((await refreshCall()).status).toBe(500);
      const { body } = await control("GET");
      expect(body.value).toMatchObject([{ id: added.body.id, fault }]);
      expect((await control("DELETE", `/${added.body.id}`)).body.value).toEqual([]);
      expect((await control("DELETE", `/${added.body.id}`)).status).toBe(404);
      await control("POST", "", JSON.stringify(fault));
      await control("DELETE");
      expect((await refreshCall()).status).toBe(400);
    });

    it.each([
      ["no JSON", "nonsense", "JSON"],
      ["an unknown kind", '{"kind":"explode"}', "kind must be one of"],
      ["an unknown target", '{"kind":"silence","on":"moon"}', "on must be one of"],
      ["a wrong type", '{"kind":"clock","seconds":"10"}', "seconds must be a number"],
      ["an unknown field", '{"kind":"clock","seconds":1,"x":1}', "has no field x"],
      ["a kind that the lake has not", '{"on":"lake","kind":"silence"}', "kind must be one of"],
      ["nothing", "null", "a fault is an object"],
    ])("refuses %s", async (_what, body, text) => {
      const reply = await control("POST", "", body);
      expect(reply.status).toBe(400);
      expect(reply.body.error).toContain(text);
    });
  });
});
