import { StorageManagementClient } from "@azure/arm-storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedManagement, serveManagement } from "./management-client.ts";
import { request, userToken } from "./served-cloud.ts";

const GROUP = "notelake-practice";
const ACCOUNT = "contosolake";
const OFFICE = "203.0.113.0/24";

describe("the firewall of an account", () => {
  let arm: ServedManagement;
  let tokens: Record<"gen2" | "gen1", string>;
  beforeAll(async () => {
    arm = await serveManagement();
    tokens = {
      gen2: await userToken(arm, "ada@contoso.com", "https://storage.azure.com/.default"),
      gen1: await userToken(arm, "ada@contoso.com", "https://datalake.azure.net//.default"),
    };
  });
  afterAll(() => arm.close());

  async function ask(url: string, token: string, headers: Record<string, string> = {}) {
    const authorization = `Bearer ${token}`;
    const method = headers["x-ms-copy-source"] ? "PUT" : "GET";
    const reply = await request(arm.cloud, url, {
      method,
      headers: { authorization, ...headers },
    });
    return { status: reply.status, code: reply.header("x-ms-error-code"), body: reply.body };
  }

  describe("of the second generation", () => {
    const of = (service: string, account = ACCOUNT) =>
      `https://${account}.${service}.core.windows.net:${arm.port}`;
    const list = () => ask(`${of("dfs")}/raw?resource=filesystem&recursive=false`, tokens.gen2);
    const blobs = () => ask(`${of("blob")}/?comp=list`, tokens.gen2);
    async function close(values: string[], defaultAction: "Deny" | "Allow" = "Deny") {
      const ipRules = values.map((iPAddressOrRange) => ({ iPAddressOrRange }));
      const { storageAccounts } = new StorageManagementClient(
        arm.byService,
        arm.subscriptionId,
        arm.options,
      );
      const networkRuleSet = { defaultAction, ipRules, bypass: "AzureServices" };
      return storageAccounts.update(GROUP, ACCOUNT, { networkRuleSet });
    }

    it.each([
      ["no address", []],
      ["another address", ["203.0.113.7"]],
      ["another range", [OFFICE, "127.0.0.0/32"]],
    ])("keeps everybody out while it names %s", async (_name, addresses) => {
      expect((await list()).status).toBe(200);
      const changed = await close(addresses);
      expect(changed.networkRuleSet).toMatchObject({ defaultAction: "Deny" });
      for (const refused of [await list(), await blobs()]) {
        expect(refused).toMatchObject({ status: 403, code: "AuthorizationFailure" });
      }
      // The management of the account goes on.
      await close([], "Allow");
      expect((await blobs()).status).toBe(200);
    });

    it.each([["127.0.0.1"], ["127.0.0.0/8"]])("lets %s in", async (address) => {
      await close([OFFICE, address]);
      expect([(await list()).status, (await blobs()).status]).toEqual([200, 200]);
      await close([], "Allow");
    });

    it("keeps signatures and keys out as well, before they are looked at", async () => {
      await close([]);
      const signed = await request(arm.cloud, `${of("blob")}/raw/x?sv=2020-02-10&sig=AAAA`);
      expect(signed.header("x-ms-error-code")).toBe("AuthorizationFailure");
      await close([], "Allow");
    });

    it("keeps out a copy that reads from it", async () => {
      const path = `/resourceGroups/${GROUP}/providers/Microsoft.Storage/storageAccounts/copylake`;
      const body = {
        location: "westeurope",
        kind: "StorageV2",
        sku: { name: "Standard_LRS" },
        properties: { isHnsEnabled: true },
      };
      await arm.call("ada@contoso.com", "PUT", arm.scope + path, body);
      const to = of("blob", "copylake");
      const authorization = `Bearer ${tokens.gen2}`;
      const source = `${of("dfs")}/raw/source.txt`;
      for (const url of [`${to}/copies?restype=container`, `${source}?resource=file`]) {
        await request(arm.cloud, url, { method: "PUT", headers: { authorization } });
      }
      const copy = () =>
        ask(`${to}/copies/file`, tokens.gen2, {
          "x-ms-requires-sync": "true",
          "x-ms-copy-source": source,
          "x-ms-copy-source-authorization": authorization,
        });
      await close([]);
      expect(await copy()).toMatchObject({ status: 403, code: "CannotVerifyCopySource" });
      await close([], "Allow");
      expect((await copy()).status).toBe(202);
    });

    it.each([["300.1.1.1"], ["127.0.0.1/33"], ["fe80::1"], ["office"]])(
      "takes no rule for %s",
      async (address) => {
        await expect(close([address])).rejects.toMatchObject({
          statusCode: 400,
          code: "InvalidValuesForRequestParameters",
        });
        expect((await list()).status).toBe(200);
      },
    );
  });

  describe("of the first generation", () => {
    const path = `/resourceGroups/${GROUP}/providers/Microsoft.DataLakeStore/accounts/walledlake`;
    const manage = (method: string, below: string, properties?: object) =>
      arm.call("ada@contoso.com", method, arm.scope + path + below, {
        location: "westeurope",
        ...(properties && { properties }),
      });
    const list = () =>
      ask(
        `https://walledlake.azuredatalakestore.net:${arm.port}/webhdfs/v1/?op=LISTSTATUS`,
        tokens.gen1,
      );

    it("keeps out whom no rule names, from one request to the next", async () => {
      await manage("PUT", "");
      expect((await list()).status).toBe(200);
      await manage("PUT", "/firewallRules/office", {
        startIpAddress: "203.0.113.1",
        endIpAddress: "203.0.113.9",
      });
      expect((await list()).status).toBe(200);
      const firewallState = "Enabled";
      await manage("PATCH", "", { firewallState, firewallAllowAzureIps: "Enabled" });
      const { body } = await manage("GET", "");
      expect(body.properties).toMatchObject({ firewallState, firewallAllowAzureIps: "Enabled" });
      expect(await list()).toMatchObject({
        status: 403,
        body: {
          RemoteException: {
            exception: "AccessControlException",
            message: expect.stringContaining("The client IP '127.0.0.1' is not allowed"),
          },
        },
      });
      const home = { startIpAddress: "127.0.0.0", endIpAddress: "127.0.0.1" };
      await manage("PUT", "/firewallRules/home", home);
      expect((await list()).status).toBe(200);
      await manage("DELETE", "/firewallRules/home");
      expect((await list()).status).toBe(403);
      await manage("PATCH", "", { firewallState: "Disabled" });
      expect((await list()).status).toBe(200);
    });

    it("takes no rule that ends before it starts", async () => {
      const backwards = { startIpAddress: "127.0.0.9", endIpAddress: "127.0.0.1" };
      expect((await manage("PUT", "/firewallRules/home", backwards)).status).toBe(400);
    });
  });
});
