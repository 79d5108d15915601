import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, type ServedLake, serveLake, text } from "./served-lake.ts";

let lake: ServedLake;

beforeAll(async () => {
  lake = await serveLake({ "raw/a/1.txt": "one", "raw/a/deep/2.txt": "two", "raw/b.txt": "bee" });
});
afterAll(() => lake.close());

const raw = () => lake.client().getFileSystemClient("raw");
const put = (target: string, source: string, mode = "legacy", headers = {}) =>
  lake.send({
    method: "PUT",
    target: mode === "" ? target : `${target}?mode=${mode}`,
    headers: { "x-ms-rename-source": source, ...headers },
  });
const code = (answer: { headers: Record<string, unknown> }) => answer.headers["x-ms-error-code"];

describe("a move", () => {
  test("takes a file to another name, bytes and metadata with it", async () => {
    const file = raw().getFileClient("move/me.txt");
    await file.create({ metadata: { kept: "yes" } });
    await file.append("abc", 0, 3);
    await file.flush(3);
    await raw().createIfNotExists();
    await raw().getDirectoryClient("else").create();
    await file.move("else/where ü.txt");
    expect(await file.exists()).toBe(false);
    const moved = raw().getFileClient("else/where ü.txt");
    expect(text(await moved.readToBuffer())).toBe("abc");
    expect((await moved.getProperties()).metadata).toEqual({ kept: "yes" });
  });

  test("takes a directory with all in it, into another file system", async () => {
    const other = lake.client().getFileSystemClient("other");
    await other.create();
    await raw().getFileClient("tree/x/y/z.txt").upload(Buffer.from("z"));
    await raw().getDirectoryClient("tree").move("other", "planted");
    const names = (await collect(other.listPaths({ recursive: true }))).map(({ name }) => name);
    expect(names).toEqual(["planted", "planted/x", "planted/x/y", "planted/x/y/z.txt"]);
    expect(await raw().getDirectoryClient("tree").exists()).toBe(false);
    expect(text(await other.getFileClient("planted/x/y/z.txt").readToBuffer())).toBe("z");
  });

  test("replaces a file, or refuses to when told that none may be there", async () => {
    const from = raw().getFileClient("from.txt");
    const to = raw().getFileClient("to.txt");
    await from.upload(Buffer.from("new"));
    await to.upload(Buffer.from("old"));
    await expect(
      from.move("to.txt", { destinationConditions: { ifNoneMatch: "*" } }),
    ).rejects.toMatchObject({ statusCode: 409, code: "PathAlreadyExists" });
    expect(text(await to.readToBuffer())).toBe("old");
    await from.move("to.txt");
    expect(text(await to.readToBuffer())).toBe("new");
    expect(await from.exists()).toBe(false);
  });

  test("holds to the source's version", async () => {
    const file = raw().getFileClient("versioned.txt");
    await file.upload(Buffer.from("1"));
    await expect(
      file.move("elsewhere.txt", { conditions: { ifMatch: '"0x0"' } }),
    ).rejects.toMatchObject({ statusCode: 412, code: "SourceConditionNotMet" });
    const { etag } = await file.getProperties();
    await file.move("elsewhere.txt", etag === undefined ? {} : { conditions: { ifMatch: etag } });
    expect(await raw().getFileClient("elsewhere.txt").exists()).toBe(true);
  });

  test.each([
    ["nothing there", "/raw/new.txt", "/raw/missing.txt", 404, "SourcePathNotFound"],
    [
      "no such parent",
      "/raw/no/such/new.txt",
      "/raw/b.txt",
      404,
      "RenameDestinationParentPathNotFound",
    ],
    ["into itself", "/raw/a/deep/in", "/raw/a", 409, "InvalidRenameSourcePath"],
    [
      "a file onto a directory",
      "/raw/a",
      "/raw/b.txt",
      409,
      "InvalidSourceOrDestinationResourceType",
    ],
    [
      "a directory onto a file",
      "/raw/b.txt",
      "/raw/a",
      409,
      "InvalidSourceOrDestinationResourceType",
    ],
    ["onto a full directory", "/raw/a", "/raw/full", 409, "DirectoryNotEmpty"],
    ["no file system", "/nowhere/x", "/raw/b.txt", 404, "FilesystemNotFound"],
    ["from no file system", "/raw/x", "/nowhere/b.txt", 404, "FilesystemNotFound"],
    ["out of the lake", "/raw/x", "/raw/../../etc/passwd", 400, "InvalidUri"],
    ["from an empty source", "/raw/x", "/", 400, "InvalidSourceUri"],
  ])("is refused: %s", async (_name, target, source, status, expected) => {
    await raw().getFileClient("full/file").create();
    const answer = await put(target, source);
    expect([answer.status, code(answer)]).toEqual([status, expected]);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code: expected } });
  });

  test("takes a path-style source with and without the account's name", async () => {
    await raw().getFileClient("style.txt").upload(Buffer.from("s"));
    expect((await put("/raw/style-2.txt", "/raw/style.txt")).status).toBe(201);
    expect((await put("/raw/style-3.txt", "/contosolake/raw/style-2.txt")).status).toBe(201);
    expect(text(await raw().getFileClient("style-3.txt").readToBuffer())).toBe("s");
  });

  test("by the client's own path-style request, whose destination lacks the account", async () => {
    const file = lake
      .client("owner", "path")
      .getFileSystemClient("raw")
      .getFileClient("by-path.txt");
    await file.upload(Buffer.from("p"));
    await file.move("by-path-2.txt");
    expect(text(await raw().getFileClient("by-path-2.txt").readToBuffer())).toBe("p");
    expect(await file.exists()).toBe(false);
  });

  test("by POSIX, which is the rule unless told otherwise, goes into the directory it meets", async () => {
    await raw().getFileClient("posix/target/there").create();
    await raw().getFileClient("posix/tree/leaf").upload(Buffer.from("leaf"));
    await raw().getFileClient("posix/file").upload(Buffer.from("file"));
    expect((await put("/raw/posix/target", "/raw/posix/tree", "")).status).toBe(201);
    expect((await put("/raw/posix/target", "/raw/posix/file", "posix")).status).toBe(201);
    expect((await put("/raw", "/raw/posix/target/file", "")).status).toBe(201);
    const found = (await collect(raw().listPaths({ path: "posix", recursive: true }))).map(
      ({ name }) => name,
    );
    expect(found).toEqual([
      "posix/target",
      "posix/target/there",
      "posix/target/tree",
      "posix/target/tree/leaf",
    ]);
    expect(text(await raw().getFileClient("file").readToBuffer())).toBe("file");
    const full = await put("/raw/posix", "/raw/posix/target/tree", "sideways");
    expect([full.status, code(full)]).toEqual([400, "InvalidQueryParameterValue"]);
  });

  test("on condition that nothing is there, as Hadoop moves, goes into a directory once", async () => {
    const isNew = { "if-none-match": "*" };
    await raw().getDirectoryClient("once/target").create();
    for (const [number, status] of [201, 409].entries()) {
      await raw()
        .getFileClient("once/tree/leaf")
        .upload(Buffer.from(`${number}`));
      const answer = await put("/raw/once/target", "/raw/once/tree", "", isNew);
      expect([answer.status, code(answer)]).toEqual([
        status,
        status === 201 ? undefined : "PathAlreadyExists",
      ]);
    }
    const leaf = raw().getFileClient("once/target/tree/leaf");
    expect(text(await leaf.readToBuffer())).toBe("0");
  });

  test("onto itself changes nothing", async () => {
    expect((await put("/raw/b.txt", "/raw/b.txt")).status).toBe(201);
    expect(text(await raw().getFileClient("b.txt").readToBuffer())).toBe("bee");
  });
});

test("a directory that is deleted is gone at once, however much it holds", async () => {
  const directory = raw().getDirectoryClient("bulk");
  await directory.create();
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => raw().getFileClient(`bulk/d${index}/f`).create()),
  );
  await expect(directory.delete(false)).rejects.toMatchObject({
    statusCode: 409,
    code: "DirectoryNotEmpty",
  });
  await directory.delete(true);
  expect(await directory.exists()).toBe(false);
  await directory.create();
  expect(await collect(raw().listPaths({ path: "bulk" }))).toEqual([]);
});
