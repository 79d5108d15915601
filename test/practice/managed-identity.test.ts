import { fork } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, request, type ServedCloud, serveCloud } from "./served-cloud.ts";

const RESOURCE = "https://storage.azure.com";

describe("a machine's managed identity", () => {
  let served: ServedCloud;
  beforeAll(async () => {
    served = await serveCloud();
  });
  afterAll(() => served.close());

  /** The SDK settles on one source of identities for a process, so each case has its own. */
  async function askSdk(kind: "imds" | "app-service", identity: Record<string, string> = {}) {
    const { pages, appService } = served;
    const environment =
      kind === "imds"
        ? { AZURE_POD_IDENTITY_AUTHORITY_HOST: pages }
        : { IDENTITY_ENDPOINT: appService.endpoint, IDENTITY_HEADER: appService.header };
    const child = fork(`${import.meta.dirname}/managed-identity-client.ts`, [], {
      env: { ...process.env, ...environment },
    });
    child.send(identity);
    const [answer] = (await once(child, "message")) as [{ token?: string; error?: string }];
    child.disconnect();
    return answer;
  }

  const cases = [
    ["its own", "system", undefined],
    ["one named by client id", "user", "clientId"],
    ["one named by object id", "user", "objectId"],
    ["one named by resource id", "user", "resourceId"],
  ] as const;

  it.each(cases)("%s, from the instance metadata service", async (_what, which, name) => {
    const wanted = served.identities[which];
    const options = name ? { [name]: wanted[name] } : {};
    const { token } = await askSdk("imds", options);
    expect(claimsOf(token ?? "")).toMatchObject({
      oid: wanted.objectId,
      appid: wanted.clientId,
      xms_mirid: wanted.resourceId,
      aud: RESOURCE,
      idtyp: "app",
    });
  });

  it.each(cases)("%s, from App Service", async (_what, which, name) => {
    const wanted = served.identities[which];
    const options = name ? { [name]: wanted[name] } : {};
    const { token } = await askSdk("app-service", options);
    expect(claimsOf(token ?? "").oid).toBe(wanted.objectId);
  });

  it("is not there under a name that nobody has", async () => {
    const { error } = await askSdk("imds", { clientId: "00000000-1111-2222-3333-444444444444" });
    expect(error).toContain("Identity not found");
  });

  const path = "/metadata/identity/oauth2/token";
  const query = `api-version=2018-02-01&resource=${RESOURCE}`;
  it.each([
    ["without the Metadata header", query, {}, 400],
    ["through a proxy", query, { metadata: "true", "x-forwarded-for": "10.0.0.1" }, 403],
    ["without a version", `resource=${RESOURCE}`, { metadata: "true" }, 400],
    ["without a resource", "api-version=2018-02-01", { metadata: "true" }, 400],
    [
      "for an unknown resource",
      "api-version=2018-02-01&resource=https://nowhere.example",
      { metadata: "true" },
      400,
    ],
  ])("is refused %s", async (_what, search, headers, status) => {
    const reply = await request(served.cloud, `${served.pages}${path}?${search}`, {
      headers: headers as Record<string, string>,
    });
    expect(reply.status).toBe(status);
    expect(reply.body).not.toHaveProperty("access_token");
  });

  it("answers with strings, as the real service does", async () => {
    const headers = { metadata: "true" };
    const { body } = await request(served.cloud, `${served.pages}${path}?${query}`, { headers });
    expect(body).toMatchObject({ expires_in: "86399", token_type: "Bearer", resource: RESOURCE });
    expect(Number(body.expires_on)).toBeGreaterThan(Date.now() / 1000 + 80_000);
  });

  it("is refused at App Service's endpoint without its secret header", async () => {
    const url = `${served.appService.endpoint}?api-version=2019-08-01&resource=${RESOURCE}`;
    const bare = await request(served.cloud, url);
    expect(bare.status).toBe(401);
    const headers = { "x-identity-header": "guessed" };
    expect((await request(served.cloud, url, { headers })).status).toBe(401);
  });
});
