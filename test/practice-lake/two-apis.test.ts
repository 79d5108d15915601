import type { ContainerClient } from "@azure/storage-blob";
import type { DataLakeFileSystemClient } from "@azure/storage-file-datalake";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blobClient, type ServedLake, serveLake, text } from "./served-lake.ts";

let lake: ServedLake;
let blobs: ContainerClient;
let files: DataLakeFileSystemClient;

beforeAll(async () => {
  lake = await serveLake({ "raw/seed.txt": "0123456789" });
  blobs = blobClient(lake).getContainerClient("raw");
  files = lake.client().getFileSystemClient("raw");
});
afterAll(() => lake.close());

const ID = Buffer.from("one").toString("base64");
const byBlob = { statusCode: 409, code: "InvalidAppendOperation" };
const byDfs = { statusCode: 409, code: "BlobOperationNotSupported" };

async function uploadByDfs(name: string, content = "dfs") {
  const file = files.getFileClient(name);
  await file.create();
  await file.append(content, 0, content.length);
  await file.flush(content.length);
  return { file, blob: blobs.getBlockBlobClient(name) };
}

async function uploadByBlob(name: string, content = "blob") {
  const blob = blobs.getBlockBlobClient(name);
  await blob.upload(content, content.length);
  return { file: files.getFileClient(name), blob };
}

describe("a file that one API has made", () => {
  it("takes no blocks of the other: what the Data Lake API made", async () => {
    const { blob } = await uploadByDfs("by-dfs.txt");
    await expect(blob.stageBlock(ID, "x", 1)).rejects.toMatchObject(byDfs);
    await expect(blob.commitBlockList([])).rejects.toMatchObject(byDfs);
    expect(await blob.getBlockList("all")).toMatchObject({
      blobContentLength: 3,
      committedBlocks: [],
    });
    expect(text(await blob.downloadToBuffer())).toBe("dfs");
  });

  it("takes nothing appended by the other: what the Blob API made", async () => {
    for (const content of ["blob", ""]) {
      const { file } = await uploadByBlob("by-blob.txt", content);
      await expect(file.append("x", content.length, 1)).rejects.toMatchObject(byBlob);
      await expect(file.flush(content.length)).rejects.toMatchObject(byBlob);
      expect(text(await file.readToBuffer())).toBe(content);
    }
  });

  it("is made anew by either", async () => {
    const { blob } = await uploadByDfs("anew.txt");
    await blob.upload("blob", 4);
    await blob.stageBlock(ID, "block", 5);
    await blob.commitBlockList([ID]);
    const { file } = await uploadByDfs("anew.txt", "again");
    expect(text(await file.readToBuffer())).toBe("again");
    await expect(blob.stageBlock(ID, "x", 1)).rejects.toMatchObject(byDfs);
  });

  it("stays of its API under another name, on another tier, and with other properties", async () => {
    const { file } = await uploadByDfs("moved.txt");
    await file.move("moved-there.txt");
    const blob = blobs.getBlockBlobClient("moved-there.txt");
    await blob.setAccessTier("Cool");
    await blob.setHTTPHeaders({ blobContentType: "text/plain" });
    await expect(blob.stageBlock(ID, "x", 1)).rejects.toMatchObject(byDfs);
    const copy = blobs.getBlockBlobClient("copy.txt");
    await (await copy.beginCopyFromURL(blob.url)).pollUntilDone();
    await copy.stageBlock(ID, "x", 1);
    await expect(files.getFileClient("copy.txt").flush(3)).rejects.toMatchObject(byBlob);
  });

  it("is of neither where it was there from the beginning", async () => {
    await blobs.getBlockBlobClient("seed.txt").stageBlock(ID, "x", 1);
    await files.getFileClient("seed.txt").append("x", 10, 1);
  });
});

describe("what the Data Lake API tells", () => {
  it("is of which kind a path is that stands in the way", async () => {
    await files.getDirectoryClient("there/below").create();
    await uploadByDfs("there/file.txt");
    const conditions = { ifNoneMatch: "*" };
    for (const [name, kind] of [
      ["there/below", "directory"],
      ["there/file.txt", "file"],
    ] as const) {
      const making = files.getDirectoryClient(name).create({ conditions });
      const error = await making.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "PathAlreadyExists" });
      const { response } = error as { response: { headers: { get(name: string): string } } };
      expect(response.headers.get("x-ms-existing-resource-type")).toBe(kind);
    }
  });

  it("is nothing of the root but its status and access list", async () => {
    const ask = (method: string, query: string) =>
      lake.send({ method, target: `/raw/${query}`, host: "contosolake.dfs.core.windows.net" });
    expect((await ask("HEAD", "")).status).toBe(400);
    expect((await ask("PATCH", "?action=setProperties")).status).toBe(400);
    expect((await ask("HEAD", "?action=getStatus")).status).toBe(200);
    expect((await ask("HEAD", "?action=getAccessControl")).status).toBe(200);
  });
});
