import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, type ServedLake, serveLake, text } from "./served-lake.ts";

let lake: ServedLake;

const ALL_PATHS = [
  "sales",
  "sales/2026",
  "sales/2026/01.csv",
  "sales/2026/02.csv",
  "sales/readme.txt",
  "zero.bin",
];

beforeAll(async () => {
  lake = await serveLake({
    "raw/sales/2026/01.csv": "day,total\n1,10\n",
    "raw/sales/2026/02.csv": "day,total\n2,20\n",
    "raw/sales/readme.txt": "hello",
    "raw/zero.bin": "",
  });
});
afterAll(() => lake.close());

describe.each(["host", "path"] as const)("Azure's own client, %s-style", (style) => {
  const service = () => lake.client("owner", style);

  test("lists the seeded file systems", async () => {
    const names = (await collect(service().listFileSystems())).map(({ name }) => name);
    expect(names).toContain("raw");
  });

  test("lists paths recursively in path order, and one level", async () => {
    const raw = service().getFileSystemClient("raw");
    const paths = await collect(raw.listPaths({ recursive: true }));
    expect(paths.map(({ name }) => name)).toEqual(ALL_PATHS);
    expect(paths[2]).toMatchObject({ contentLength: 15, owner: "$superuser" });
    expect(paths[2]?.isDirectory).toBe(false);
    expect(paths[2]?.permissions?.owner).toEqual({ read: true, write: true, execute: false });
    expect(paths[0]).toMatchObject({ isDirectory: true, contentLength: 0 });
    const level = await collect(raw.listPaths({ path: "sales" }));
    expect(level.map(({ name }) => name)).toEqual(["sales/2026", "sales/readme.txt"]);
  });

  test.each([1, 2, 3, 5])("goes on after a page of %i", async (maxPageSize) => {
    const raw = service().getFileSystemClient("raw");
    const names: (string | undefined)[] = [];
    for await (const page of raw.listPaths({ recursive: true }).byPage({ maxPageSize })) {
      expect(page.pathItems?.length).toBeLessThanOrEqual(maxPageSize);
      for (const { name } of page.pathItems ?? []) names.push(name);
    }
    expect(names).toEqual(ALL_PATHS);
  });

  test("reads whole files, ranges, and refuses a range behind the end", async () => {
    const file = service().getFileSystemClient("raw").getFileClient("sales/2026/01.csv");
    expect(text(await file.readToBuffer())).toBe("day,total\n1,10\n");
    expect(text(await file.readToBuffer(4, 5))).toBe("total");
    const part = await file.read(4, 5);
    expect(part).toMatchObject({ contentRange: "bytes 4-8/15", contentLength: 5 });
    await expect(file.read(100)).rejects.toMatchObject({ code: "InvalidRange", statusCode: 416 });
  });

  test("creates, appends, flushes and reads back; nothing shows before the flush", async () => {
    const fileSystem = service().getFileSystemClient(`made-${style}`);
    await fileSystem.create();
    const file = fileSystem.getFileClient("deep/down/a b+ü%.txt");
    await file.create({ metadata: { colour: "grün" }, pathHttpHeaders: { contentType: "text/x" } });
    await file.append("hello ", 0, 6);
    await file.append("world", 6, 5);
    expect((await file.getProperties()).contentLength).toBe(0);
    const flushed = await file.flush(11);
    const properties = await file.getProperties();
    expect(properties).toMatchObject({
      contentLength: 11,
      etag: flushed.etag,
      contentType: "text/x",
      metadata: { colour: "grün" },
    });
    expect(text(await file.readToBuffer())).toBe("hello world");
    await file.append("!", 11, 1);
    await file.flush(12);
    expect(text(await file.readToBuffer())).toBe("hello world!");
    expect(
      (await collect(fileSystem.listPaths({ recursive: true }))).map(({ name }) => name),
    ).toEqual(["deep", "deep/down", "deep/down/a b+ü%.txt"]);
  });

  test("uploads in parallel pieces", async () => {
    const fileSystem = service().getFileSystemClient("raw");
    const file = fileSystem.getFileClient(`uploads/${style}.bin`);
    const data = Buffer.alloc(300_001);
    for (let index = 0; index < data.length; index++) data[index] = index % 251;
    await file.upload(data, {
      chunkSize: 10_000,
      maxConcurrency: 8,
      singleUploadThreshold: 20_000,
    });
    expect(data.equals(await file.readToBuffer())).toBe(true);
    await fileSystem.getDirectoryClient("uploads").delete(true);
    expect(await file.exists()).toBe(false);
  });

  test("deletes, and says what does not exist", async () => {
    const fileSystem = service().getFileSystemClient("raw");
    const file = fileSystem.getFileClient("gone.txt");
    await file.create();
    expect(await file.exists()).toBe(true);
    await file.delete();
    expect(await file.deleteIfExists()).toMatchObject({ succeeded: false });
    await expect(file.read()).rejects.toMatchObject({ code: "BlobNotFound", statusCode: 404 });
    await expect(file.delete()).rejects.toMatchObject({ code: "PathNotFound", statusCode: 404 });
    const nowhere = service().getFileSystemClient("nowhere");
    await expect(collect(nowhere.listPaths())).rejects.toMatchObject({
      code: "FilesystemNotFound",
      statusCode: 404,
    });
    expect(await nowhere.exists()).toBe(false);
  });

  test("does not create what exists, when asked", async () => {
    const fileSystem = service().getFileSystemClient("raw");
    expect(await fileSystem.createIfNotExists()).toMatchObject({ succeeded: false });
    const file = fileSystem.getFileClient("sales/readme.txt");
    expect(await file.createIfNotExists()).toMatchObject({ succeeded: false });
    expect(text(await file.readToBuffer())).toBe("hello");
  });
});

describe("roles", () => {
  test("a reader reads and does not write", async () => {
    const raw = lake.client("reader").getFileSystemClient("raw");
    expect(text(await raw.getFileClient("sales/readme.txt").readToBuffer())).toBe("hello");
    await expect(raw.getFileClient("mine.txt").create()).rejects.toMatchObject({
      code: "AuthorizationPermissionMismatch",
      statusCode: 403,
    });
    await expect(raw.delete()).rejects.toMatchObject({ statusCode: 403 });
  });

  test("a contributor writes", async () => {
    const file = lake.client("contributor").getFileSystemClient("raw").getFileClient("c.txt");
    await file.upload(Buffer.from("c"));
    await file.delete();
  });

  test("the role Owner alone does not include data", async () => {
    const raw = lake.client("ada").getFileSystemClient("raw");
    await expect(raw.getFileClient("sales/readme.txt").read()).rejects.toMatchObject({
      statusCode: 403,
      code: "AuthorizationPermissionMismatch",
    });
  });
});
