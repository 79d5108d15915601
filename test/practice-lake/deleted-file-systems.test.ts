import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, blobClient, collect, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
beforeAll(async () => {
  lake = await serveLake({ "raw/a.txt": "a" });
});
afterAll(() => lake.close());

const DELETED = { statusCode: 409, code: "ContainerBeingDeleted" };
const deletion = () => wait(2_100);
const deletedOf = async (name: string) => {
  const all = await collect(blobClient(lake).listContainers({ includeDeleted: true }));
  return all.filter((item) => item.name === name && item.deleted);
};

test("a deleted file system is gone, and its name is free a while later", async () => {
  const service = blobClient(lake);
  const container = service.getContainerClient("gone");
  await container.create();
  await container.delete();
  await expect(container.create()).rejects.toMatchObject(DELETED);
  await expect(container.getProperties()).rejects.toMatchObject({ statusCode: 404 });
  const dfs = await lake.send({ method: "PUT", target: "/gone?resource=filesystem", body: "" });
  expect([dfs.status, dfs.headers["x-ms-error-code"]]).toEqual([409, "FilesystemBeingDeleted"]);
  expect((await container.delete())._response.status).toBe(202);
  await deletion();
  await expect(container.delete()).rejects.toMatchObject({ code: "ContainerNotFound" });
  await container.create();
  expect(await deletedOf("gone")).toEqual([]);
});

test("one that soft delete keeps is listed when it is asked for, and comes back whole", async () => {
  lake.lake.changeBlobService(ACCOUNT, { containerRetentionDays: 7 });
  const service = blobClient(lake);
  const container = service.getContainerClient("kept");
  await container.create({ metadata: { of: "me" } });
  await container.getBlockBlobClient("d/x.txt").upload("text", 4);
  await container.delete();
  const names = (await collect(service.listContainers())).map(({ name }) => name);
  expect(names).not.toContain("kept");
  const [deleted] = await deletedOf("kept");
  expect(deleted).toMatchObject({
    deleted: true,
    version: expect.stringMatching(/^[0-9A-F]{16}$/),
    properties: { deletedOn: expect.any(Date), remainingRetentionDays: 7 },
  });
  const version = deleted?.version ?? "";
  await expect(service.undeleteContainer("kept", version)).rejects.toMatchObject(DELETED);
  await deletion();
  await expect(service.undeleteContainer("kept", "0".repeat(16))).rejects.toMatchObject({
    code: "ContainerNotFound",
  });
  await service.undeleteContainer("kept", version);
  expect((await container.getProperties()).metadata).toEqual({ of: "me" });
  expect((await container.getBlobClient("d/x.txt").downloadToBuffer()).toString()).toBe("text");
  expect(await deletedOf("kept")).toEqual([]);
});

test("of a name that is used again, each deleted one is kept, and none comes back over it", async () => {
  lake.lake.changeBlobService(ACCOUNT, { containerRetentionDays: 1 });
  const service = blobClient(lake);
  const container = service.getContainerClient("again");
  for (const text of ["1", "2"]) {
    await container.create();
    await container.getBlockBlobClient("x").upload(text, 1);
    await container.delete();
    await deletion();
  }
  const versions = (await deletedOf("again")).map(({ version = "" }) => version);
  expect(versions).toHaveLength(2);
  await service.undeleteContainer("again", versions[0] ?? "");
  expect((await container.getBlobClient("x").downloadToBuffer()).toString()).toBe("1");
  await expect(service.undeleteContainer("again", versions[1] ?? "")).rejects.toMatchObject({
    statusCode: 409,
    code: "ContainerAlreadyExists",
  });
  const target = "/other?restype=container&comp=undelete";
  const headers = {
    "x-ms-deleted-container-name": "again",
    "x-ms-deleted-container-version": versions[1] ?? "",
  };
  const renamed = await lake.send({ method: "PUT", target, headers, body: "" });
  expect(renamed.headers["x-ms-error-code"]).toBe("InvalidHeaderValue");
  const paged: (string | undefined)[] = [];
  const pages = service.listContainers({ includeDeleted: true }).byPage({ maxPageSize: 1 });
  for await (const { containerItems } of pages) paged.push(...containerItems.map((c) => c.name));
  const whole = await collect(service.listContainers({ includeDeleted: true }));
  expect(paged).toEqual(whole.map(({ name }) => name));
  expect(paged.filter((name) => name === "again")).toHaveLength(2);
});

test("who may not write file systems may not restore one", async () => {
  const headers = {
    "x-ms-deleted-container-name": "kept",
    "x-ms-deleted-container-version": "0".repeat(16),
  };
  const target = "/kept?restype=container&comp=undelete";
  const answer = await lake.send({ method: "PUT", target, headers, body: "", as: "reader" });
  expect(answer.status).toBe(403);
});
