import type { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blobClient, collect, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
let raw: ContainerClient;

beforeAll(async () => {
  lake = await serveLake({ "raw/b/2.txt": "2", "raw/d.txt": "" });
  raw = blobClient(lake).getContainerClient("raw");
  for (const name of ["a.txt", "b/1.txt", "b/2.txt", "c/deep/3.txt", "c/4.txt"]) {
    await raw.getBlockBlobClient(name).stageBlock("b25l", "1", 1);
  }
});
afterAll(() => lake.close());

const flat = async (prefix = "") => {
  const found = await collect(raw.listBlobsFlat({ includeUncommitedBlobs: true, prefix }));
  return found.map(({ name }) => name);
};
const oneLevel = async (prefix = "") => {
  const options = { includeUncommitedBlobs: true, prefix };
  return (await collect(raw.listBlobsByHierarchy("/", options))).map(({ name }) => name);
};

test("blobs of which there are only blocks are listed when they are asked for", async () => {
  expect((await collect(raw.listBlobsFlat())).map(({ name }) => name)).toEqual([
    "b",
    "b/2.txt",
    "d.txt",
  ]);
  const all = ["a.txt", "b", "b/1.txt", "b/2.txt", "c/4.txt", "c/deep/3.txt", "d.txt"];
  expect(await flat()).toEqual(all);
  expect(await flat("b/")).toEqual(["b/1.txt", "b/2.txt"]);
  const [first] = await collect(raw.listBlobsFlat({ includeUncommitedBlobs: true }));
  expect(first?.properties).toMatchObject({ contentLength: 0, blobType: "BlockBlob" });
});

// The client gives the directories of a page first.
test("with a delimiter they are in their directories, which need not be there", async () => {
  expect(await oneLevel()).toEqual(["b/", "c/", "a.txt", "d.txt"]);
  expect(await oneLevel("c/")).toEqual(["c/deep/", "c/4.txt"]);
});

test("pages go on behind them", async () => {
  const names: string[] = [];
  const pages = raw.listBlobsFlat({ includeUncommitedBlobs: true }).byPage({ maxPageSize: 2 });
  for await (const { segment } of pages) names.push(...segment.blobItems.map(({ name }) => name));
  expect(names).toEqual(await flat());
});

test("what is committed is one of the others", async () => {
  await raw.getBlockBlobClient("a.txt").commitBlockList(["b25l"]);
  expect(await flat("a")).toEqual(["a.txt"]);
  const [first] = await collect(raw.listBlobsFlat());
  expect(first?.properties.contentLength).toBe(1);
});
