import type { PathAccessControlItem } from "@azure/storage-file-datalake";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, type ServedLake, serveLake, text } from "./served-lake.ts";

// Bob holds no role: whatever he may do, an access list lets him.
const BOB = "id-of-bob";
let lake: ServedLake;

beforeAll(async () => {
  lake = await serveLake({ "raw/readme.txt": "hello" });
});
afterAll(() => lake.close());

const raw = (person: "owner" | "bob" | "contributor" = "owner") =>
  lake.client(person).getFileSystemClient("raw");
const forbidden = { statusCode: 403, code: "AuthorizationPermissionMismatch" };

/** Sets an access list from its text form, as any client of the wire could. */
async function setAcl(path: string, acl: string, headers = {}) {
  const answer = await lake.send({
    method: "PATCH",
    target: `/raw/${path}?action=setAccessControl`,
    headers: { "x-ms-acl": acl, ...headers },
  });
  expect([answer.status, answer.body.toString()]).toEqual([200, ""]);
}

async function aclOf(path: string) {
  const answer = await lake.send({
    method: "HEAD",
    target: `/raw/${path}?action=getAccessControl`,
  });
  return {
    acl: answer.headers["x-ms-acl"],
    permissions: answer.headers["x-ms-permissions"],
    owner: answer.headers["x-ms-owner"],
    group: answer.headers["x-ms-group"],
  };
}

const OPEN_ROOT = `user::rwx,user:${BOB}:--x,group::r-x,other::---`;

describe("access lists", () => {
  test("start from the umask: 750 for a directory, 640 for a file", async () => {
    await raw().getFileClient("fresh/file").create();
    expect(await aclOf("fresh")).toMatchObject({
      acl: "user::rwx,group::r-x,other::---",
      permissions: "rwxr-x---",
      owner: "id-of-owner",
    });
    expect((await aclOf("fresh/file")).acl).toBe("user::rw-,group::r--,other::---");
  });

  test("keep to permissions and umask that are given", async () => {
    await raw().getFileClient("given").create({ permissions: "0777", umask: "0022" });
    expect((await aclOf("given")).permissions).toBe("rwxr-xr-x");
    await raw().getDirectoryClient("sticky").create({ permissions: "1777", umask: "0000" });
    expect((await aclOf("sticky")).permissions).toBe("rwxrwxrwt");
  });

  test("read back what was set, with a mask worked out", async () => {
    const file = raw().getFileClient("listed");
    await file.create();
    const { acl } = await file.getAccessControl();
    const entry: PathAccessControlItem = {
      accessControlType: "user",
      entityId: BOB,
      defaultScope: false,
      permissions: { read: true, write: true, execute: false },
    };
    await file.setAccessControl([...acl, entry]);
    expect(await aclOf("listed")).toMatchObject({
      acl: `user::rw-,user:${BOB}:rw-,group::r--,mask::rw-,other::---`,
      permissions: "rw-rw----+",
    });
    await file.setPermissions({
      owner: { read: true, write: false, execute: false },
      group: { read: true, write: false, execute: false },
      other: { read: false, write: false, execute: false },
      stickyBit: false,
      extendedAcls: false,
    });
    // In a list with more entries the group's bits of a mode are the mask's.
    expect((await aclOf("listed")).acl).toBe(
      `user::r--,user:${BOB}:rw-,group::r--,mask::r--,other::---`,
    );
  });

  test("name people by their user principal names when asked to", async () => {
    const file = raw().getFileClient("named.txt");
    await file.create();
    await setAcl("named.txt", `user::rw-,user:${BOB}:r--,user:unknown:r--,group::r--,other::---`);
    const { owner, acl } = await file.getAccessControl({ userPrincipalName: true });
    expect(owner).toBe("owner@contoso.com");
    expect(acl.map(({ entityId }) => entityId)).toContain("bob@contoso.com");
    expect(acl.map(({ entityId }) => entityId)).toContain("unknown");
    const listed = await collect(raw().listPaths({ userPrincipalName: true }));
    expect(listed.find(({ name }) => name === "named.txt")?.owner).toBe("owner@contoso.com");
  });

  test.each([
    ["no owner", "group::r--,other::---"],
    ["an unknown type", "user::rwx,group::r--,other::---,robot:x:r--"],
    ["bad bits", "user::rwq,group::r--,other::---"],
    ["an entry twice", `user::rwx,user:${BOB}:r--,user:${BOB}:r-x,group::r--,other::---`],
    ["default entries on a file", "user::rwx,group::r--,other::---,default:user::rwx"],
  ])("refuse %s", async (_name, acl) => {
    const answer = await lake.send({
      method: "PATCH",
      target: "/raw/readme.txt?action=setAccessControl",
      headers: { "x-ms-acl": acl },
    });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, "InvalidInput"]);
  });

  test("are inherited from default entries, by directories with the entries themselves", async () => {
    await raw().getDirectoryClient("heirs").create();
    const access = "user::rwx,group::r-x,other::---";
    await setAcl(
      "heirs",
      `${access},default:user::rwx,default:user:${BOB}:r-x,default:group::r-x,default:other::---`,
    );
    await raw().getFileClient("heirs/sub/file").create();
    expect((await aclOf("heirs/sub")).acl).toBe(
      `user::rwx,user:${BOB}:r-x,group::r-x,mask::r-x,other::---,default:user::rwx,default:user:${BOB}:r-x,default:group::r-x,default:mask::r-x,default:other::---`,
    );
    expect((await aclOf("heirs/sub/file")).acl).toBe(
      `user::rwx,user:${BOB}:r-x,group::r-x,mask::r-x,other::---`,
    );
  });
});

describe("somebody without a role", () => {
  beforeAll(async () => {
    await raw().getFileClient("team/shared/notes.txt").upload(Buffer.from("notes"));
    await raw().getFileClient("team/private/secret.txt").upload(Buffer.from("secret"));
  });

  test("may nothing until every directory above lets them through", async () => {
    const file = raw("bob").getFileClient("team/shared/notes.txt");
    await expect(file.read()).rejects.toMatchObject(forbidden);
    await setAcl("team/shared/notes.txt", `user::rw-,user:${BOB}:r--,group::r--,other::---`);
    await setAcl("team/shared", OPEN_ROOT);
    await setAcl("team", OPEN_ROOT);
    await expect(file.read()).rejects.toMatchObject(forbidden);
    await setAcl("", OPEN_ROOT);
    expect(text(await file.readToBuffer())).toBe("notes");
    await expect(file.upload(Buffer.from("x"))).rejects.toMatchObject(forbidden);
  });

  test("lists, makes and deletes only where the list says so", async () => {
    const shared = raw("bob").getDirectoryClient("team/shared");
    const list = () => collect(raw("bob").listPaths({ path: "team/shared" }));
    await expect(list()).rejects.toMatchObject(forbidden);
    await setAcl("team/shared", `user::rwx,user:${BOB}:r-x,group::r-x,other::---`);
    expect((await list()).map(({ name }) => name)).toEqual(["team/shared/notes.txt"]);
    await expect(shared.getFileClient("mine.txt").create()).rejects.toMatchObject(forbidden);
    await setAcl("team/shared", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`);
    await shared.getFileClient("mine.txt").upload(Buffer.from("mine"));
    expect((await aclOf("team/shared/mine.txt")).owner).toBe(BOB);
    await shared.getFileClient("mine.txt").delete();
    await expect(
      collect(raw("bob").listPaths({ path: "team", recursive: true })),
    ).rejects.toMatchObject(forbidden);
  });

  test("is held to the mask of a list", async () => {
    await raw().getFileClient("masked.txt").upload(Buffer.from("m"));
    const acl = `user::rw-,user:${BOB}:rw-,group::r--,mask::r--,other::---`;
    await setAcl("masked.txt", acl);
    const file = raw("bob").getFileClient("masked.txt");
    expect(text(await file.readToBuffer())).toBe("m");
    await expect(file.append("x", 1, 1)).rejects.toMatchObject(forbidden);
    await setAcl("masked.txt", acl.replace("mask::r--", "mask::rw-"));
    await file.append("x", 1, 1);
  });

  test("may not take away others' files from a directory with the sticky bit", async () => {
    await raw().getFileClient("drop/theirs.txt").create();
    await setAcl("drop", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`);
    await lake.send({
      method: "PATCH",
      target: "/raw/drop?action=setAccessControl",
      headers: { "x-ms-permissions": "1770" },
    });
    const drop = raw("bob").getDirectoryClient("drop");
    await expect(drop.getFileClient("theirs.txt").delete()).rejects.toMatchObject(forbidden);
    await drop.getFileClient("own.txt").create();
    await drop.getFileClient("own.txt").delete();
  });

  test("changes the list of what they own, and nobody's owner", async () => {
    await setAcl("drop", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`);
    const own = raw("bob").getFileClient("drop/own-2.txt");
    await own.create();
    const { acl } = await own.getAccessControl();
    await own.setAccessControl(acl);
    await expect(own.setAccessControl(acl, { owner: "id-of-owner" })).rejects.toMatchObject(
      forbidden,
    );
    await expect(
      raw("bob").getFileClient("drop/theirs.txt").setAccessControl(acl),
    ).rejects.toMatchObject(forbidden);
  });

  test("deletes a full directory page by page, and only if all of it is theirs to delete", async () => {
    const acl = `user::rwx,user:${BOB}:rwx,group::r-x,other::---`;
    await raw().getDirectoryClient("pages").create();
    await setAcl("pages", acl);
    const pages = raw("bob").getDirectoryClient("pages");
    await pages.getSubdirectoryClient("many").create();
    for (let batch = 0; batch < 12; batch++) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          pages.getFileClient(`many/${batch}-${index}`).create(),
        ),
      );
    }
    const first = await lake.send({
      method: "DELETE",
      target: "/raw/pages/many?recursive=true&paginated=true",
      as: "bob",
    });
    expect(first.status).toBe(200);
    expect(first.headers["x-ms-continuation"]).toMatch(/./);
    await pages.getSubdirectoryClient("many").delete(true);
    expect(await raw().getDirectoryClient("pages/many").exists()).toBe(false);
    await raw().getFileClient("pages/locked/x").create();
    await expect(pages.getSubdirectoryClient("locked").delete(true)).rejects.toMatchObject(
      forbidden,
    );
  });
});

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
    for (const name of ["1", "2", "sub/3", "sub/deep/4"]) {
      await raw().getFileClient(`rec/${name}`).create();
    }
  });

  test("update, set and remove reach everything, in batches", async () => {
    const top = raw().getDirectoryClient("rec");
    const updated = await top.updateAccessControlRecursive([entry("rx"), entry("rx", "default")], {
      batchSize: 2,
    });
    expect(updated.counters).toEqual({
      failedChangesCount: 0,
      changedDirectoriesCount: 3,
      changedFilesCount: 4,
    });
    expect((await aclOf("rec/sub/deep/4")).acl).toBe(
      "user::rw-,user:id-of-carol:r-x,group::r--,mask::r-x,other::---",
    );
    expect((await aclOf("rec/sub/deep")).acl).toContain("default:user:id-of-carol:r-x");
    const removed = await top.removeAccessControlRecursive([
      { accessControlType: "user", entityId: "id-of-carol", defaultScope: false },
      { accessControlType: "user", entityId: "id-of-carol", defaultScope: true },
    ]);
    expect(removed.counters.changedFilesCount).toBe(4);
    expect((await aclOf("rec/sub/deep/4")).permissions).toBe("rw-r-----");
    expect((await aclOf("rec/sub/deep")).acl).not.toContain("carol");
  });

  test("go on from where a batch ended", async () => {
    const top = raw().getDirectoryClient("rec");
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
    expect((await aclOf("rec/sub/deep/4")).acl).toContain("id-of-carol");
  });

  test("tell which paths they could not change", async () => {
    await setAcl("rec/sub", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`);
    await setAcl("rec", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`, { "x-ms-owner": BOB });
    const failures: string[] = [];
    const result = await raw("bob")
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
