import { createHash, randomBytes } from "node:crypto";
import { InteractiveBrowserCredential } from "@azure/identity";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { claimsOf, numberOn, request, type ServedCloud, serveCloud } from "./served-cloud.ts";

const STORAGE = "https://storage.azure.com/.default";

describe("a person signs in with a browser", () => {
  let served: ServedCloud;
  beforeAll(async () => {
    served = await serveCloud();
    vi.stubEnv("BROWSER", `${served.programs}/browser`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await served.close();
  });

  const verifier = randomBytes(32).toString("base64url");
  const redirectUri = "http://localhost:12345";

  function authorize(changes: Record<string, string | undefined> = {}, form?: object) {
    const query = new URLSearchParams();
    const parameters: Record<string, string | undefined> = {
      client_id: served.clientId,
      response_type: "code",
      redirect_uri: redirectUri,
      scope: `${STORAGE} openid offline_access`,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      response_mode: "form_post",
      state: "st&te",
      nonce: "n-1",
      ...changes,
    };
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) query.set(name, value);
    }
    const url = `${served.pages}/organizations/oauth2/v2.0/authorize?${query}`;
    const body = new URLSearchParams(form as Record<string, string>).toString();
    return request(served.cloud, url, form ? { method: "POST", body } : {});
  }

  const codeOn = (html: string) => /name="code" value="([^"]+)"/.exec(html)?.[1] ?? "";

  function redeem(code: string, changes: Record<string, string> = {}) {
    return served.post(served.tokenPath, {
      grant_type: "authorization_code",
      client_id: served.clientId,
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...changes,
    });
  }

  it("through the stock credential, whose listener the form comes back to", async () => {
    const credential = new InteractiveBrowserCredential({
      ...served.credentialOptions,
      tenantId: served.tenantId,
      clientId: served.clientId,
    });
    const { token } = await credential.getToken(STORAGE);
    expect(claimsOf(token)).toMatchObject({ upn: "ada@contoso.com", amr: ["pwd"] });
    const again = await credential.getToken("https://management.azure.com/.default");
    expect(claimsOf(again.token).upn).toBe("ada@contoso.com");
  });

  it("as whom the page offers, the hinted one first", async () => {
    const { text } = await authorize({ login_hint: "grace@contoso.com" });
    expect(text.indexOf("grace@contoso.com")).toBeLessThan(text.indexOf("ada@contoso.com"));
    const { text: form } = await authorize({}, { user: "grace@contoso.com" });
    expect(form).toContain(`action="${redirectUri}"`);
    expect(form).toContain('name="state" value="st&#38;te"');
    const { body } = await redeem(codeOn(form));
    expect(claimsOf(String(body.access_token)).upn).toBe("grace@contoso.com");
    expect(claimsOf(String(body.id_token))).toMatchObject({ nonce: "n-1", ver: "2.0" });
  });

  it("with a second factor where the request asks for one", async () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const user = { user: "ada@contoso.com" };
    const { text } = await authorize({ claims }, user);
    const match = /name="match" value="([^"]+)"/.exec(text)?.[1] ?? "";
    const answer = { ...user, answer: "approve", match };
    const wrong = await authorize({ claims }, { ...answer, number: "00" });
    expect(wrong.text).toContain("not the number");
    // A number is good for one try.
    const late = await authorize({ claims }, { ...answer, number: numberOn(text) });
    expect(codeOn(late.text)).toBe("");
    const next = /name="match" value="([^"]+)"/.exec(late.text)?.[1] ?? "";
    const number = numberOn(late.text);
    const done = await authorize({ claims }, { ...answer, match: next, number });
    const { body } = await redeem(codeOn(done.text), { claims });
    expect(claimsOf(String(body.access_token))).toMatchObject({
      amr: ["pwd", "mfa"],
      acrs: ["c1"],
    });
  });

  it("and tells the program when they cancel", async () => {
    const { text } = await authorize({}, { answer: "cancel" });
    expect(text).toContain('name="error" value="access_denied"');
    const { status, header } = await authorize({ response_mode: "query" }, { answer: "cancel" });
    expect(status).toBe(303);
    expect(header("location")).toMatch(/^http:\/\/localhost:12345\/\?error=access_denied/);
  });

  it("at the https address too, which leads to the page", async () => {
    const url = `${served.origin}/common/oauth2/v2.0/authorize?client_id=x`;
    const { status, header } = await request(served.cloud, url);
    expect(status).toBe(303);
    expect(header("location")).toBe(`${served.pages}/common/oauth2/v2.0/authorize?client_id=x`);
  });

  it.each([
    ["an address of another machine", { redirect_uri: "https://evil.example/" }, "AADSTS50011"],
    ["no address", { redirect_uri: undefined }, "AADSTS50011"],
    ["an unknown application", { client_id: "x" }, "AADSTS700016"],
    ["no code challenge", { code_challenge: undefined }, "AADSTS900144"],
    ["a plain challenge", { code_challenge_method: "plain" }, "AADSTS501491"],
    ["an implicit flow", { response_type: "token" }, "AADSTS700054"],
    ["broken claims", { claims: "{" }, "AADSTS90100"],
  ])("not with %s", async (_what, changes, text) => {
    const reply = await authorize(changes, { user: "ada@contoso.com" });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain(text);
    expect(codeOn(reply.text)).toBe("");
  });

  it.each([
    ["another verifier", { code_verifier: "wrong" }, 501481],
    ["another address", { redirect_uri: "http://localhost:1" }, 500112],
    ["another client", { client_id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46" }, 9002313],
    ["an invented code", { code: "invented" }, 9002313],
  ])("whose code is not redeemed with %s", async (_what, changes, number) => {
    const { text } = await authorize({}, { user: "ada@contoso.com" });
    const { body } = await redeem(codeOn(text), changes);
    expect(body).toMatchObject({ error: "invalid_grant", error_codes: [number] });
  });

  it("whose code is good once, and not for ever", async () => {
    const code = async () => codeOn((await authorize({}, { user: "ada@contoso.com" })).text);
    const first = await code();
    expect((await redeem(first)).status).toBe(200);
    expect((await redeem(first)).body.error_codes).toEqual([54005]);
    const second = await code();
    const { remove } = served.cloud.faults.add({ kind: "clock", seconds: 601 });
    expect((await redeem(second)).body.error_codes).toEqual([70008]);
    remove();
  });
});
