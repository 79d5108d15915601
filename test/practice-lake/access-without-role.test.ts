import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BOB, forbidden, OPEN, type ServedAccess, serveAccess } from "./access-client.ts";
import { collect, text } from "./served-lake.ts";

let lake: ServedAccess;

beforeAll(async () => {
  lake = await serveAccess();
});
afterAll(() => lake.close());

describe("somebody without a role", () => {
  beforeAll(async () => {
    await lake.raw().getFileClient("team/shared/notes.txt").upload(Buffer.from("notes"));
    await lake.raw().getFileClient("team/private/secret.txt").upload(Buffer.from("secret"));
  });

  test("may nothing until every directory above lets them through", async () => {
    const file = lake.raw("bob").getFileClient("team/shared/notes.txt");
    await expect(file.read()).rejects.toMatchObject(forbidden);
    await lake.setAcl("team/shared/notes.txt", `user::rw-,user:${BOB}:r--,group::r--,other::---`);
    await lake.setAcl("team/shared", OPEN);
    await lake.setAcl("team", OPEN);
    await expect(file.read()).rejects.toMatchObject(forbidden);
    await lake.setAcl("", OPEN);
    expect(text(await file.readToBuffer())).toBe("notes");
    await expect(file.upload(Buffer.from("x"))).rejects.toMatchObject(forbidden);
  });

  test("lists, makes and deletes only where the list says so", async () => {
    const shared = lake.raw("bob").getDirectoryClient("team/shared");
    const list = () => collect(lake.raw("bob").listPaths({ path: "team/shared" }));
    await expect(list()).rejects.toMatchObject(forbidden);
    await lake.setAcl("team/shared", `user::rwx,user:${BOB}:r-x,group::r-x,other::---`);
    expect((await list()).map(({ name }) => name)).toEqual(["team/shared/notes.txt"]);
    await expect(shared.getFileClient("mine.txt").create()).rejects.toMatchObject(forbidden);
    await lake.setAcl("team/shared", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`);
    await shared.getFileClient("mine.txt").upload(Buffer.from("mine"));
    expect((await lake.aclOf("team/shared/mine.txt")).owner).toBe(BOB);
    await shared.getFileClient("mine.txt").delete();
    await expect(
      collect(lake.raw("bob").listPaths({ path: "team", recursive: true })),
    ).rejects.toMatchObject(forbidden);
  });

  test("is held to the mask of a list", async () => {
    await lake.raw().getFileClient("masked.txt").upload(Buffer.from("m"));
    const acl = `user::rw-,user:${BOB}:rw-,group::r--,mask::r--,other::---`;
    await lake.setAcl("masked.txt", acl);
    const file = lake.raw("bob").getFileClient("masked.txt");
    expect(text(await file.readToBuffer())).toBe("m");
    await expect(file.append("x", 1, 1)).rejects.toMatchObject(forbidden);
    await lake.setAcl("masked.txt", acl.replace("mask::r--", "mask::rw-"));
    await file.append("x", 1, 1);
  });

  test("may not take away others' files from a directory with the sticky bit", async () => {
    await lake.raw().getFileClient("drop/theirs.txt").create();
    await lake.setAcl("drop", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`);
    await lake.send({
      method: "PATCH",
      target: "/raw/drop?action=setAccessControl",
      headers: { "x-ms-permissions": "1770" },
    });
    const drop = lake.raw("bob").getDirectoryClient("drop");
    await expect(drop.getFileClient("theirs.txt").delete()).rejects.toMatchObject(forbidden);
    await drop.getFileClient("own.txt").create();
    await drop.getFileClient("own.txt").delete();
  });

  test("changes the list of what they own, and nobody's owner", async () => {
    await lake.setAcl("drop", `user::rwx,user:${BOB}:rwx,group::r-x,other::---`);
    const own = lake.raw("bob").getFileClient("drop/own-2.txt");
    await own.create();
    const { acl } = await own.getAccessControl();
    await own.setAccessControl(acl);
    await expect(own.setAccessControl(acl, { owner: "id-of-owner" })).rejects.toMatchObject(
      forbidden,
    );
    await expect(
      lake.raw("bob").getFileClient("drop/theirs.txt").setAccessControl(acl),
    ).rejects.toMatchObject(forbidden);
  });

  test("deletes a full directory page by page, and only if all of it is theirs to delete", async () => {
    const acl = `user::rwx,user:${BOB}:rwx,group::r-x,other::---`;
    await lake.raw().getDirectoryClient("pages").create();
    await lake.setAcl("pages", acl);
    const pages = lake.raw("bob").getDirectoryClient("pages");
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
    expect(await lake.raw().getDirectoryClient("pages/many").exists()).toBe(false);
    await lake.raw().getFileClient("pages/locked/x").create();
    await expect(pages.getSubdirectoryClient("locked").delete(true)).rejects.toMatchObject(
      forbidden,
    );
  });
});
