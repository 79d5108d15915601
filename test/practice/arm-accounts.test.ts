import { StorageManagementClient } from "@azure/arm-storage";
import { DataLakeServiceClient, StorageSharedKeyCredential } from "@azure/storage-file-datalake";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedManagement, serveManagement } from "./management-client.ts";
import { request, toLoopback, userToken } from "./served-cloud.ts";

const MANAGEMENT = "https://management.azure.com/.default";
const GROUP = "notelake-practice";

describe("Data Lake accounts in Resource Manager", () => {
  let arm: ServedManagement;
  let accounts: StorageManagementClient["storageAccounts"];
  beforeAll(async () => {
    arm = await serveManagement();
    const { byService, subscriptionId, options } = arm;
    accounts = new StorageManagementClient(byService, subscriptionId, options).storageAccounts;
  });
  afterAll(() => arm.close());

  const parameters = {
    location: "westeurope",
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
    isHnsEnabled: true,
  };
  const create = (name: string, group = GROUP, changes: object = {}) =>
    accounts
      .create(group, name, { ...parameters, ...changes }, { updateIntervalInMs: 10 })
      .pollUntilDone();

  it("are made, listed, changed and deleted by the stock client, with a lake behind them", async () => {
    const made = await create("freshlake", GROUP, { tags: { for: "test" } });
    expect(made).toMatchObject({
      name: "freshlake",
      isHnsEnabled: true,
      provisioningState: "Succeeded",
      primaryEndpoints: { dfs: "https://freshlake.dfs.core.windows.net/" },
      tags: { for: "test" },
    });
    const names: (string | undefined)[] = [];
    for await (const { name } of accounts.listByResourceGroup(GROUP)) names.push(name);
    expect(names).toEqual(["contosolake", "freshlake"]);
    const changed = await accounts.update(GROUP, "freshlake", { tags: { for: "all" } });
    expect(changed.tags).toEqual({ for: "all" });
    expect((await accounts.getProperties(GROUP, "FRESHLAKE")).tags).toEqual({ for: "all" });

    const { keys = [] } = await accounts.listKeys(GROUP, "freshlake");
    const listWith = (key: string | undefined) => {
      const shared = new StorageSharedKeyCredential("freshlake", key ?? "");
      const url = `https://freshlake.dfs.core.windows.net:${arm.port}`;
      const options = {
        tlsOptions: { ca: arm.ca, lookup: toLoopback },
        retryOptions: { maxTries: 1 },
      };
      return new DataLakeServiceClient(url, shared, options as object).listFileSystems().next();
    };
    await expect(listWith(keys[0]?.value)).resolves.toMatchObject({ done: true });
    await accounts.regenerateKey(GROUP, "freshlake", { keyName: "key1" });
    await expect(listWith(keys[0]?.value)).rejects.toMatchObject({ code: "AuthenticationFailed" });

    await accounts.delete(GROUP, "freshlake");
    await expect(accounts.getProperties(GROUP, "freshlake")).rejects.toMatchObject({
      code: "ResourceNotFound",
    });
    const gone = await request(arm.cloud, `${arm.origin}/freshlake/`);
    expect(gone.status).toBe(404);
  });

  it("have names of their own", async () => {
    const check = (name: string) =>
      accounts.checkNameAvailability({ name, type: "Microsoft.Storage/storageAccounts" });
    expect(await check("free0name")).toMatchObject({ nameAvailable: true });
    expect(await check("contosolake")).toMatchObject({ reason: "AlreadyExists" });
    expect(await check("Not Valid")).toMatchObject({ reason: "AccountNameInvalid" });
    await expect(create("Not-Valid")).rejects.toMatchObject({ code: "AccountNameInvalid" });
  });

  it("are refused where they cannot be", async () => {
    await expect(create("nogroup", "nowhere")).rejects.toMatchObject({
      code: "ResourceGroupNotFound",
    });
    await expect(create("flatone", GROUP, { isHnsEnabled: false })).rejects.toMatchObject({
      code: "FeatureNotSupportedForAccount",
    });
    await expect(accounts.delete(GROUP, "contosolake")).rejects.toMatchObject({
      code: "ScopeLocked",
    });
    await expect(create("contosolake", GROUP, { location: "eastus" })).rejects.toMatchObject({
      code: "InvalidResourceLocation",
    });
  });

  it("go with their group", async () => {
    const groups = arm.asService().resourceGroups;
    await groups.createOrUpdate("doomed", { location: "westeurope" });
    await create("doomedlake", "doomed");
    await expect(create("doomedlake", GROUP)).rejects.toMatchObject({
      code: "StorageAccountInAnotherResourceGroup",
    });
    await groups.delete("doomed", { updateIntervalInMs: 10 });
    const available = await accounts.checkNameAvailability({
      name: "doomedlake",
      type: "Microsoft.Storage/storageAccounts",
    });
    expect(available.nameAvailable).toBe(true);
  });

  describe("of the first generation", () => {
    async function call(method: string, path: string, body?: object, user = "ada@contoso.com") {
      const token = await userToken(arm, user, MANAGEMENT);
      return request(arm.cloud, `${arm.origin}${arm.scope}${path}?api-version=2016-11-01`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body && { body: JSON.stringify(body) }),
      });
    }
    const PROVIDER = "providers/Microsoft.DataLakeStore";
    const ACCOUNT = `/resourceGroups/${GROUP}/${PROVIDER}/accounts/oldlake`;

    it("are made step by step, and serve their file system", async () => {
      const made = await call("PUT", ACCOUNT, { location: "westeurope", tags: { age: "old" } });
      expect(made.status).toBe(201);
      expect(made.header("retry-after")).toBe("1");
      const states = [made, await call("GET", ACCOUNT), await call("GET", ACCOUNT)].map(
        ({ body }) => (body.properties as { provisioningState: string }).provisioningState,
      );
      expect(states).toEqual(["Creating", "Running", "Succeeded"]);
      const token = await userToken(arm, "ada@contoso.com", "https://datalake.azure.net//.default");
      const listed = await request(
        arm.cloud,
        `https://oldlake.azuredatalakestore.net:${arm.port}/webhdfs/v1/?op=LISTSTATUS`,
        { headers: { authorization: `Bearer ${token}` } },
      );
      expect(listed.status).toBe(200);
      const list = await call("GET", `/${PROVIDER}/accounts`);
      expect(list.body.value).toMatchObject([{ name: "oldlake", tags: { age: "old" } }]);
    });

    it("keep firewall rules", async () => {
      const rule = `${ACCOUNT}/firewallRules/office`;
      const properties = { startIpAddress: "203.0.113.1", endIpAddress: "203.0.113.9" };
      expect((await call("PUT", rule, { properties })).body).toMatchObject({ properties });
      const wrong = { startIpAddress: "203.0.113.1", endIpAddress: "300.1.1.1" };
      expect((await call("PUT", rule, { properties: wrong })).status).toBe(400);
      await call("PATCH", ACCOUNT, { properties: { firewallState: "Enabled" } });
      expect((await call("GET", ACCOUNT)).body.properties).toMatchObject({
        firewallState: "Enabled",
        firewallRules: [{ name: "office", properties }],
      });
      expect((await call("GET", rule)).body.name).toBe("office");
      expect((await call("DELETE", rule)).status).toBe(200);
      expect((await call("DELETE", rule)).status).toBe(204);
      expect((await call("GET", rule)).status).toBe(404);
    });

    it("are not a reader's to make or delete", async () => {
      for (const method of ["PUT", "DELETE"]) {
        const body = { location: "westeurope" };
        const { status, body: reply } = await call(method, ACCOUNT, body, "grace@contoso.com");
        expect(status).toBe(403);
        expect(reply.error).toMatchObject({ code: "AuthorizationFailed" });
      }
    });

    it("know which names are taken, and are deleted", async () => {
      const check = `/${PROVIDER}/locations/westeurope/checkNameAvailability`;
      const body = { name: "oldlake", type: "Microsoft.DataLakeStore/accounts" };
      expect((await call("POST", check, body)).body.nameAvailable).toBe(false);
      expect((await call("DELETE", ACCOUNT)).status).toBe(200);
      expect((await call("DELETE", ACCOUNT)).status).toBe(204);
      expect((await call("POST", check, body)).body.nameAvailable).toBe(true);
    });
  });
});
