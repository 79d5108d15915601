import { createHash } from "node:crypto";
import type { BlobServiceClient, ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blobClient, collect, type ServedLake, serveLake, text } from "./served-lake.ts";

let lake: ServedLake;
let raw: ContainerClient;
let service: BlobServiceClient;

beforeAll(async () => {
  lake = await serveLake({
    "raw/sales/2026/01.csv": "one",
    "raw/sales/readme & more <1>.txt": "two",
    "raw/salt.txt": "three",
    "raw/top.txt": "four",
  });
  service = blobClient(lake);
  raw = service.getContainerClient("raw");
});
afterAll(() => lake.close());

const paths = () => lake.client().getFileSystemClient("raw");
const names = async (items: AsyncIterable<{ name: string }>) =>
  (await collect(items)).map(({ name }) => name);

describe("a listing of blobs", () => {
  test("is flat, directories among them", async () => {
    const all = await collect(raw.listBlobsFlat({ includeMetadata: true }));
    expect(all.map(({ name }) => name)).toEqual([
      "sales",
      "sales/2026",
      "sales/2026/01.csv",
      "sales/readme & more <1>.txt",
      "salt.txt",
      "top.txt",
    ]);
    expect(all[0]?.metadata).toEqual({ hdi_isfolder: "true" });
    expect(all[2]?.properties).toMatchObject({ contentLength: 3, blobType: "BlockBlob" });
  });

  test.each([
    [
      "sal",
      ["sales", "sales/2026", "sales/2026/01.csv", "sales/readme & more <1>.txt", "salt.txt"],
    ],
    ["sales/", ["sales/2026", "sales/2026/01.csv", "sales/readme & more <1>.txt"]],
    ["sales/2026/01.csv", ["sales/2026/01.csv"]],
    ["sales/r", ["sales/readme & more <1>.txt"]],
    ["none", []],
    ["no/such/", []],
  ])("keeps to the prefix %j, in pages of any size", async (prefix, expected) => {
    expect(await names(raw.listBlobsFlat({ prefix }))).toEqual(expected);
    for (const maxPageSize of [1, 2, 3]) {
      const found: string[] = [];
      for await (const page of raw.listBlobsFlat({ prefix }).byPage({ maxPageSize })) {
        found.push(...page.segment.blobItems.map(({ name }) => name));
      }
      expect(found).toEqual(expected);
    }
  });

  test("stops at a delimiter", async () => {
    const level = await collect(raw.listBlobsByHierarchy("/", { prefix: "sales/" }));
    expect(level.map(({ kind, name }) => [kind, name])).toEqual([
      ["prefix", "sales/2026/"],
      ["blob", "sales/readme & more <1>.txt"],
    ]);
  });
});

describe("a blob", () => {
  test("is put whole, with headers and a checksum that is checked", async () => {
    const blob = raw.getBlockBlobClient("put/whole.json");
    await blob.upload("{}", 2, {
      blobHTTPHeaders: { blobContentType: "application/json", blobCacheControl: "no-store" },
      metadata: { source: "test" },
    });
    expect(await blob.getProperties()).toMatchObject({
      contentType: "application/json",
      cacheControl: "no-store",
      contentLength: 2,
      metadata: { source: "test" },
    });
    const md5 = createHash("md5").update("{}").digest();
    expect(md5.equals((await blob.getProperties()).contentMD5 ?? Buffer.of())).toBe(true);
    const answer = await lake.send({
      method: "PUT",
      target: "/raw/put/whole.json",
      headers: { "x-ms-blob-type": "BlockBlob", "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" },
      body: "{}",
    });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, "Md5Mismatch"]);
    expect(answer.body.toString()).toMatch(/^\uFEFF<\?xml.*<Code>Md5Mismatch<\/Code>/);
  });

  test("is made of blocks, in the order of the list, and kept ones can be used again", async () => {
    const blob = raw.getBlockBlobClient("blocks.bin");
    const id = (name: string) => Buffer.from(name).toString("base64");
    await blob.stageBlock(id("b1"), "11", 2);
    await blob.stageBlock(id("b2"), "22", 2);
    expect(await blob.exists()).toBe(false);
    await blob.commitBlockList([id("b2"), id("b1"), id("b2")]);
    expect((await blob.downloadToBuffer()).toString()).toBe("221122");
    await blob.stageBlock(id("b3"), "33", 2);
    const list = await blob.getBlockList("all");
    expect(list.committedBlocks?.map(({ size }) => size)).toEqual([2, 2, 2]);
    expect(list.uncommittedBlocks).toEqual([{ name: id("b3"), size: 2 }]);
    await blob.commitBlockList([id("b1"), id("b3")]);
    expect((await blob.downloadToBuffer()).toString()).toBe("1133");
    expect((await blob.downloadToBuffer(1, 2)).toString()).toBe("13");
    await expect(blob.commitBlockList([id("b9")])).rejects.toMatchObject({
      statusCode: 400,
      code: "InvalidBlockList",
    });
  });

  test("is uploaded in parallel blocks", async () => {
    const data = Buffer.alloc(1_000_003, "0123456789abcdef");
    const blob = raw.getBlockBlobClient("parallel.bin");
    await blob.uploadData(data, { blockSize: 100_000, concurrency: 4, maxSingleShotSize: 1 });
    expect(data.equals(await blob.downloadToBuffer())).toBe(true);
  });

  test("is copied, and the copy lives on its own", async () => {
    const source = raw.getBlockBlobClient("copy/source.txt");
    await source.upload("first", 5, { metadata: { kept: "1" } });
    const target = raw.getBlockBlobClient("copy/target.txt");
    const poller = await target.beginCopyFromURL(source.url);
    expect(await poller.pollUntilDone()).toMatchObject({ copyStatus: "success" });
    await source.upload("other", 5);
    expect((await target.downloadToBuffer()).toString()).toBe("first");
    expect((await target.getProperties()).metadata).toEqual({ kept: "1" });
    await target.upload("third", 5);
    expect((await source.downloadToBuffer()).toString()).toBe("other");
    await expect(target.beginCopyFromURL("https://elsewhere.invalid/raw/x")).rejects.toMatchObject({
      statusCode: 404,
      code: "CannotVerifyCopySource",
    });
  });

  test("keeps to conditions", async () => {
    const blob = raw.getBlockBlobClient("conditions.txt");
    const { etag = "", lastModified } = await blob.upload("1", 1);
    const modified = lastModified ?? new Date();
    await expect(blob.download(0, 1, { conditions: { ifMatch: '"0x1"' } })).rejects.toMatchObject({
      statusCode: 412,
      code: "ConditionNotMet",
    });
    await expect(blob.download(0, 1, { conditions: { ifNoneMatch: etag } })).rejects.toMatchObject({
      statusCode: 304,
    });
    await expect(
      blob.download(0, 1, { conditions: { ifModifiedSince: modified } }),
    ).rejects.toMatchObject({ statusCode: 304 });
    await expect(
      blob.upload("2", 1, {
        conditions: { ifUnmodifiedSince: new Date(modified.getTime() - 5_000) },
      }),
    ).rejects.toMatchObject({ statusCode: 412 });
    await expect(blob.upload("2", 1, { conditions: { ifNoneMatch: "*" } })).rejects.toMatchObject({
      statusCode: 409,
      code: "BlobAlreadyExists",
    });
    await blob.upload("2", 1, { conditions: { ifMatch: etag } });
    await expect(
      raw.getBlockBlobClient("not there").upload("x", 1, { conditions: { ifMatch: "*" } }),
    ).rejects.toMatchObject({ statusCode: 412 });
  });

  test("changes its metadata and headers; what is not given goes", async () => {
    const blob = raw.getBlockBlobClient("meta.txt");
    await blob.upload("1", 1, { metadata: { a: "1" } });
    await blob.setMetadata({ b: "2" });
    await blob.setHTTPHeaders({ blobContentLanguage: "de" });
    expect(await blob.getProperties()).toMatchObject({
      metadata: { b: "2" },
      contentLanguage: "de",
      contentType: undefined,
    });
  });
});

describe("soft delete", () => {
  beforeAll(async () => {
    await lake.client().setProperties({ deleteRetentionPolicy: { enabled: true, days: 3 } });
  });
  afterAll(async () => {
    await lake.client().setProperties({ deleteRetentionPolicy: { enabled: false } });
  });

  test("lists what was deleted, and brings it back whole", async () => {
    await paths().getFileClient("soft/one/a.txt").upload(Buffer.from("kept"));
    await paths().getDirectoryClient("soft/one").delete(true);
    expect(await paths().getFileClient("soft/one/a.txt").exists()).toBe(false);
    const deleted = await collect(paths().listDeletedPaths({ prefix: "soft" }));
    expect(deleted).toMatchObject([{ name: "soft/one", remainingRetentionDays: 3 }]);
    const { deletionId = "" } = deleted[0] ?? {};
    await paths().undeletePath("soft/one", deletionId);
    expect(text(await paths().getFileClient("soft/one/a.txt").readToBuffer())).toBe("kept");
    expect(await collect(paths().listDeletedPaths({ prefix: "soft" }))).toEqual([]);
    await expect(paths().undeletePath("soft/two", deletionId)).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  test("shows in a listing among what is there, page by page, with its snapshots when asked", async () => {
    const blob = (name: string) => raw.getBlockBlobClient(`among/${name}`);
    for (const name of ["a", "b/1", "b/2", "c"]) await blob(name).upload(name, name.length);
    const { snapshot } = await blob("b/1").createSnapshot();
    // Twice of one name, and one that is there again.
    await blob("a").delete();
    await blob("a").upload("again", 5);
    await blob("a").delete();
    await blob("a").upload("at last", 7);
    await blob("b/1").delete({ deleteSnapshots: "include" });
    const list = async (options: object, maxPageSize = 5_000) => {
      const pages = raw.listBlobsFlat({ prefix: "among/", ...options }).byPage({ maxPageSize });
      const items = await collect(pages);
      return items
        .flatMap(({ segment }) => segment.blobItems)
        .map(({ name, deleted, snapshot: time, properties }) =>
          [
            name.slice(6),
            deleted ? "deleted" : "",
            time ? "snapshot" : "",
            properties.contentLength,
          ]
            .filter((word) => word !== "")
            .join(" "),
        );
    };
    const there = ["a 7", "b 0", "b/2 3", "c 1"];
    expect(await list({})).toEqual(there);
    const withDeleted = [
      "a 7",
      "a deleted 1",
      "a deleted 5",
      "b 0",
      "b/1 deleted 3",
      "b/2 3",
      "c 1",
    ];
    expect(await list({ includeDeleted: true })).toEqual(withDeleted);
    for (const size of [1, 2, 3]) {
      expect(await list({ includeDeleted: true }, size)).toEqual(withDeleted);
    }
    const all = [...withDeleted];
    all.splice(4, 0, "b/1 deleted snapshot 3");
    const both = { includeDeleted: true, includeSnapshots: true };
    expect(await list(both)).toEqual(all);
    expect(await list(both, 1)).toEqual(all);
    // One level: directories as prefixes, and what was deleted directly in the one that is listed.
    const level = [];
    for await (const item of raw.listBlobsByHierarchy("/", {
      prefix: "among/",
      includeDeleted: true,
    })) {
      level.push(`${item.name.slice(6)}${"deleted" in item && item.deleted ? " deleted" : ""}`);
    }
    expect(level).toEqual(["b/", "a", "a deleted", "a deleted", "c"]);

    const [gone] = (await collect(
      raw.listBlobsFlat({ prefix: "among/b/1", includeDeleted: true }),
    )) as {
      deletionId?: string;
    }[];
    const deleted = await collect(paths().listDeletedPaths({ prefix: "among/b/1" }));
    const { deletionId = "" } = deleted[0] ?? {};
    expect(gone).toMatchObject({ deleted: true, properties: { remainingRetentionDays: 3 } });
    await paths().undeletePath("among/b/1", deletionId);
    expect(text(await blob("b/1").downloadToBuffer())).toBe("b/1");
    const back = blob("b/1").withSnapshot(snapshot ?? "");
    expect(text(await back.downloadToBuffer())).toBe("b/1");
  });

  test("shows in the service's properties", async () => {
    expect(await lake.client().getProperties()).toMatchObject({
      deleteRetentionPolicy: { enabled: true, days: 3 },
    });
    expect(await service.getAccountInfo()).toMatchObject({ isHierarchicalNamespaceEnabled: true });
  });
});

describe("expiry", () => {
  test("ends a file by itself", async () => {
    const file = paths().getFileClient("brief.txt");
    await file.upload(Buffer.from("x"));
    await file.setExpiry("RelativeToNow", { timeToExpireInMs: 300 });
    expect(await file.exists()).toBe(true);
    await expect.poll(() => file.exists()).toBe(false);
    await file.upload(Buffer.from("again"));
    expect(text(await file.readToBuffer())).toBe("again");
  });

  test("is shown, and can be taken back", async () => {
    const file = paths().getFileClient("long.txt");
    await file.create();
    const expiresOn = new Date(Date.now() + 86_400_000);
    await file.setExpiry("Absolute", { expiresOn });
    const shown = (await file.getProperties()).expiresOn?.getTime() ?? 0;
    expect(Math.abs(shown - expiresOn.getTime())).toBeLessThan(1_000);
    await file.setExpiry("NeverExpire");
    expect((await file.getProperties()).expiresOn).toBeUndefined();
  });
});
