import { createHash } from "node:crypto";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BlobSASPermissions,
  type BlobServiceClient,
  type BlockBlobClient,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Copies } from "../../src/practice/lake/storage/copies.ts";
import { openDatabase } from "../../src/practice/lake/storage/schema.ts";
import { ACCOUNT, blobClient, type ServedLake, serveLake } from "./served-lake.ts";

const OTHER = "otherlake";
const HUGE = 300 * 2 ** 20;
let folder: string;
let lake: ServedLake;
let here: BlobServiceClient;
let there: BlobServiceClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-copies-"));
  await mkdir(join(folder, "seed/raw"), { recursive: true });
  // A file with a hole in it: large for whoever reads it, and next to nothing on disk.
  const huge = await open(join(folder, "seed/raw/huge.bin"), "w");
  await huge.truncate(HUGE);
  await huge.write("end", HUGE - 3);
  await huge.close();
  lake = await serveLake({}, folder);
  lake.lake.createAccount(OTHER);
  here = blobClient(lake);
  there = blobClient(lake, OTHER);
  await there.createContainer("far");
});
afterAll(async () => {
  await lake.close();
  await rm(folder, { recursive: true });
});

const near = (name: string) => here.getContainerClient("raw").getBlockBlobClient(name);
const far = (name: string) => there.getContainerClient("far").getBlockBlobClient(name);
const read = async (blob: BlockBlobClient) => (await blob.downloadToBuffer()).toString();
const upload = async (blob: BlockBlobClient, content: string) => {
  await blob.upload(content, Buffer.byteLength(content), {
    metadata: { from: "source" },
    blobHTTPHeaders: { blobContentType: "text/csv" },
  });
  return blob;
};

/** The URL of a blob, signed with an account key. */
function signed(blob: BlockBlobClient, permissions = "r"): string {
  const account = blob.accountName;
  const key = lake.lake.keys(account)?.key1 ?? "";
  const sas = generateBlobSASQueryParameters(
    {
      containerName: blob.containerName,
      blobName: blob.name,
      permissions: BlobSASPermissions.parse(permissions),
      expiresOn: new Date(Date.now() + 600_000),
    },
    new StorageSharedKeyCredential(account, key),
  );
  return `${blob.url}?${sas}`;
}

const refused = (statusCode: number, sourceCode: string) => ({
  statusCode,
  code: "CannotVerifyCopySource",
  details: { copySourceStatusCode: statusCode, copySourceErrorCode: sourceCode },
});

describe.each([
  ["the same account", () => near("source.csv")],
  ["another account", () => far("source.csv")],
])("from %s", (_name, blobOf) => {
  let source: BlockBlobClient;
  beforeAll(async () => {
    source = await upload(blobOf(), "0123456789");
  });

  test("a blob is copied at once with a signed source, properties and all", async () => {
    const copy = near("sync.csv");
    const answer = await copy.syncCopyFromURL(signed(source));
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
    await near("token.csv").syncCopyFromURL(source.url, {
      sourceAuthorization,
      metadata: { own: "1" },
    });
    expect(await read(near("token.csv"))).toBe("0123456789");
    expect((await near("token.csv").getProperties()).metadata).toEqual({ own: "1" });
    const bob = { sourceAuthorization: { scheme: "Bearer", value: "bob" } };
    await expect(near("no.csv").syncCopyFromURL(source.url, bob)).rejects.toMatchObject(
      refused(403, "AuthorizationPermissionMismatch"),
    );
  });

  test("a source that is not signed is not copied at once", async () => {
    await expect(near("no.csv").syncCopyFromURL(source.url)).rejects.toMatchObject(
      refused(401, "NoAuthenticationInformation"),
    );
    await expect(near("no.csv").syncCopyFromURL(signed(source, "w"))).rejects.toMatchObject(
      refused(403, "AuthorizationPermissionMismatch"),
    );
    const broken = signed(source).replace(/sig=.{4}/, "sig=AAAA");
    await expect(near("no.csv").syncCopyFromURL(broken)).rejects.toMatchObject(
      refused(403, "AuthenticationFailed"),
    );
    expect(await near("no.csv").exists()).toBe(false);
  });

  test("a blob is copied behind the answer", async () => {
    const copy = near("async.csv");
    const poller = await copy.beginCopyFromURL(signed(source), { intervalInMs: 5 });
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
    const copy = await upload(near("conditions.csv"), "old");
    const start = (options: Parameters<BlockBlobClient["beginCopyFromURL"]>[1]) =>
      copy.beginCopyFromURL(signed(source), { intervalInMs: 5, ...options });
    const now = (options: Parameters<BlockBlobClient["syncCopyFromURL"]>[1]) =>
      copy.syncCopyFromURL(signed(source), options);
    const unmet = { statusCode: 412, code: "SourceConditionNotMet" };
    for (const sourceConditions of [
      { ifMatch: '"0x1"' },
      { ifNoneMatch: etag },
      { ifModifiedSince: new Date(Date.now() + 60_000) },
      { ifUnmodifiedSince: new Date(0) },
    ]) {
      await expect(start({ sourceConditions })).rejects.toMatchObject(unmet);
      await expect(now({ sourceConditions })).rejects.toMatchObject(unmet);
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
    const put = near("put.csv");
    await put.syncUploadFromURL(signed(source));
    expect(await read(put)).toBe("0123456789");
    const properties = await put.getProperties();
    expect([properties.contentType, properties.metadata]).toEqual(["text/csv", {}]);
    expect(properties.copyId).toBeUndefined();
    await put.syncUploadFromURL(signed(source), { copySourceBlobProperties: false });
    expect((await put.getProperties()).contentType).toBe("application/octet-stream");
  });

  test("blocks are ranges of it, and outlive it", async () => {
    const passing = await upload(
      source.containerName === "raw" ? near("passing") : far("passing"),
      "abcdefghij",
    );
    const id = (name: string) => Buffer.from(name).toString("base64");
    const blocks = near("blocks.bin");
    await blocks.stageBlockFromURL(id("1"), signed(passing), 2, 3);
    const md5 = new Uint8Array(createHash("md5").update("hij").digest());
    await blocks.stageBlockFromURL(id("2"), signed(passing), 7, 3, { sourceContentMD5: md5 });
    await blocks.stageBlockFromURL(id("3"), signed(passing));
    await expect(
      blocks.stageBlockFromURL(id("4"), signed(passing), 0, 3, { sourceContentMD5: md5 }),
    ).rejects.toMatchObject({ statusCode: 400, code: "Md5Mismatch" });
    await expect(blocks.stageBlockFromURL(id("4"), signed(passing), 10, 1)).rejects.toMatchObject({
      statusCode: 416,
      code: "InvalidRange",
    });
    await passing.delete();
    await blocks.commitBlockList([id("2"), id("1"), id("3")]);
    expect(await read(blocks)).toBe("hijcdeabcdefghij");
  });

  test("what is not there is not copied", async () => {
    const none = source.containerName === "raw" ? near("none") : far("none");
    await expect(near("no.csv").syncCopyFromURL(signed(none))).rejects.toMatchObject(
      refused(404, "BlobNotFound"),
    );
    await expect(near("no.csv").beginCopyFromURL(signed(none))).rejects.toMatchObject(
      refused(404, "BlobNotFound"),
    );
  });
});

test("a copy in the same account needs no more than the caller, one from another does", async () => {
  const source = await upload(near("plain.txt"), "plain");
  const poller = await near("plain-copy.txt").beginCopyFromURL(source.url);
  expect(await poller.pollUntilDone()).toMatchObject({ copyStatus: "success" });
  const other = await upload(far("plain.txt"), "plain");
  await expect(near("no.csv").beginCopyFromURL(other.url)).rejects.toMatchObject(
    refused(401, "NoAuthenticationInformation"),
  );
  const elsewhere = "https://nobody.blob.core.windows.net/raw/x";
  await expect(near("no.csv").beginCopyFromURL(elsewhere)).rejects.toMatchObject({
    statusCode: 404,
    code: "CannotVerifyCopySource",
  });
});

test("more than 256 MiB are not copied at once, but behind the answer, on disk alone", async () => {
  const huge = near("huge.bin");
  await expect(near("no.bin").syncCopyFromURL(signed(huge))).rejects.toMatchObject({
    statusCode: 409,
    code: "CannotVerifyCopySource",
    message: expect.stringContaining("(256MB)"),
  });
  const before = process.memoryUsage().rss;
  const copy = far("huge.bin");
  const poller = await copy.beginCopyFromURL(signed(huge), { intervalInMs: 20 });
  expect(await poller.pollUntilDone()).toMatchObject({ copyStatus: "success" });
  expect(process.memoryUsage().rss - before).toBeLessThan(HUGE / 3);
  expect((await copy.getProperties()).contentLength).toBe(HUGE);
  expect((await copy.downloadToBuffer(HUGE - 5, 5)).toString()).toBe("\0\0end");
});

describe("a copy that is under way", () => {
  let source: BlockBlobClient;
  // Too large to share a file: each block is one of its own, and to copy them takes its time.
  const block = "x".repeat(70_000);
  const count = 400;
  beforeAll(async () => {
    source = far("many");
    const ids = Array.from({ length: count }, (_, index) =>
      Buffer.from(String(index).padStart(4, "0")).toString("base64"),
    );
    for (let at = 0; at < ids.length; at += 50) {
      await Promise.all(
        ids.slice(at, at + 50).map((id) => source.stageBlock(id, block, block.length)),
      );
    }
    await source.commitBlockList(ids);
  });

  async function start(copy: BlockBlobClient): Promise<string> {
    const { headers } = await lake.send({
      method: "PUT",
      target: `/raw/${copy.name}`,
      headers: { "x-ms-copy-source": signed(source) },
    });
    expect(headers["x-ms-copy-status"]).toBe("pending");
    return String(headers["x-ms-copy-id"]);
  }

  test("leaves the blob empty and to nobody else, and can be broken off", async () => {
    const copy = near("aborted");
    const id = await start(copy);
    const taken = { statusCode: 409, code: "PendingCopyOperation" };
    await expect(copy.upload("x", 1)).rejects.toMatchObject(taken);
    expect(await copy.getProperties()).toMatchObject({ copyStatus: "pending", contentLength: 0 });
    await expect(copy.abortCopyFromURL("another")).rejects.toMatchObject({
      statusCode: 409,
      code: "CopyIdMismatch",
    });
    await copy.abortCopyFromURL(id);
    expect(await copy.getProperties()).toMatchObject({ copyStatus: "aborted", contentLength: 0 });
    await expect(copy.abortCopyFromURL(id)).rejects.toMatchObject({
      statusCode: 409,
      code: "NoPendingCopyOperation",
    });
    await copy.upload("x", 1);
    expect((await copy.getProperties()).copyStatus).toBeUndefined();
  });

  test("fills nothing that was removed meanwhile", async () => {
    const copy = near("removed");
    await start(copy);
    await copy.delete();
    await upload(copy, "new");
    await near("after")
      .beginCopyFromURL(signed(source), { intervalInMs: 5 })
      .then((poller) => poller.pollUntilDone());
    expect(await read(copy)).toBe("new");
    expect(await read(near("aborted"))).toBe("x");
    expect((await read(near("after"))) === block.repeat(count)).toBe(true);
    const { committedBlocks } = await near("after").getBlockList("committed");
    expect(committedBlocks?.length).toBe(count);
  });
});

test("a copy that the end of the process broke off has failed", () => {
  const database = openDatabase(":memory:");
  const pending = { node: 1, id: "c", source: ACCOUNT, status: "pending", size: 1 } as const;
  new Copies(database).put({ ...pending, completed: null, description: null });
  expect(new Copies(database).get(1)).toMatchObject({ status: "failed" });
  database.close();
});
