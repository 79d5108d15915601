import { StorageManagementClient } from "@azure/arm-storage";
import { BlobServiceClient } from "@azure/storage-blob";
import { DataLakeServiceClient } from "@azure/storage-file-datalake";
import { afterAll, beforeAll, expect, test } from "vitest";
import { visibleAccounts } from "../../src/account/visible-accounts.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import { type PracticeCloud, startPractice } from "../../src/practice/index.ts";
import { cloudOf } from "../lake/practice-client.ts";

// An account in a DNS zone, made and used by the stock clients and by ours.

const NAME = "zonedlake";
const ZONED = `https://${NAME}.z12.dfs.storage.azure.net`;
const GROUP = "notelake-practice";

let practice: PracticeCloud;
let accounts: StorageManagementClient["storageAccounts"];
const parameters = {
  location: "westeurope",
  kind: "StorageV2",
  sku: { name: "Standard_LRS" },
  isHnsEnabled: true,
} as const;

beforeAll(async () => {
  practice = await startPractice();
  const { httpClient, description } = practice;
  const options = { httpClient, retryOptions: { maxRetries: 0 } };
  const ada = practice.credential("ada@contoso.com");
  accounts = new StorageManagementClient(ada, description.subscriptionId, options).storageAccounts;
  const made = await accounts
    .create(GROUP, NAME, { ...parameters, dnsEndpointType: "AzureDnsZone" })
    .pollUntilDone();
  expect(made.dnsEndpointType).toBe("AzureDnsZone");
  expect(made.primaryEndpoints?.dfs).toBe(`${ZONED}/`);
});
afterAll(() => practice.close());

test("the stock clients use it at its zone, at both endpoints", async () => {
  const { httpClient } = practice;
  const ada = practice.credential("ada@contoso.com");
  const lake = new DataLakeServiceClient(ZONED, ada, { httpClient });
  const raw = lake.getFileSystemClient("raw");
  await raw.create();
  await raw.getFileClient("a.txt").upload(Buffer.from("zoned"));
  const blobs = new BlobServiceClient(ZONED.replace(".dfs.", ".blob."), ada, { httpClient });
  for await (const page of blobs.getContainerClient("raw").listBlobsFlat().byPage()) {
    expect(page.serviceEndpoint).toBe(`https://${NAME}.z12.blob.storage.azure.net/`);
    expect(page.segment.blobItems.map(({ name }) => name)).toEqual(["a.txt"]);
  }
});

test("the name is nobody's outside of the zone, and others are not in it", async () => {
  const { httpClient } = practice;
  const ada = practice.credential("ada@contoso.com");
  const exists = (url: string) =>
    new DataLakeServiceClient(url, ada, { httpClient, retryOptions: { maxTries: 1 } })
      .getFileSystemClient("raw")
      .getProperties();
  const missing = { statusCode: 404 };
  await expect(exists(`https://${NAME}.dfs.core.windows.net`)).rejects.toMatchObject(missing);
  await expect(exists("https://contosolake.z12.dfs.storage.azure.net")).rejects.toMatchObject(
    missing,
  );
  await exists("https://contosolake.dfs.core.windows.net");
});

test("a zone is for good", async () => {
  const change = accounts.create(GROUP, NAME, { ...parameters, dnsEndpointType: "Standard" });
  await expect(change.pollUntilDone()).rejects.toMatchObject({ statusCode: 409 });
  const kept = await accounts.create(GROUP, NAME, parameters).pollUntilDone();
  expect(kept.dnsEndpointType).toBe("AzureDnsZone");
});

test("its URL is opened, the list of accounts has it, and its name alone is explained", async () => {
  const cloud = cloudOf(practice.description);
  const credential = practice.credential("ada@contoso.com");
  const names: string[] = [];
  let endpoint = "";
  for await (const account of visibleAccounts(cloud, credential)) {
    names.push(account.name);
    if (account.name === NAME) endpoint = account.endpoint;
  }
  expect(endpoint).toBe(ZONED);
  const options = { credential, accounts: async () => names };
  const lake = openLakeIn(cloud, `${endpoint}/raw`, options);
  await lake.write("b.txt", "ours");
  await lake.copy("b.txt", "c.txt");
  expect(await lake.readText(`abfss://raw@${NAME}.z12.dfs.storage.azure.net/c.txt`)).toBe("ours");
  const plain = openLakeIn(cloud, `abfss://raw@${NAME}.dfs.core.windows.net/`, options);
  await expect(plain.stat("b.txt")).rejects.toThrow(
    /there is no storage account zonedlake.*DNS zone/s,
  );
});
