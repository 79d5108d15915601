import { StorageManagementClient } from "@azure/arm-storage";
import { createHttpHeaders, createPipelineRequest } from "@azure/core-rest-pipeline";
import { ClientSecretCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";
import {
  DataLakeSASPermissions,
  DataLakeServiceClient,
  generateDataLakeSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-file-datalake";
import { type LoggedRequest, type PracticeCloud, startPractice } from "notelake/practice";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { collect } from "../practice-lake/served-lake.ts";
import { lakeOf } from "./stock-client.ts";

const STORAGE = "https://storage.azure.com/.default";
const MARY = "3a2f0000-5d3a-4f0e-8a51-0d9a1b2c3d04";

describe("the log of requests", () => {
  let cloud: PracticeCloud;
  let account: string;
  beforeAll(async () => {
    cloud = await startPractice();
    const { subscriptionId } = cloud.description;
    const manager = managerOf("ada@contoso.com");
    const [found] = await collect(manager.storageAccounts.list());
    account = found?.id ?? subscriptionId;
  });
  beforeEach(() => cloud.reset());
  afterAll(() => cloud.close());

  const once = { retryOptions: { maxTries: 1 } };
  const managerOf = (name: string) =>
    new StorageManagementClient(cloud.credential(name), cloud.description.subscriptionId, {
      httpClient: cloud.httpClient,
    });
  const rawOf = (name: string) => lakeOf(cloud, { name, ...once }).getFileSystemClient("raw");
  const keyed = (key = cloud.accountKeys().key1) =>
    new DataLakeServiceClient(
      "https://contosolake.dfs.core.windows.net",
      new StorageSharedKeyCredential("contosolake", key),
      { httpClient: cloud.httpClient, ...once },
    );

  /** The one request that the work has made, and that was refused. */
  async function refused(work: () => Promise<unknown>): Promise<LoggedRequest> {
    cloud.requests.clear();
    await expect(work()).rejects.toThrow();
    const [entry] = cloud.requests.list().filter(({ reasons }) => reasons.length > 0);
    if (!entry) throw new Error(`no refusal in ${JSON.stringify(cloud.requests.list())}`);
    return entry;
  }

  it("names the role that is missing, where it has to be given, and who asked", async () => {
    let requestId = "";
    const entry = await refused(async () => {
      try {
        await lakeOf(cloud, { name: "max@contoso.com", ...once })
          .listFileSystems()
          .next();
      } catch (error) {
        requestId = /RequestId:(\S+)/.exec((error as Error).message)?.[1] ?? "";
        throw error;
      }
    });
    expect(entry).toMatchObject({
      service: "blob",
      operation: "listFileSystems",
      method: "GET",
      principal: { name: "max@contoso.com" },
      proof: "token",
      status: 403,
      code: "AuthorizationPermissionMismatch",
      requestId,
      reasons: [{ by: "role", needs: "Storage Blob Data Reader", at: account, has: ["Reader"] }],
    });
    expect(new URL(entry.url).host).toBe("contosolake.blob.core.windows.net");
    expect(Date.parse(entry.time)).toBeGreaterThan(Date.now() - 60_000);
  });

  it("names the entry of the access list that decided, beside the role", async () => {
    const entry = await refused(() => collect(rawOf("mary@contoso.com").listPaths()));
    expect(entry.reasons).toEqual([
      {
        by: "role",
        needs: "Storage Blob Data Reader",
        at: `${account}/blobServices/default/containers/raw`,
        has: [],
      },
      { by: "acl", path: "/raw", entry: "other::---", grants: "---", needs: "r-x" },
    ]);
  });

  it("names an entry that a mask takes bits from, and the directory on the way", async () => {
    const raw = keyed().getFileSystemClient("raw");
    const entry = (
      accessControlType: "user" | "group" | "mask" | "other",
      bits: string,
      entityId = "",
    ) => ({
      ...{ accessControlType, entityId, defaultScope: false },
      permissions: {
        read: bits.includes("r"),
        write: bits.includes("w"),
        execute: bits.includes("x"),
      },
    });
    const list = [entry("user", "rwx"), entry("group", "r-x"), entry("other", "---")];
    const open = [...list, entry("user", "r-x", MARY), entry("mask", "r-x")];
    await raw.getDirectoryClient("").setAccessControl(open);
    await raw
      .getDirectoryClient("penguins")
      .setAccessControl([...[...list, entry("user", "rwx", MARY), entry("mask", "r--")]]);
    const file = rawOf("mary@contoso.com").getFileClient("penguins/penguins.csv");
    const { reasons } = await refused(() => file.read());
    expect(reasons[1]).toEqual({
      by: "acl",
      path: "/raw/penguins",
      entry: `user:${MARY}:rwx`,
      grants: "r--",
      needs: "--x",
    });
    const owner = await refused(() =>
      rawOf("mary@contoso.com").getDirectoryClient("").setAccessControl(list),
    );
    expect(owner.reasons[1]).toMatchObject({ by: "owner", path: "/raw", owner: "$superuser" });
  });

  it("says what is wrong with a key or a shared access signature", async () => {
    const wrong = Buffer.alloc(64, 7).toString("base64");
    expect(await refused(() => keyed(wrong).listFileSystems().next())).toMatchObject({
      proof: "account key",
      reasons: [{ by: "signature", why: "the signature does not match" }],
    });
    const { key1 } = cloud.accountKeys();
    const signed = (letters: string, expiresOn: Date) => {
      const sas = generateDataLakeSASQueryParameters(
        { fileSystemName: "raw", permissions: DataLakeSASPermissions.parse(letters), expiresOn },
        new StorageSharedKeyCredential("contosolake", key1),
      ).toString();
      const url = `https://contosolake.dfs.core.windows.net?${sas}`;
      return new DataLakeServiceClient(url, undefined, { httpClient: cloud.httpClient, ...once });
    };
    const hour = new Date(Date.now() + 3_600_000);
    const write = (client: DataLakeServiceClient) =>
      client.getFileSystemClient("raw").getFileClient("new.txt").create();
    const { reasons, proof, url } = await refused(() => write(signed("r", hour)));
    expect(proof).toBe("signature");
    expect(reasons).toEqual([
      { by: "signature", why: "sp does not permit it", needs: "cw", has: "r" },
    ]);
    expect(url).toContain("sp=r&");
    expect(url).toContain("sig=REDACTED");
    expect((await refused(() => write(signed("rw", new Date(0))))).reasons).toEqual([
      { by: "signature", why: "expired" },
    ]);
  });

  it("says what is wrong with a token", async () => {
    const { token } = (await cloud
      .credential("ada@contoso.com")
      .getToken("https://management.azure.com/.default")) ?? { token: "" };
    const credential = {
      getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 60_000 }),
    };
    const { httpClient } = cloud;
    const url = "https://contosolake.dfs.core.windows.net";
    const lake = new DataLakeServiceClient(url, credential, { httpClient, ...once });
    const entry = await refused(() => lake.listFileSystems().next());
    expect(entry.reasons).toEqual([{ by: "token", why: "it is for another resource" }]);
    const nobody = new DataLakeServiceClient(url, undefined, { httpClient, ...once });
    const { reasons, proof } = await refused(() => nobody.listFileSystems().next());
    expect([reasons, proof]).toEqual([
      [{ by: "token", why: "there is no token and no signature" }],
      "none",
    ]);
  });

  it("names the network rule that kept somebody out", async () => {
    const [, group = ""] = /resourceGroups\/([^/]+)/.exec(account) ?? [];
    await managerOf("ada@contoso.com").storageAccounts.update(group, "contosolake", {
      networkRuleSet: { defaultAction: "Deny" },
    });
    expect((await refused(() => collect(rawOf("ada@contoso.com").listPaths()))).reasons).toEqual([
      { by: "firewall", rule: "networkAcls.defaultAction: Deny", address: "127.0.0.1" },
    ]);
  });

  it("names what Resource Manager, the authority and a fault refuse", async () => {
    const [, group = ""] = /resourceGroups\/([^/]+)/.exec(account) ?? [];
    const manager = managerOf("grace@contoso.com");
    expect(await refused(() => manager.storageAccounts.delete(group, "contosolake"))).toMatchObject(
      {
        service: "management",
        operation: "Microsoft.Storage/storageAccounts/delete",
        principal: { name: "grace@contoso.com" },
        code: "AuthorizationFailed",
        reasons: [{ by: "role", needs: "Contributor", at: account }],
      },
    );
    const { tenantId, service } = cloud.description;
    const { httpClient } = cloud;
    const liar = new ClientSecretCredential(tenantId, service.clientId, "wrong", { httpClient });
    expect(await refused(() => liar.getToken(STORAGE))).toMatchObject({
      service: "authority",
      operation: "oauth2/v2.0/token client_credentials",
      status: 401,
      code: "invalid_client",
      reasons: [{ by: "sign-in", number: 7_000_215 }],
    });
    const fault = { on: "lake", kind: "status", status: 503 } as const;
    cloud.faults.add(fault);
    const busy = await refused(() => collect(rawOf("ada@contoso.com").listPaths()));
    expect(busy.reasons).toEqual([{ by: "fault", fault }]);
  });

  it("has what went well too, and no secret of anybody", async () => {
    const { tenantId, service, pages } = cloud.description;
    const { httpClient } = cloud;
    const { clientId, clientSecret } = service;
    const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, { httpClient });
    const { token } = await credential.getToken(STORAGE);
    const lake = new DataLakeServiceClient("https://contosolake.dfs.core.windows.net", credential, {
      httpClient,
    });
    await lake.getFileSystemClient("raw").getFileClient("new.txt").upload(Buffer.from("x"));
    await fetch(`${pages}/devicelogin?%73ig=top-secret&access_token=top-secret&a=b`);
    const entries = cloud.requests.list();
    expect(entries.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(["oauth2/v2.0/token client_credentials", "createPath", "append"]),
    );
    expect(entries.find(({ operation }) => operation === "createPath")).toMatchObject({
      principal: { name: "notelake-service" },
      status: 201,
      reasons: [],
    });
    const text = JSON.stringify(entries);
    for (const secret of [token, clientSecret, "top-secret"]) expect(text).not.toContain(secret);
    expect(text).toContain("/devicelogin?sig=REDACTED&access_token=REDACTED&a=b");
  });

  it("names what was refused inside a batch", async () => {
    const url = "https://contosolake.blob.core.windows.net";
    const { httpClient } = cloud;
    const service = new BlobServiceClient(url, cloud.credential("grace@contoso.com"), {
      httpClient,
    });
    const blob = service.getContainerClient("raw").getBlobClient("penguins/penguins.csv");
    await service.getBlobBatchClient().deleteBlobs([blob]);
    const entry = cloud.requests.list().find(({ operation }) => operation === "runBatch");
    expect(entry).toMatchObject({ status: 202, reasons: [] });
    expect(entry?.parts).toMatchObject([
      {
        operation: "removePath",
        principal: { name: "grace@contoso.com" },
        status: 403,
        reasons: [{ by: "role", needs: "Storage Blob Data Contributor" }, { by: "acl" }],
      },
    ]);
  });

  it("names what an account of the first generation refuses", async () => {
    const send = async (
      name: string,
      resource: string,
      method: "GET" | "PUT",
      url: string,
      body = "",
    ) => {
      const token = await cloud.credential(name).getToken(`${resource}/.default`);
      const headers = createHttpHeaders({
        authorization: `Bearer ${token?.token}`,
        "content-type": "application/json",
      });
      const request = createPipelineRequest({ url, method, headers, ...(body && { body }) });
      return (await cloud.httpClient.sendRequest(request)).status;
    };
    const [group] = account.split("/providers/");
    const id = `${group}/providers/Microsoft.DataLakeStore/accounts/oldlake`;
    const make = `https://management.azure.com${id}?api-version=2016-11-01`;
    const location = JSON.stringify({ location: "westeurope" });
    await send("ada@contoso.com", "https://management.azure.com", "PUT", make, location);
    const list = "https://oldlake.azuredatalakestore.net/webhdfs/v1/?op=LISTSTATUS";
    expect(await send("mary@contoso.com", "https://datalake.azure.net/", "GET", list)).toBe(403);
    expect(cloud.requests.list().at(-1)).toMatchObject({
      service: "gen1",
      operation: "LISTSTATUS",
      principal: { name: "mary@contoso.com" },
      reasons: [
        { by: "role", needs: "Owner", at: id, has: [] },
        { by: "acl", path: "/", needs: "r-x" },
      ],
    });
  });

  it("is there over HTTP for programs in other languages", async () => {
    const url = `${cloud.description.pages}/practice/requests`;
    await refused(() => collect(rawOf("mary@contoso.com").listPaths()));
    const { value } = (await (await fetch(url)).json()) as { value: LoggedRequest[] };
    expect(value).toEqual(JSON.parse(JSON.stringify(cloud.requests.list())));
    expect(value.at(-1)?.reasons).toHaveLength(2);
    expect(await (await fetch(url, { method: "DELETE" })).json()).toEqual({ value: [] });
    expect((await fetch(url, { method: "POST" })).status).toBe(404);
  });
});

describe("a log of requests with a limit", () => {
  it("forgets the oldest, and says what is not answered yet", async () => {
    await using cloud = await startPractice({ requestLog: 4 });
    const page = `${cloud.description.pages}/nowhere`;
    for (let count = 0; count < 20; count++) await (await fetch(`${page}/${count}`)).text();
    const ids = cloud.requests.list().map(({ id }) => id);
    expect(ids.length).toBeLessThanOrEqual(6);
    expect(ids.at(-1)).toBe(20);
    cloud.faults.add({ kind: "silence", on: "metadata" });
    const signal = AbortSignal.timeout(300);
    const silent = fetch(`${cloud.description.pages}/metadata/instance`, { signal });
    await new Promise((resolve) => setTimeout(resolve, 150));
    const last = cloud.requests.list().at(-1);
    expect(last).toMatchObject({ service: "metadata", reasons: [{ by: "fault" }] });
    expect(last).not.toHaveProperty("status");
    await expect(silent).rejects.toThrow();
  });

  it("keeps nothing when it is to keep nothing", async () => {
    await using cloud = await startPractice({ requestLog: 0 });
    await fetch(cloud.description.pages);
    expect(cloud.requests.list()).toEqual([]);
  });
});
