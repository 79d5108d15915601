import type { PathAccessControlItem } from "@azure/storage-file-datalake";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BOB, type ServedAccess, serveAccess } from "./access-client.ts";
import { collect } from "./served-lake.ts";

let lake: ServedAccess;

beforeAll(async () => {
  lake = await serveAccess();
});
afterAll(() => lake.close());

describe("access lists", () => {
  test("start from the umask: 750 for a directory, 640 for a file", async () => {
    await lake.raw().getFileClient("fresh/file").create();
    expect(await lake.aclOf("fresh")).toMatchObject({
      acl: "user::rwx,group::r-x,other::---",
      permissions: "rwxr-x---",
      owner: "id-of-owner",
    });
    expect((await lake.aclOf("fresh/file")).acl).toBe("user::rw-,group::r--,other::---");
  });

  test("keep to permissions and umask that are given", async () => {
    await lake.raw().getFileClient("given").create({ permissions: "0777", umask: "0022" });
    expect((await lake.aclOf("given")).permissions).toBe("rwxr-xr-x");
    await lake.raw().getDirectoryClient("sticky").create({ permissions: "1777", umask: "0000" });
    expect((await lake.aclOf("sticky")).permissions).toBe("rwxrwxrwt");
  });

  test("read back what was set, with a mask worked out", async () => {
    const file = lake.raw().getFileClient("listed");
    await file.create();
    const { acl } = await file.getAccessControl();
    const entry: PathAccessControlItem = {
      accessControlType: "user",
      entityId: BOB,
      defaultScope: false,
      permissions: { read: true, write: true, execute: false },
    };
    await file.setAccessControl([...acl, entry]);
    expect(await lake.aclOf("listed")).toMatchObject({
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
    expect((await lake.aclOf("listed")).acl).toBe(
      `user::r--,user:${BOB}:rw-,group::r--,mask::r--,other::---`,
    );
  });

  test("name people by their user principal names when asked to", async () => {
    const file = lake.raw().getFileClient("named.txt");
    await file.create();
    await lake.setAcl(
      "named.txt",
      `user::rw-,user:${BOB}:r--,user:unknown:r--,group::r--,other::---`,
    );
    const { owner, acl } = await file.getAccessControl({ userPrincipalName: true });
    expect(owner).toBe("owner@contoso.com");
    expect(acl.map(({ entityId }) => entityId)).toContain("bob@contoso.com");
    expect(acl.map(({ entityId }) => entityId)).toContain("unknown");
    const listed = await collect(lake.raw().listPaths({ userPrincipalName: true }));
    expect(listed.find(({ name }) => name === "named.txt")?.owner).toBe("owner@contoso.com");
  });

  test.each([
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

  test.each([
    ["one person", `user:${BOB}:rwx`, `user::rwx,user:${BOB}:rwx,group::r-x,mask::rwx,other::---`],
    [
      "a mask and a person",
      `mask::--x,user:${BOB}:rwx`,
      `user::rwx,user:${BOB}:rwx,group::r-x,mask::--x,other::---`,
    ],
    [
      "default entries alone",
      `default:user:${BOB}:rwx`,
      `user::rwx,group::r-x,other::---,default:user::rwx,default:user:${BOB}:rwx,` +
        "default:group::r-x,default:mask::rwx,default:other::---",
    ],
  ])("that name %s leave the rest as it was", async (_name, given, whole) => {
    const directory = lake.raw().getDirectoryClient("partial");
    await directory.create({ permissions: "rwxr-x---", umask: "0000" });
    await lake.setAcl("partial", given);
    expect((await lake.aclOf("partial")).acl).toBe(whole);
    const { headers } = await lake.send({ method: "HEAD", target: "/raw/partial" });
    expect(headers["x-ms-acl"]).toBe(whole);
    await directory.delete(true);
  });

  test("are inherited from default entries, by directories with the entries themselves", async () => {
    await lake.raw().getDirectoryClient("heirs").create();
    const access = "user::rwx,group::r-x,other::---";
    await lake.setAcl(
      "heirs",
      `${access},default:user::rwx,default:user:${BOB}:r-x,default:group::r-x,default:other::---`,
    );
    await lake.raw().getFileClient("heirs/sub/file").create();
    expect((await lake.aclOf("heirs/sub")).acl).toBe(
      `user::rwx,user:${BOB}:r-x,group::r-x,mask::r-x,other::---,default:user::rwx,default:user:${BOB}:r-x,default:group::r-x,default:mask::r-x,default:other::---`,
    );
    expect((await lake.aclOf("heirs/sub/file")).acl).toBe(
      `user::rwx,user:${BOB}:r-x,group::r-x,mask::r-x,other::---`,
    );
  });
});
