// A test of somebody's own code, in Node's own runner, against the practice cloud.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DataLakeServiceClient } from "@azure/storage-file-datalake";
import { startPractice } from "notelake/practice";

test("code that uses the stock SDK reads what it has written", async (context) => {
  // On Node 24: await using cloud = …
  const cloud = await startPractice();
  context.after(() => cloud.close());
  const lakeOf = (who) =>
    new DataLakeServiceClient("https://contosolake.dfs.core.windows.net", cloud.credential(who), {
      httpClient: cloud.httpClient,
    });
  const file = (who) => lakeOf(who).getFileSystemClient("raw").getFileClient("from/a-test.txt");
  await file("notelake-service").upload(Buffer.from("written"));
  assert.equal(String(await file("ada@contoso.com").readToBuffer()), "written");
  await assert.rejects(file("max@contoso.com").readToBuffer(), { statusCode: 403 });
});
