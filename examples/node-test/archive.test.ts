// The same with the test runner that comes with Node.js: node --test
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { ClientSecretCredential } from "@azure/identity";
import { DataLakeServiceClient } from "@azure/storage-file-datalake";
import { startPractice } from "notelake/practice";
import { archive } from "../archive.ts";

const cloud = await startPractice();
after(() => cloud.close());
beforeEach(() => cloud.reset());

const url = "https://contosolake.dfs.core.windows.net";
const { httpClient } = cloud;

test("signs in as in production, and moves the files of a folder", async () => {
  const { tenantId, service } = cloud.description;
  const { clientId, clientSecret } = service;
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, { httpClient });
  const lake = new DataLakeServiceClient(url, credential, { httpClient });
  assert.equal(await archive(lake, "penguins"), 1);
});

test("finds every file in its place again", async () => {
  const lake = new DataLakeServiceClient(url, cloud.credential("ada@contoso.com"), { httpClient });
  const raw = lake.getFileSystemClient("raw");
  assert.equal(await raw.getFileClient("penguins/penguins.csv").exists(), true);
  assert.equal(await raw.getDirectoryClient("archive").exists(), false);
});

test("says which entry of an access list keeps somebody out", async () => {
  const lake = new DataLakeServiceClient(url, cloud.credential("mary@contoso.com"), { httpClient });
  await assert.rejects(archive(lake, "penguins"), { statusCode: 403 });
  const refused = cloud.requests.list().find(({ status }) => status === 403);
  const byAcl = refused?.reasons.find(({ by }) => by === "acl");
  assert.deepEqual(byAcl, {
    by: "acl",
    path: "/raw",
    entry: "other::---",
    grants: "---",
    needs: "--x",
  });
});
