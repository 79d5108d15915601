import type { BlobClient, BlockBlobClient, ContainerClient } from "@azure/storage-blob";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { blobClient, collect, type ServedLake, serveLake, text } from "./served-lake.ts";

let lake: ServedLake;
let raw: ContainerClient;

beforeAll(async () => {
  lake = await serveLake({ "raw/seed.txt": "seeded" });
  raw = blobClient(lake).getContainerClient("raw");
});
afterAll(() => lake.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const file = (name: string) => lake.client().getFileSystemClient("raw").getFileClient(name);
const read = async (blob: BlobClient) => text(await blob.downloadToBuffer());
const archived = { statusCode: 409, code: "BlobArchived" };
const pending = { statusCode: 409, code: "BlobBeingRehydrated" };

async function tierOf(blob: BlobClient) {
  const { accessTier, archiveStatus, rehydratePriority } = await blob.getProperties();
  return [accessTier, archiveStatus, rehydratePriority];
}

async function made(name: string, content = "content"): Promise<BlockBlobClient> {
  const blob = raw.getBlockBlobClient(name);
  await blob.upload(content, content.length, {
    metadata: { kept: "1" },
    blobHTTPHeaders: { blobContentType: "text/csv" },
  });
  return blob;
}

async function madeArchived(name: string): Promise<BlockBlobClient> {
  const blob = await made(name);
  await blob.setAccessTier("Archive");
  return blob;
}

describe("an archived blob", () => {
  test("is neither read nor changed, by either dialect", async () => {
    const blob = await made("offline.csv");
    const { etag } = await blob.getProperties();
    expect((await blob.setAccessTier("Archive"))._response.status).toBe(200);
    const path = file("offline.csv");
    for (const refused of [
      () => blob.downloadToBuffer(),
      () => blob.download(1, 2),
      () => blob.upload("x", 1),
      () => blob.stageBlock("AAAA", "x", 1),
      () => blob.commitBlockList([]),
      () => blob.getBlockList("all"),
      () => blob.createSnapshot(),
      () => blob.setMetadata({}),
      () => blob.setHTTPHeaders({}),
      () => path.read(),
      () => path.append("x", 7, 1),
      () => path.flush(7),
      () => path.create(),
      () => path.setMetadata({}),
      () => path.setExpiry("NeverExpire"),
    ]) {
      await expect(refused()).rejects.toMatchObject(archived);
    }
    expect(await blob.getProperties()).toMatchObject({
      etag,
      accessTier: "Archive",
      contentLength: 7,
      contentType: "text/csv",
      metadata: { kept: "1" },
    });
  });

  test("is listed, moved and deleted", async () => {
    const blob = await madeArchived("there.csv");
    const [listed] = await collect(raw.listBlobsFlat({ prefix: "there" }));
    expect(listed?.properties).toMatchObject({ accessTier: "Archive", contentLength: 7 });
    await file("there.csv").move("moved.csv");
    expect(await tierOf(raw.getBlobClient("moved.csv"))).toEqual(["Archive", undefined, undefined]);
    await raw.getBlobClient("moved.csv").delete();
    await blob.upload("new", 3);
    expect(await read(blob)).toBe("new");
  });

  test("is one from the start when it is put so", async () => {
    const blob = raw.getBlockBlobClient("at-once.csv");
    await blob.upload("x", 1, { tier: "Archive" });
    expect(await tierOf(blob)).toEqual(["Archive", undefined, undefined]);
    await expect(blob.download()).rejects.toMatchObject(archived);
    await expect(blob.upload("y", 1, { tier: "Hot" })).rejects.toMatchObject(archived);
  });

  test("is no source of anything but a copy in another tier", async () => {
    const blob = await madeArchived("source.csv");
    const sourceAuthorization = { scheme: "Bearer", value: "reader" };
    const to = raw.getBlockBlobClient("copy.csv");
    const unread = {
      code: "CannotVerifyCopySource",
      details: { copySourceErrorCode: "BlobArchived" },
    };
    await expect(to.syncCopyFromURL(blob.url, { sourceAuthorization })).rejects.toMatchObject(
      unread,
    );
    await expect(to.syncUploadFromURL(blob.url, { sourceAuthorization })).rejects.toMatchObject(
      unread,
    );
    await expect(to.beginCopyFromURL(blob.url)).rejects.toMatchObject(archived);
    await expect(to.beginCopyFromURL(blob.url, { tier: "Archive" })).rejects.toMatchObject(
      archived,
    );
    await expect(blob.beginCopyFromURL(blob.url, { tier: "Hot" })).rejects.toMatchObject(archived);
    expect(await to.exists()).toBe(false);

    await to.beginCopyFromURL(blob.url, { tier: "Cool" });
    expect(await tierOf(to)).toEqual(["Archive", "rehydrate-pending-to-cool", "Standard"]);
    await expect(to.download()).rejects.toMatchObject(pending);
    vi.advanceTimersByTime(15_000);
    expect(await read(to)).toBe("content");
    expect(await tierOf(to)).toEqual(["Cool", undefined, undefined]);
    expect(await tierOf(blob)).toEqual(["Archive", undefined, undefined]);
  });

  test("stays archived as a snapshot, of which a copy is rehydrated", async () => {
    const blob = await made("versions.csv");
    const { snapshot = "" } = await blob.createSnapshot();
    const old = blob.withSnapshot(snapshot);
    await old.setAccessTier("Archive");
    expect(await read(blob)).toBe("content");
    await expect(old.download()).rejects.toMatchObject(archived);
    await expect(old.setAccessTier("Hot")).rejects.toMatchObject(archived);
    const copy = raw.getBlobClient("version.csv");
    await copy.beginCopyFromURL(old.url, { tier: "Hot", rehydratePriority: "High" });
    expect(await read(copy)).toBe("content");
  });
});

describe("rehydration", () => {
  test("of standard priority is pending for a while", async () => {
    const blob = await madeArchived("standard.csv");
    expect((await blob.setAccessTier("Hot"))._response.status).toBe(202);
    expect(await tierOf(blob)).toEqual(["Archive", "rehydrate-pending-to-hot", "Standard"]);
    const [listed] = await collect(raw.listBlobsFlat({ prefix: "standard" }));
    expect(listed?.properties).toMatchObject({
      accessTier: "Archive",
      archiveStatus: "rehydrate-pending-to-hot",
      rehydratePriority: "Standard",
    });
    vi.advanceTimersByTime(14_000);
    await expect(blob.download()).rejects.toMatchObject(pending);
    await expect(blob.upload("x", 1)).rejects.toMatchObject(pending);
    await expect(file("standard.csv").read()).rejects.toMatchObject(pending);
    // To ask for it again changes nothing, and it cannot be called off.
    expect((await blob.setAccessTier("Hot"))._response.status).toBe(202);
    await expect(blob.setAccessTier("Cool")).rejects.toMatchObject(pending);
    await expect(blob.setAccessTier("Archive")).rejects.toMatchObject(pending);
    vi.advanceTimersByTime(1_000);
    expect(await tierOf(blob)).toEqual(["Hot", undefined, undefined]);
    expect(await read(blob)).toBe("content");
    await blob.setMetadata({ changed: "1" });
    expect(await tierOf(blob)).toEqual(["Hot", undefined, undefined]);
  });

  test("of high priority is there at once, asked for first or later", async () => {
    const first = await madeArchived("first.csv");
    const high = { rehydratePriority: "High" } as const;
    expect((await first.setAccessTier("Cold", high))._response.status).toBe(200);
    expect(await tierOf(first)).toEqual(["Cold", undefined, undefined]);
    expect(await read(first)).toBe("content");

    const later = await madeArchived("later.csv");
    await later.setAccessTier("Cool");
    await expect(later.download()).rejects.toMatchObject(pending);
    await later.setAccessTier("Cool", high);
    expect(await read(later)).toBe("content");
  });

  test("ends in a blob like any other, to be archived again", async () => {
    const blob = await madeArchived("again.csv");
    await blob.setAccessTier("Hot", { rehydratePriority: "High" });
    await blob.setAccessTier("Archive");
    expect(await tierOf(blob)).toEqual(["Archive", undefined, undefined]);
    await expect(blob.download()).rejects.toMatchObject(archived);
    await blob.setAccessTier("Hot", { rehydratePriority: "High" });
    await blob.upload("new", 3);
    const { accessTierInferred } = await blob.getProperties();
    expect([await read(blob), accessTierInferred]).toEqual(["new", true]);
  });

  test("is asked for in a batch", async () => {
    const blobs = [await made("batch/1"), await made("batch/2")];
    const batch = raw.getBlobBatchClient();
    await batch.setBlobsAccessTier(blobs, "Archive");
    for (const blob of blobs) await expect(blob.download()).rejects.toMatchObject(archived);
    const answer = await batch.setBlobsAccessTier(blobs, "Hot");
    expect(answer.subResponses.map(({ status }) => status)).toEqual([202, 202]);
    for (const blob of blobs) await expect(blob.download()).rejects.toMatchObject(pending);
  });
});

test.each([
  ["no tier", {}, "MissingRequiredHeader"],
  ["a tier that is none", { "x-ms-access-tier": "Frozen" }, "InvalidHeaderValue"],
  [
    "a priority that is none",
    { "x-ms-access-tier": "Hot", "x-ms-rehydrate-priority": "Soon" },
    "InvalidHeaderValue",
  ],
])("a request for %s is refused", async (_name, headers, code) => {
  const blob = raw.getBlockBlobClient("refused.csv");
  if (!(await blob.exists())) await madeArchived("refused.csv");
  const target = "/raw/refused.csv?comp=tier";
  const answer = await lake.send({ method: "PUT", target, headers, body: "" });
  expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, code]);
  expect(await tierOf(blob)).toEqual(["Archive", undefined, undefined]);
});
