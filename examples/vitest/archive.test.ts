// A job on Data Lake Storage, tested with Vitest against a practice cloud.
import { DataLakeServiceClient } from "@azure/storage-file-datalake";
import { startPractice } from "notelake/practice";
import { afterAll, beforeEach, expect, test } from "vitest";
import { archive } from "../archive.ts";

const cloud = await startPractice();
afterAll(() => cloud.close());
beforeEach(() => cloud.reset());

/** The client that the job gets in production, in somebody's name. */
function lakeOf(name: string): DataLakeServiceClient {
  const { httpClient } = cloud;
  const url = "https://contosolake.dfs.core.windows.net";
  const retryOptions = { retryDelayInMs: 10 };
  return new DataLakeServiceClient(url, cloud.credential(name), { httpClient, retryOptions });
}

test("moves the files of a folder", async () => {
  const lake = lakeOf("notelake-service");
  expect(await archive(lake, "penguins")).toBe(1);
  const raw = lake.getFileSystemClient("raw");
  expect(await raw.getFileClient("archive/penguins/penguins.csv").exists()).toBe(true);
  expect(await raw.getFileClient("penguins/penguins.csv").exists()).toBe(false);
});

test("fails for somebody who may only read, and the log says which role is missing", async () => {
  await expect(archive(lakeOf("grace@contoso.com"), "penguins")).rejects.toMatchObject({
    code: "AuthorizationPermissionMismatch",
  });
  const refused = cloud.requests.list().find(({ status }) => status === 403);
  expect(refused?.reasons).toContainEqual(
    expect.objectContaining({ by: "role", needs: "Storage Blob Data Contributor" }),
  );
});

test("goes on after the service was busy", async () => {
  cloud.faults.add({ on: "lake", kind: "status", status: 503, times: 2 });
  expect(await archive(lakeOf("notelake-service"), "penguins")).toBe(1);
});

test("begins each test with what it needs", async () => {
  await lakeOf("ada@contoso.com").getFileSystemClient("raw").getFileClient("in/a.csv").create();
  await cloud.save("one-file");
  expect(await archive(lakeOf("notelake-service"), "in")).toBe(1);
  await cloud.restore("one-file");
  expect(await archive(lakeOf("notelake-service"), "in")).toBe(1);
});
