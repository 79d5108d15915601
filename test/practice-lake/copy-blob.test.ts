import { createHash } from "node:crypto";
import type { BlockBlobClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { read, type ServedAccounts, serveAccounts, upload } from "./copy-accounts.ts";

let lake: ServedAccounts;

beforeAll(async () => {
  lake = await serveAccounts();
});
afterAll(() => lake.close());

const refused = (statusCode: number, sourceCode: string) => ({
  statusCode,
  code: "CannotVerifyCopySource",
  details: { copySourceStatusCode: statusCode, copySourceErrorCode: sourceCode },
});

describe.each([
  ["the same account", () => lake.near("source.csv")],
  ["another account", () => lake.far("source.csv")],
])("from %s", (_name, blobOf) => {
  let source: BlockBlobClient;
  beforeAll(async () => {
    source = await upload(blobOf(), "0123456789");
  });

  test("a blob is copied at once with a signed source, properties and all", async () => {
    const copy = lake.near("sync.csv");
    const answer = await copy.syncCopyFromURL(lake.signed(source));
    expect(answer.copyStatus).toBe("success");
    expect(await read(copy)).toBe("0123456789");
    const properties = await copy.getProperties();
    expect(properties).toMatchObject({
      contentType: "text/csv",
      metadata: { from: "source" },
      copyId: answer.copyId,
      copyStatus: "success",
      copyProgress: "10/10",
      copySource: source.url,
    });
    expect(properties.contentMD5).toEqual(createHash("md5").update("0123456789").digest());
  });

  test("a blob is copied at once with a token for the source", async () => {
    const sourceAuthorization = { scheme: "Bearer", value: "reader" };
    await lake.near("token.csv").syncCopyFromURL(source.url, {
      sourceAuthorization,
      metadata: { own: "1" },
    });
    expect(await read(lake.near("token.csv"))).toBe("0123456789");
    expect((await lake.near("token.csv").getProperties()).metadata).toEqual({ own: "1" });
    const bob = { sourceAuthorization: { scheme: "Bearer", value: "bob" } };
    await expect(lake.near("no.csv").syncCopyFromURL(source.url, bob)).rejects.toMatchObject(
      refused(403, "AuthorizationPermissionMismatch"),
    );
  });

  test("a source that is not signed is not copied at once", async () => {
    await expect(lake.near("no.csv").syncCopyFromURL(source.url)).rejects.toMatchObject(
      refused(401, "NoAuthenticationInformation"),
    );
    await expect(
      lake.near("no.csv").syncCopyFromURL(lake.signed(source, "w")),
    ).rejects.toMatchObject(refused(403, "AuthorizationPermissionMismatch"));
    const broken = lake.signed(source).replace(/sig=.{4}/, "sig=AAAA");
    await expect(lake.near("no.csv").syncCopyFromURL(broken)).rejects.toMatchObject(
      refused(403, "AuthenticationFailed"),
    );
    expect(await lake.near("no.csv").exists()).toBe(false);
  });

  test("a blob is copied behind the answer", async () => {
    const copy = lake.near("async.csv");
    const poller = await copy.beginCopyFromURL(lake.signed(source), { intervalInMs: 5 });
    expect(await poller.pollUntilDone()).toMatchObject({ copyStatus: "success" });
    expect(await read(copy)).toBe("0123456789");
    expect(await copy.getProperties()).toMatchObject({
      contentType: "text/csv",
      contentLength: 10,
      metadata: { from: "source" },
      copySource: source.url,
    });
  });

  test("conditions on source and destination hold", async () => {
    const { etag = "" } = await source.getProperties();
    const copy = await upload(lake.near("conditions.csv"), "old");
    const start = (options: Parameters<BlockBlobClient["beginCopyFromURL"]>[1]) =>
      copy.beginCopyFromURL(lake.signed(source), { intervalInMs: 5, ...options });
    const now = (options: Parameters<BlockBlobClient["syncCopyFromURL"]>[1]) =>
      copy.syncCopyFromURL(lake.signed(source), options);
    const unmet = { statusCode: 412, code: "SourceConditionNotMet" };
    for (const sourceConditions of [
      { ifMatch: '"0x1"' },
      { ifNoneMatch: etag },
      { ifModifiedSince: new Date(Date.now() + 60_000) },
      { ifUnmodifiedSince: new Date(0) },
    ]) {
      await expect(start({ sourceConditions })).rejects.toMatchObject(unmet);
      // What is copied at once is asked for by the destination, which could not see it.
      await expect(now({ sourceConditions })).rejects.toMatchObject({
        statusCode: 412,
        code: "CannotVerifyCopySource",
      });
    }
    await expect(start({ conditions: { ifMatch: '"0x1"' } })).rejects.toMatchObject({
      statusCode: 412,
      code: "TargetConditionNotMet",
    });
    await expect(start({ conditions: { ifNoneMatch: "*" } })).rejects.toMatchObject({
      statusCode: 409,
      code: "BlobAlreadyExists",
    });
    expect(await read(copy)).toBe("old");
    await now({ sourceConditions: { ifMatch: etag } });
    expect(await read(copy)).toBe("0123456789");
  });

  test("a blob is put from it, with its headers and without its metadata", async () => {
    const put = lake.near("put.csv");
    await put.syncUploadFromURL(lake.signed(source));
    expect(await read(put)).toBe("0123456789");
    const properties = await put.getProperties();
    expect([properties.contentType, properties.metadata]).toEqual(["text/csv", {}]);
    expect(properties.copyId).toBeUndefined();
    await put.syncUploadFromURL(lake.signed(source), { copySourceBlobProperties: false });
    expect((await put.getProperties()).contentType).toBe("application/octet-stream");
  });

  test("blocks are ranges of it, and outlive it", async () => {
    const passing = await upload(
      source.containerName === "raw" ? lake.near("passing") : lake.far("passing"),
      "abcdefghij",
    );
    const id = (name: string) => Buffer.from(name).toString("base64");
    const blocks = lake.near("blocks.bin");
    await blocks.stageBlockFromURL(id("1"), lake.signed(passing), 2, 3);
    const md5 = new Uint8Array(createHash("md5").update("hij").digest());
    await blocks.stageBlockFromURL(id("2"), lake.signed(passing), 7, 3, { sourceContentMD5: md5 });
    await blocks.stageBlockFromURL(id("3"), lake.signed(passing));
    await expect(
      blocks.stageBlockFromURL(id("4"), lake.signed(passing), 0, 3, { sourceContentMD5: md5 }),
    ).rejects.toMatchObject({ statusCode: 400, code: "Md5Mismatch" });
    await expect(
      blocks.stageBlockFromURL(id("4"), lake.signed(passing), 10, 1),
    ).rejects.toMatchObject({
      statusCode: 416,
      code: "InvalidRange",
    });
    await passing.delete();
    await blocks.commitBlockList([id("2"), id("1"), id("3")]);
    expect(await read(blocks)).toBe("hijcdeabcdefghij");
  });

  test("what is not there is not copied", async () => {
    const none = source.containerName === "raw" ? lake.near("none") : lake.far("none");
    await expect(lake.near("no.csv").syncCopyFromURL(lake.signed(none))).rejects.toMatchObject(
      refused(404, "BlobNotFound"),
    );
    await expect(lake.near("no.csv").beginCopyFromURL(lake.signed(none))).rejects.toMatchObject(
      refused(404, "BlobNotFound"),
    );
  });
});

test("a copy in the same account needs no more than the caller, one from another does", async () => {
  const source = await upload(lake.near("plain.txt"), "plain");
  const poller = await lake.near("plain-copy.txt").beginCopyFromURL(source.url);
  expect(await poller.pollUntilDone()).toMatchObject({ copyStatus: "success" });
  const other = await upload(lake.far("plain.txt"), "plain");
  await expect(lake.near("no.csv").beginCopyFromURL(other.url)).rejects.toMatchObject(
    refused(401, "NoAuthenticationInformation"),
  );
  const elsewhere = "https://nobody.blob.core.windows.net/raw/x";
  await expect(lake.near("no.csv").beginCopyFromURL(elsewhere)).rejects.toMatchObject({
    statusCode: 404,
    code: "CannotVerifyCopySource",
  });
});
