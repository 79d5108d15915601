import type { PathAccessControlItem } from "@azure/storage-file-datalake";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BOB, OPEN, type ServedAccess, serveAccess } from "./access-client.ts";

let lake: ServedAccess;

beforeAll(async () => {
  lake = await serveAccess();
});
afterAll(() => lake.close());

describe("recursive changes", () => {
  const entry = (bits: string, scope = ""): PathAccessControlItem => ({
    accessControlType: "user",
    entityId: "id-of-carol",
    defaultScope: scope === "default",
    permissions: {
      read: bits.includes("r"),
      write: bits.includes("w"),
      execute: bits.includes("x"),
    },
  });

  beforeAll(async () => {
    await lake.setAcl("", OPEN);
    for (const name of ["1", "2", "sub/3", "sub/deep/4"]) {
      await lake.raw().getFileClient(`rec/${name}`).create();
    }
  });

  test("update, set and remove reach everything, in batches", async () => {
    const top = lake.raw().getDirectoryClient("rec");
    const updated = await top.updateAccessControlRecursive([entry("rx"), entry("rx", "default")], {
      batchSize: 2,
    });
    expect(updated.counters).toEqual({
      failedChangesCount: 0,
      changedDirectoriesCount: 3,
      changedFilesCount: 4,
    });
    expect((await lake.aclOf("rec/sub/deep/4")).acl).toBe(
      "user::rw-,user:id-of-carol:r-x,group::r--,mask::r-x,other::---",
    );
    expect((await lake.aclOf("rec/sub/deep")).acl).toContain("default:user:id-of-carol:r-x");
    const removed = await top.removeAccessControlRecursive([
      { accessControlType: "user", entityId: "id-of-carol", defaultScope: false },
      { accessControlType: "user", entityId: "id-of-carol", defaultScope: true },
    ]);
    expect(removed.counters.changedFilesCount).toBe(4);
    expect((await lake.aclOf("rec/sub/deep/4")).permissions).toBe("rw-r-----");
    expect((await lake.aclOf("rec/sub/deep")).acl).not.toContain("carol");
  });

  test("go on from where a batch ended", async () => {
    const top = lake.raw().getDirectoryClient("rec");
    const half = await top.updateAccessControlRecursive([entry("r")], {
      batchSize: 3,
      maxBatches: 1,
    });
    expect(half.continuationToken).toMatch(/./);
    const rest = await top.updateAccessControlRecursive([entry("r")], {
      ...(half.continuationToken === undefined
        ? {}
        : { continuationToken: half.continuationToken }),
    });
    const { changedDirectoriesCount: directories, changedFilesCount: files } = rest.counters;
    expect(directories + files).toBe(4);
    expect((await lake.aclOf("rec/sub/deep/4")).acl).toContain("id-of-carol");
  });

  test("tell which paths they could not change", async () => {
    await lake.setAcl("rec/sub", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`);
    await lake.setAcl("rec", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`, {
      "x-ms-owner": BOB,
    });
    const failures: string[] = [];
    const result = await lake
      .raw("bob")
      .getDirectoryClient("rec")
      .updateAccessControlRecursive([entry("r")], {
        continueOnFailure: true,
        onProgress: ({ batchFailures }) => failures.push(...batchFailures.map(({ name }) => name)),
      });
    expect(result.counters).toEqual({
      failedChangesCount: 6,
      changedDirectoriesCount: 1,
      changedFilesCount: 0,
    });
    expect(failures).toContain("rec/sub/deep/4");
  });
});
