import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { StorageManagementClient } from "@azure/arm-storage";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { originOf } from "../../src/practice/listener.ts";
import { type ServedManagement, serveManagement } from "./management-client.ts";
import { claimsOf, request, userToken } from "./served-cloud.ts";

// What tools beside ours ask of sign-in and of Resource Manager: az, the SDKs of Java and Go.
let arm: ServedManagement;
beforeAll(async () => {
  arm = await serveManagement();
});
afterAll(() => arm.close());

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}
const storage = () => new StorageManagementClient(arm.byService, arm.subscriptionId, arm.options);
const GROUP = "notelake-practice";

describe("before anybody has signed in", () => {
  test("Resource Manager says where the services of its cloud are", async () => {
    const ask = async (url: string, host: string) =>
      (await request(arm.cloud, url, { headers: { host } })).text;
    const path = "/metadata/endpoints?api-version=2022-09-01";
    const own = new URL(arm.origin).host;
    const [here] = JSON.parse(await ask(arm.origin + path, own));
    expect(here).toMatchObject({ resourceManager: arm.origin, name: "AzureCloud" });
    expect(here.authentication.loginEndpoint).toBe(arm.origin);
    const [azure] = JSON.parse(await ask(arm.origin + path, "management.azure.com"));
    expect(azure.authentication.loginEndpoint).toBe("https://login.microsoftonline.com");
    expect(azure.suffixes.storage).toBe("core.windows.net");
    const first = JSON.parse(
      await ask(`${arm.origin}/metadata/endpoints?api-version=2015-01-01`, own),
    );
    expect(first.authentication.audiences).toContain("https://management.core.windows.net");
  });

  test("the authority says how a person's domain signs in", async () => {
    const ask = (name: string) =>
      request(arm.cloud, `${arm.origin}/common/UserRealm/${name}?api-version=1.0`);
    expect((await ask("ada%40contoso.com")).body).toMatchObject({
      account_type: "Managed",
      domain_name: "contoso.com",
    });
    expect((await ask("ada@example.com")).body).toMatchObject({ account_type: "Unknown" });
  });

  test("an origin leaves the scheme's own port out, as issuers do", () => {
    expect(originOf("https", 443)).toBe("https://127.0.0.1");
    expect(originOf("https", 8443)).toBe("https://127.0.0.1:8443");
    expect(originOf("http", 443)).toBe("http://127.0.0.1:443");
  });
});

test("the metadata service takes two slashes for one, as MSAL for Java sends them", async () => {
  const query = "api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F";
  const url = `${arm.pages}//metadata/identity/oauth2/token?${query}`;
  const { status, body } = await request(arm.cloud, url, { headers: { metadata: "true" } });
  expect([status, body.token_type]).toEqual([200, "Bearer"]);
});

test("a token for an account's own address opens the lake", async () => {
  const resource = `https://${arm.account}.blob.core.windows.net`;
  const token = await userToken(arm, "ada@contoso.com", `${resource}/.default`);
  expect(claimsOf(token).aud).toBe(resource);
  const { status } = await request(arm.cloud, `${arm.origin}/${arm.account}/?comp=list`, {
    headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" },
  });
  expect(status).toBe(200);
});

test("a role has one id, with the subscription, in lists and in assignments", async () => {
  const client = new AuthorizationManagementClient(
    await arm.credentialOf("ada@contoso.com"),
    arm.subscriptionId,
    arm.options,
  );
  const roles = await all(client.roleDefinitions.list(arm.scope));
  const ids = new Set(roles.map(({ id }) => id));
  const prefix = `${arm.scope}/providers/Microsoft.Authorization/roleDefinitions/`;
  for (const id of ids) expect(id).toMatch(new RegExp(`^${prefix}`));
  for (const { roleDefinitionId } of await all(client.roleAssignments.listForScope(arm.scope))) {
    expect(ids).toContain(roleDefinitionId);
  }
});

describe("Resource Manager shows, and lets nobody change,", () => {
  test("resources of whatever kind, by filter and by group", async () => {
    const { resources } = arm.asService();
    const filter = "resourceType eq 'Microsoft.Storage/storageAccounts'";
    const [found] = await all(resources.list({ filter }));
    expect(found).toMatchObject({ name: arm.account, kind: "StorageV2" });
    expect(await all(resources.list({ filter: "resourceType eq 'Microsoft.Web/sites'" }))).toEqual(
      [],
    );
    expect(await all(resources.listByResourceGroup(GROUP))).toHaveLength(1);
    await expect(all(resources.list({ filter: "colour eq 'red'" }))).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  test("providers, which are registered", async () => {
    const { providers } = arm.asService();
    expect((await all(providers.list())).map(({ namespace }) => namespace)).toContain(
      "Microsoft.Storage",
    );
    const { registrationState } = await providers.get("microsoft.storage");
    expect(registrationState).toBe("Registered");
    await expect(providers.get("Microsoft.None")).rejects.toMatchObject({ statusCode: 404 });
  });

  test("SKUs and usages of storage", async () => {
    expect((await all(storage().skus.list()))[0]).toMatchObject({ name: "Standard_LRS" });
    const [usage] = await all(storage().usages.listByLocation("westeurope"));
    expect(usage).toMatchObject({ currentValue: 1, limit: 250 });
  });

  test("the blob service of an account and its containers", async () => {
    const { blobServices, blobContainers, storageAccounts } = storage();
    expect(await all(blobServices.list(GROUP, arm.account))).toHaveLength(1);
    expect(await blobServices.getServiceProperties(GROUP, arm.account)).toMatchObject({
      name: "default",
    });
    const names = (await all(blobContainers.list(GROUP, arm.account))).map(({ name }) => name);
    expect(names).toEqual(["curated", "raw"]);
    expect(await blobContainers.get(GROUP, arm.account, "raw")).toMatchObject({ name: "raw" });
    await expect(blobContainers.get(GROUP, arm.account, "none")).rejects.toMatchObject({
      statusCode: 404,
    });
    const { encryption } = await storageAccounts.getProperties(GROUP, arm.account);
    expect(encryption).toMatchObject({ keySource: "Microsoft.Storage" });
  });

  test("nothing to those without a role", async () => {
    for (const path of ["", "/containers"]) {
      const { status } = await arm.call(
        "mary@contoso.com",
        "GET",
        `${arm.scope}/resourceGroups/${GROUP}/providers/Microsoft.Storage/storageAccounts/` +
          `${arm.account}/blobServices/default${path}`,
      );
      expect(status).toBe(403);
    }
  });
});

test("Resource Manager signs an account SAS that the lake accepts, and no more than asked", async () => {
  const { accountSasToken } = await storage().storageAccounts.listAccountSAS(GROUP, arm.account, {
    services: "b",
    resourceTypes: "s",
    permissions: "l",
    sharedAccessExpiryTime: new Date(Date.now() + 3_600_000),
  });
  const options = { tlsOptions: { ca: arm.ca }, retryOptions: { maxTries: 1 } };
  const url = `${arm.origin}/${arm.account}?${accountSasToken}`;
  const client = new BlobServiceClient(url, undefined, options as object);
  expect((await all(client.listContainers())).map(({ name }) => name)).toEqual(["curated", "raw"]);
  await expect(client.getContainerClient("raw").getProperties()).rejects.toMatchObject({
    statusCode: 403,
  });
});
