import { createHash, randomBytes } from "node:crypto";
import type { AppendBlobClient, ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blobClient, collect, type ServedLake, serveLake, text } from "./served-lake.ts";

let lake: ServedLake;
let raw: ContainerClient;

beforeAll(async () => {
  lake = await serveLake({ "raw/seed.txt": "0123456789" });
  raw = blobClient(lake).getContainerClient("raw");
});
afterAll(() => lake.close());

const file = (name: string) => lake.client().getFileSystemClient("raw").getFileClient(name);
const read = async (blob: Pick<AppendBlobClient, "downloadToBuffer">) =>
  text(await blob.downloadToBuffer());
const wrongType = { statusCode: 409, code: "InvalidBlobType" };

async function made(name: string, ...blocks: string[]): Promise<AppendBlobClient> {
  const blob = raw.getAppendBlobClient(name);
  await blob.create({
    metadata: { kind: "log" },
    blobHTTPHeaders: { blobContentType: "text/x-log" },
  });
  for (const block of blocks) await blob.appendBlock(block, Buffer.byteLength(block));
  return blob;
}

describe("an append blob", () => {
  test("grows by blocks, each there for all as soon as it is answered", async () => {
    const blob = await made("log.txt");
    expect(await blob.getProperties()).toMatchObject({
      blobType: "AppendBlob",
      blobCommittedBlockCount: 0,
      contentLength: 0,
      contentType: "text/x-log",
      metadata: { kind: "log" },
    });
    const first = await blob.appendBlock("one\n", 4);
    expect(first).toMatchObject({ blobAppendOffset: "0", blobCommittedBlockCount: 1 });
    const second = await blob.appendBlock("two\n", 4);
    expect(second).toMatchObject({ blobAppendOffset: "4", blobCommittedBlockCount: 2 });
    expect(second.etag).not.toBe(first.etag);
    expect(await read(blob)).toBe("one\ntwo\n");
    const download = await blob.download(2, 3);
    expect(download).toMatchObject({ blobType: "AppendBlob", blobCommittedBlockCount: 2 });
    expect(text(await file("log.txt").readToBuffer())).toBe("one\ntwo\n");
    const { etag, contentLength, accessTier } = await blob.getProperties();
    expect([etag, contentLength, accessTier]).toEqual([second.etag, 8, undefined]);
    const [listed] = await collect(raw.listBlobsFlat({ prefix: "log.txt" }));
    expect(listed?.properties).toMatchObject({ blobType: "AppendBlob", contentLength: 8 });
    expect(listed?.properties.accessTier).toBeUndefined();
  });

  test("has its blocks in the order of the answers, whoever writes beside it", async () => {
    const [one, two] = [await made("beside/1"), await made("beside/2")];
    const wanted = ["", ""];
    for (let turn = 0; turn < 200; turn++) {
      // Now and then a block that is too large to share a file with others.
      const block = randomBytes(turn % 50 === 7 ? 40_000 : turn % 9).toString("hex") || "-";
      const which = turn % 3 === 0 ? 0 : 1;
      wanted[which] += block;
      await (which === 0 ? one : two).appendBlock(block, block.length);
    }
    expect((await read(one)) === wanted[0]).toBe(true);
    expect((await read(two)) === wanted[1]).toBe(true);
  });

  test("keeps its blocks when a fault replaces its bytes", async () => {
    const blob = await made("turned", "one", "two");
    lake.lake.faults.add({ kind: "replace", method: "GET", path: "/raw/turned", times: 1 });
    expect(await read(blob)).toBe("onetwo");
    const { blobCommittedBlockCount, contentLength } = await blob.getProperties();
    expect([blobCommittedBlockCount, contentLength]).toEqual([2, 6]);
    expect(await read(blob)).not.toContain("one");
  });

  test("takes blocks of many writers, none of them torn", async () => {
    const blob = await made("many");
    const lines = Array.from({ length: 60 }, (_, index) => `${index}:${"x".repeat(index * 37)}\n`);
    const answers = await Promise.all(lines.map((line) => blob.appendBlock(line, line.length)));
    const counts = answers.map(({ blobCommittedBlockCount: count = 0 }) => count);
    expect(counts.sort((a, b) => a - b)).toEqual(lines.map((_, index) => index + 1));
    const content = await read(blob);
    for (const [index, { blobAppendOffset = "" }] of answers.entries()) {
      expect(content.startsWith(lines[index] ?? "", Number(blobAppendOffset))).toBe(true);
    }
    expect(content.length).toBe(lines.join("").length);
  });

  test("is emptied when it is made again, unless it may not be there", async () => {
    const blob = await made("again", "one");
    expect((await blob.createIfNotExists()).succeeded).toBe(false);
    expect(await read(blob)).toBe("one");
    await blob.create();
    await blob.appendBlock("two", 3);
    expect(await read(blob)).toBe("two");
    expect((await blob.getProperties()).blobCommittedBlockCount).toBe(1);
  });

  test("is written to by blocks alone, and the path dialect only overwrites it", async () => {
    const blob = await made("typed", "one");
    const asBlock = raw.getBlockBlobClient("typed");
    for (const refused of [
      () => asBlock.upload("x", 1),
      () => asBlock.stageBlock("AAAA", "x", 1),
      () => asBlock.commitBlockList([]),
      () => asBlock.getBlockList("all"),
      () => asBlock.syncUploadFromURL(raw.getBlobClient("seed.txt").url),
      () => asBlock.setAccessTier("Cool"),
    ]) {
      await expect(refused()).rejects.toMatchObject(wrongType);
    }
    for (const refused of [() => file("typed").append("x", 3, 1), () => file("typed").flush(3)]) {
      await expect(refused()).rejects.toMatchObject({ code: "InvalidAppendOperation" });
    }
    expect(await read(blob)).toBe("one");
    await file("typed").upload(Buffer.from("new"));
    expect((await blob.getProperties()).blobType).toBe("BlockBlob");
    expect(await read(blob)).toBe("new");
    const asAppend = raw.getAppendBlobClient("seed.txt");
    await expect(asAppend.appendBlock("x", 1)).rejects.toMatchObject(wrongType);
    await expect(asAppend.create()).rejects.toMatchObject(wrongType);
    expect(await read(asAppend)).toBe("0123456789");
    await expect(raw.getAppendBlobClient("none").appendBlock("x", 1)).rejects.toMatchObject({
      statusCode: 404,
      code: "BlobNotFound",
    });
  });

  test("keeps type and blocks in a copy and a snapshot, which grow apart", async () => {
    const blob = await made("source", "one", "two");
    const { snapshot = "" } = await blob.createSnapshot();
    const copy = raw.getAppendBlobClient("copied");
    await (await copy.beginCopyFromURL(blob.url)).pollUntilDone();
    await blob.appendBlock("three", 5);
    await copy.appendBlock("!", 1);
    expect([await read(blob), await read(copy), await read(blob.withSnapshot(snapshot))]).toEqual([
      "onetwothree",
      "onetwo!",
      "onetwo",
    ]);
    for (const [one, count] of [
      [copy, 3],
      [blob.withSnapshot(snapshot), 2],
    ] as const) {
      const { blobType, blobCommittedBlockCount } = await one.getProperties();
      expect([blobType, blobCommittedBlockCount]).toEqual(["AppendBlob", count]);
    }
    const overBlock = raw.getBlobClient("seed.txt").beginCopyFromURL(blob.url);
    await expect(overBlock).rejects.toMatchObject(wrongType);
    await blob.setMetadata({ own: "1" });
    await blob.setHTTPHeaders({ blobContentType: "text/plain" });
    expect((await blob.getProperties()).blobType).toBe("AppendBlob");
  });
});

describe("a block to append", () => {
  test("is refused where the blob does not end, and only there", async () => {
    const blob = await made("position", "12345");
    const at = (appendPosition: number) =>
      blob.appendBlock("x", 1, { conditions: { appendPosition } });
    const elsewhere = { statusCode: 412, code: "AppendPositionConditionNotMet" };
    await expect(at(4)).rejects.toMatchObject(elsewhere);
    await expect(at(6)).rejects.toMatchObject(elsewhere);
    // Large enough that each is still under way when the next one is there.
    const bodies = Array.from({ length: 6 }, (_, index) => String(index).repeat(300_000));
    const race = await Promise.allSettled(
      bodies.map((body) =>
        blob.appendBlock(body, body.length, { conditions: { appendPosition: 5 } }),
      ),
    );
    const winner = race.findIndex(({ status }) => status === "fulfilled");
    expect(race.filter(({ status }) => status === "rejected")).toHaveLength(5);
    expect((await read(blob)) === `12345${bodies[winner]}`).toBe(true);
  });

  test("is refused when the blob would be too large", async () => {
    const blob = await made("size", "12345");
    const below = (maxSize: number) => blob.appendBlock("xy", 2, { conditions: { maxSize } });
    const tooLarge = { statusCode: 412, code: "MaxBlobSizeConditionNotMet" };
    await expect(below(3)).rejects.toMatchObject(tooLarge);
    await expect(below(6)).rejects.toMatchObject(tooLarge);
    await below(7);
    expect(await read(blob)).toBe("12345xy");
  });

  test("meets the blob's version and lease, or is refused", async () => {
    const blob = await made("held", "a");
    const { etag = "" } = await blob.getProperties();
    await blob.appendBlock("b", 1, { conditions: { ifMatch: etag } });
    await expect(blob.appendBlock("c", 1, { conditions: { ifMatch: etag } })).rejects.toMatchObject(
      { statusCode: 412, code: "ConditionNotMet" },
    );
    const lease = blob.getBlobLeaseClient();
    const { leaseId = "" } = await lease.acquireLease(60);
    await expect(blob.appendBlock("c", 1)).rejects.toMatchObject({ code: "LeaseIdMissing" });
    await blob.appendBlock("c", 1, { conditions: { leaseId } });
    expect(await read(blob)).toBe("abc");
  });

  test("has the MD5 that it was sent with", async () => {
    const blob = await made("digest");
    const transactionalContentMD5 = createHash("md5").update("right").digest();
    await blob.appendBlock("right", 5, { transactionalContentMD5 });
    await expect(blob.appendBlock("wrong", 5, { transactionalContentMD5 })).rejects.toMatchObject({
      statusCode: 400,
      code: "Md5Mismatch",
    });
    expect(await read(blob)).toBe("right");
  });

  test("is a range of another blob, too", async () => {
    const blob = await made("from-url", "<");
    const sourceAuthorization = { scheme: "Bearer", value: "reader" };
    const { url } = raw.getBlobClient("seed.txt");
    const append = (offset: number, count: number, appendPosition: number) =>
      blob.appendBlockFromURL(url, offset, count, {
        sourceAuthorization,
        conditions: { appendPosition },
      });
    expect(await append(3, 4, 1)).toMatchObject({
      blobAppendOffset: "1",
      blobCommittedBlockCount: 2,
    });
    await expect(append(3, 4, 1)).rejects.toMatchObject({ code: "AppendPositionConditionNotMet" });
    expect(await read(blob)).toBe("<3456");
  });

  test.each([
    ["no bytes", { "content-length": "0" }, "", 400, "InvalidHeaderValue"],
    // Announced and not sent, so that the connection is of no use afterwards.
    [
      "more than 100 MiB",
      { "content-length": "104857601", connection: "close" },
      undefined,
      413,
      "RequestBodyTooLarge",
    ],
    [
      "more than 4 MiB in an older version",
      { "x-ms-version": "2021-06-08" },
      "x".repeat(4 * 2 ** 20 + 1),
      413,
      "RequestBodyTooLarge",
    ],
    [
      "a place that is none",
      { "x-ms-blob-condition-appendpos": "-1" },
      "x",
      400,
      "InvalidHeaderValue",
    ],
  ])("with %s is refused", async (_name, headers, body, status, code) => {
    const blob = await made("limits", "a");
    const answer = await lake.send({
      method: "PUT",
      target: "/raw/limits?comp=appendblock",
      headers,
      ...(body !== undefined && { body }),
    });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([status, code]);
    expect(await read(blob)).toBe("a");
  });

  test("may have more than 4 MiB in a newer version", async () => {
    const blob = await made("large");
    const body = randomBytes(4 * 2 ** 20 + 1);
    await blob.appendBlock(body, body.length);
    expect(body.equals(await blob.downloadToBuffer())).toBe(true);
  });
});

test("an append blob is made empty, and of the types there are", async () => {
  const put = async (type: string, body: string) => {
    const headers = { "x-ms-blob-type": type };
    const answer = await lake.send({ method: "PUT", target: "/raw/new", headers, body });
    return [answer.status, answer.headers["x-ms-error-code"]];
  };
  expect(await put("AppendBlob", "x")).toEqual([400, "InvalidHeaderValue"]);
  expect(await put("PageBlob", "")).toEqual([
    409,
    "FeatureNotYetSupportedForHierarchicalNamespaceAccounts",
  ]);
  expect(await put("OtherBlob", "")).toEqual([400, "InvalidHeaderValue"]);
  expect(await put("AppendBlob", "")).toEqual([201, undefined]);
});

describe("a sealed append blob", () => {
  test("takes no more blocks, says so everywhere, and can be given other metadata", async () => {
    const blob = await made("sealed/log.txt", "one\n");
    await expect(blob.seal({ conditions: { appendPosition: 1 } })).rejects.toMatchObject({
      statusCode: 412,
      code: "AppendPositionConditionNotMet",
    });
    const sealed = await blob.seal({ conditions: { appendPosition: 4 } });
    expect((await blob.seal()).etag).toBe(sealed.etag);
    const refused = { statusCode: 409, code: "BlobIsSealed" };
    await expect(blob.appendBlock("two\n", 4)).rejects.toMatchObject(refused);
    await blob.setMetadata({ kind: "closed" });
    expect(await blob.getProperties()).toMatchObject({
      isSealed: true,
      contentType: "text/x-log",
      metadata: { kind: "closed" },
    });
    const [listed] = await collect(raw.listBlobsFlat({ prefix: "sealed/log" }));
    expect(listed?.properties).toMatchObject({ isSealed: true });
  });

  test("is one only of append blobs, and a copy is what it is told to be", async () => {
    await raw.getBlockBlobClient("sealed/block").upload("1", 1);
    const block = raw.getAppendBlobClient("sealed/block");
    await expect(block.seal()).rejects.toMatchObject(wrongType);
    const blob = await made("sealed/source", "one\n");
    await blob.seal();
    const copy = raw.getAppendBlobClient("sealed/copy");
    await (await copy.beginCopyFromURL(blob.url)).pollUntilDone();
    expect((await copy.getProperties()).isSealed).toBeUndefined();
    await (await copy.beginCopyFromURL(blob.url, { sealBlob: true })).pollUntilDone();
    expect((await copy.getProperties()).isSealed).toBe(true);
  });
});
