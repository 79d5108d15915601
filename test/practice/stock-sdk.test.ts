import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { StorageManagementClient } from "@azure/arm-storage";
import { ClientSecretCredential, ManagedIdentityCredential } from "@azure/identity";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { DataLakeServiceClient } from "@azure/storage-file-datalake";
import { type PracticeCloud, startPractice } from "notelake/practice";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect } from "../practice-lake/served-lake.ts";

const DFS = "https://contosolake.dfs.core.windows.net";

describe("the stock SDK, by Azure's own host names", () => {
  let cloud: PracticeCloud;
  beforeAll(async () => {
    cloud = await startPractice();
  });
  afterAll(() => cloud.close());

  const lakeOf = (name: string) =>
    new DataLakeServiceClient(DFS, cloud.credential(name), { httpClient: cloud.httpClient });

  it("signs the service in, and writes and reads a file", async () => {
    const { httpClient, description } = cloud;
    const { tenantId, service } = description;
    const credential = new ClientSecretCredential(
      tenantId,
      service.clientId,
      service.clientSecret,
      { httpClient },
    );
    const lake = new DataLakeServiceClient(DFS, credential, { httpClient });
    const file = lake.getFileSystemClient("raw").getFileClient("from-a-test.txt");
    const content = Buffer.alloc(300_000, "notelake ");
    await file.upload(content);
    expect((await file.readToBuffer()).equals(content)).toBe(true);
  });

  it("works in the name of users, the service and identities, each with their own rights", async () => {
    for (const name of ["ada@contoso.com", "notelake-service", "notelake-reader"]) {
      expect(await collect(lakeOf(name).listFileSystems())).not.toHaveLength(0);
    }
    for (const name of ["max@contoso.com", "notelake-vm"]) {
      await expect(lakeOf(name).listFileSystems().next()).rejects.toMatchObject({
        code: "AuthorizationPermissionMismatch",
      });
    }
    expect(() => cloud.credential("eve@contoso.com")).toThrow(
      "nobody in the practice directory is called eve@contoso.com; there are ada@contoso.com",
    );
  });

  it("manages accounts, and signs with their keys", async () => {
    const { httpClient, description } = cloud;
    const credential = cloud.credential("ada@contoso.com");
    const manager = new StorageManagementClient(credential, description.subscriptionId, {
      httpClient,
    });
    expect(await collect(manager.storageAccounts.list())).toMatchObject([{ name: "contosolake" }]);
    const key = new StorageSharedKeyCredential("contosolake", cloud.accountKeys().key1);
    const blobs = new BlobServiceClient("https://contosolake.blob.core.windows.net", key, {
      httpClient,
    });
    expect(await collect(blobs.listContainers())).not.toHaveLength(0);
    expect(() => cloud.accountKeys("nothere")).toThrow(RangeError);
  });

  it("finds the metadata service of a virtual machine", async () => {
    const credential = new ManagedIdentityCredential({ httpClient: cloud.httpClient });
    const { token } = await credential.getToken("https://storage.azure.com/.default");
    expect(token).toMatch(/^ey/);
  });

  it("reaches nothing but the practice cloud, whatever host is asked for", async () => {
    const lake = new DataLakeServiceClient(
      "https://other.example",
      cloud.credential("ada@contoso.com"),
      { httpClient: cloud.httpClient, retryOptions: { maxTries: 1 } },
    );
    await expect(lake.listFileSystems().next()).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  it("tells a program of its own by its environment", async () => {
    const { caFile, origin } = cloud.description;
    expect(readFileSync(caFile, "utf8")).toBe(cloud.description.ca);
    expect(cloud.clientSettings).toContain(`export AZURE_AUTHORITY_HOST=${origin}`);
    const url = `${origin}/common/discovery/v2.0/keys`;
    const script = `fetch("${url}").then(({ status }) => console.log(status))`;
    const options = { env: cloud.environment };
    const { stdout } = await promisify(execFile)(process.execPath, ["--eval", script], options);
    expect(stdout).toBe("200\n");
  });
});

describe("a practice cloud for a test", () => {
  it("begins with the files that it is told to, and does so again", async () => {
    const seed = mkdtempSync(join(tmpdir(), "notelake-test-"));
    mkdirSync(join(seed, "orders/2026"), { recursive: true });
    writeFileSync(join(seed, "orders/2026/may.csv"), "day,total\n1,2\n");
    await using cloud = await startPractice({ seed });
    const { httpClient } = cloud;
    const lake = new DataLakeServiceClient(DFS, cloud.credential("ada@contoso.com"), {
      httpClient,
    });
    const file = lake.getFileSystemClient("orders").getFileClient("2026/may.csv");
    await file.append("3,4\n", 14, 4);
    await file.flush(18);
    expect(String(await file.readToBuffer())).toBe("day,total\n1,2\n3,4\n");
    await cloud.reset();
    expect(String(await file.readToBuffer())).toBe("day,total\n1,2\n");
    expect(readFileSync(join(seed, "orders/2026/may.csv"), "utf8")).toBe("day,total\n1,2\n");
    rmSync(seed, { recursive: true });
  });

  it("ends where the block that it was made in ends", async () => {
    let url = "";
    {
      await using cloud = await startPractice();
      url = cloud.description.pages;
      expect((await fetch(url)).status).toBe(200);
    }
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it.each([
    [{ ports: 1 }, "startPractice has no option ports; there are seed, dir, port"],
    [{ port: "80" }, 'port: "80" is not a whole number'],
    [{ port: 70_000 }, "port: 70000 is no port"],
    [{ seed: "/nowhere/at/all" }, "seed: /nowhere/at/all is no folder"],
    [{ dir: "" }, 'dir: "" is not the name of a folder'],
  ])("refuses %j before it makes anything", async (options, text) => {
    const dir = join(tmpdir(), `notelake-test-${process.pid}-never`);
    await expect(startPractice({ dir, ...(options as object) })).rejects.toThrow(text);
    expect(() => readFileSync(dir)).toThrow("ENOENT");
  });

  it("leaves no folder behind that it could not use", async () => {
    const folder = mkdtempSync(join(tmpdir(), "notelake-test-"));
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    await expect(startPractice({ dir: join(file, "below") })).rejects.toThrow(
      /a-file.below is no folder/,
    );
    await using first = await startPractice();
    const { port } = first.description;
    const dir = join(folder, "a/b");
    await expect(startPractice({ dir, port })).rejects.toMatchObject({
      code: "PORT_TAKEN",
    });
    expect(() => readFileSync(join(folder, "a"))).toThrow("ENOENT");
    rmSync(folder, { recursive: true });
  });
});
