import { ClientSecretCredential } from "@azure/identity";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, request, type ServedCloud, serveCloud } from "./served-cloud.ts";

const STORAGE = "https://storage.azure.com/.default";

describe("an application signs in with its secret", () => {
  let served: ServedCloud;
  beforeAll(async () => {
    served = await serveCloud();
  });
  afterAll(() => served.close());

  function credential(changes: { tenant?: string; id?: string; secret?: string } = {}) {
    const { tenantId, service, credentialOptions } = served;
    const { tenant = tenantId, id = service.clientId, secret = service.clientSecret } = changes;
    return new ClientSecretCredential(tenant, id, secret, credentialOptions);
  }

  it("gets a token whose signature the published key verifies", async () => {
    const { token, expiresOnTimestamp } = await credential().getToken(STORAGE);
    const keys = await request(served.cloud, `${served.origin}/common/discovery/v2.0/keys`);
    const { payload } = await jwtVerify(
      token,
      createLocalJWKSet(keys.body as unknown as JSONWebKeySet),
    );
    expect(payload).toMatchObject({
      aud: "https://storage.azure.com",
      iss: `https://sts.windows.net/${served.tenantId}/`,
      tid: served.tenantId,
      appid: served.service.clientId,
      appidacr: "1",
      idtyp: "app",
    });
    expect(payload).not.toHaveProperty("upn");
    expect(Number(payload.exp) * 1000).toBeGreaterThan(Date.now() + 55 * 60_000);
    expect(expiresOnTimestamp).toBeLessThanOrEqual(Number(payload.exp) * 1000 + 1000);
  });

  it("keeps the trailing slash that Data Lake Storage Gen1 expects in the audience", async () => {
    const { token } = await credential().getToken("https://datalake.azure.net//.default");
    expect(claimsOf(token).aud).toBe("https://datalake.azure.net/");
  });

  it("takes the tenant's domain name as well", async () => {
    const { token } = await credential({ tenant: "contoso.com" }).getToken(STORAGE);
    expect(claimsOf(token).tid).toBe(served.tenantId);
  });

  it("answers the older endpoint that takes a resource", async () => {
    const { body } = await served.post(`${served.tenantId}/oauth2/token`, {
      grant_type: "client_credentials",
      client_id: served.service.clientId,
      client_secret: served.service.clientSecret,
      resource: "https://storage.azure.com/",
    });
    expect(claimsOf(String(body.access_token)).aud).toBe("https://storage.azure.com/");
  });

  it("refuses a wrong secret, and repeats none of it", async () => {
    const wrong = credential({ secret: "not-the-secret" }).getToken(STORAGE);
    await expect(wrong).rejects.toThrow(
      `AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request ` +
        `is the client secret value, not the client secret ID, for a secret added to app ` +
        `'${served.service.clientId}'.`,
    );
    await expect(wrong).rejects.not.toThrow("not-the-secret");
  });

  it("refuses an application that the tenant does not know", async () => {
    const id = "11111111-2222-3333-4444-555555555555";
    await expect(credential({ id }).getToken(STORAGE)).rejects.toThrow(
      `AADSTS700016: Application with identifier '${id}' was not found in the directory 'Contoso'.`,
    );
  });

  it("knows no other tenant, at discovery and at the token endpoint", async () => {
    const other = "99999999-0000-0000-0000-000000000000";
    const path = `${other}/v2.0/.well-known/openid-configuration`;
    const discovery = await request(served.cloud, `${served.origin}/${path}`);
    expect(discovery.status).toBe(400);
    expect(discovery.body.error).toBe("invalid_tenant");
    expect(discovery.body.error_description).toMatch(`AADSTS90002: Tenant '${other}' not found.`);
    const token = await served.post(`${other}/oauth2/v2.0/token`, { grant_type: "refresh_token" });
    expect(token.body).toMatchObject({ error: "invalid_request", error_codes: [90002] });
    await expect(credential({ tenant: other }).getToken(STORAGE)).rejects.toThrow(
      "endpoints_resolution_error",
    );
  });

  it.each([
    ["no secret at all", {}, 7000218],
    ["no scope", { client_secret: "S", scope: "" }, 900144],
    ["a permission instead of .default", { client_secret: "S", scope: "User.Read" }, 1002012],
    [
      "an unknown resource",
      { client_secret: "S", scope: "https://nowhere.example/.default" },
      500011,
    ],
    [
      "two resources at once",
      { client_secret: "S", scope: `${STORAGE} https://vault.azure.net/.default` },
      28000,
    ],
    ["an unknown grant type", { grant_type: "password" }, 70003],
    ["no grant type", { grant_type: "" }, 900144],
    ["no client", { client_id: "" }, 900144],
  ])("refuses %s", async (_what, changes: Record<string, string>, number) => {
    const fields: Record<string, string> = {
      grant_type: "client_credentials",
      client_id: served.service.clientId,
      scope: STORAGE,
      ...changes,
    };
    if (fields.client_secret === "S") fields.client_secret = served.service.clientSecret;
    for (const [name, value] of Object.entries(fields)) if (value === "") delete fields[name];
    const { status, body } = await served.post(served.tokenPath, fields);
    expect(body.error_codes).toEqual([number]);
    expect(status).toBeGreaterThanOrEqual(400);
  });

  it("does not let a public client in without a person", async () => {
    const fields = { grant_type: "client_credentials", client_id: served.clientId, scope: STORAGE };
    const bare = await served.post(served.tokenPath, fields);
    expect(bare.body.error_codes).toEqual([7000218]);
    const withSecret = await served.post(served.tokenPath, { ...fields, client_secret: "any" });
    expect(withSecret.body.error_codes).toEqual([700025]);
  });
});
