import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, type Person, type RawAnswer, type ServedLake, serveLake } from "./served-lake.ts";

// Carol holds no role and no entry names her: whatever she may do, a group of hers may.
const CAROL = "id-of-carol";
const READERS = "group-readers";
const WRITERS = "group-writers";
const OTHERS = "group-others";
let lake: ServedLake;

beforeAll(async () => {
  lake = await serveLake({ "raw/file.txt": "hello", "raw/folder/inner.txt": "inner" });
});
afterAll(() => lake.close());

const raw = (person: Person = "owner") => lake.client(person).getFileSystemClient("raw");
const forbidden = { statusCode: 403, code: "AuthorizationPermissionMismatch" };

async function change(path: string, headers: Record<string, string>, as: Person = "owner") {
  const target = `/raw/${path}?action=setAccessControl`;
  const answer = await lake.send({ method: "PATCH", target, headers, as });
  return refusalOf(answer) ?? answer.status;
}

function refusalOf({ headers }: RawAnswer): string | undefined {
  return headers["x-ms-error-code"]?.toString();
}

/** Whether somebody has what is asked of a file, such as `rw-`. */
async function has(bits: string, person: Person = "carol", path = "file.txt"): Promise<boolean> {
  const target = `/raw/${path}?action=checkAccess&fsAction=${bits}`;
  const { status } = await lake.send({ method: "HEAD", target, as: person });
  return status === 200;
}

/** Sets the list of the file, in the open directory that it lies in. */
async function given(acl: string, headers: Record<string, string> = {}): Promise<void> {
  const open = `user::rwx,group::---,group:${READERS}:--x,other::--x`;
  expect(await change("", { "x-ms-acl": open })).toBe(200);
  expect(await change("file.txt", { "x-ms-acl": acl, ...headers })).toBe(200);
}

describe("an access list", () => {
  test("lets members of a named group in, and nobody else", async () => {
    await given(`user::rw-,group::---,group:${READERS}:r--,other::---`);
    expect(await has("r--")).toBe(true);
    expect(await has("-w-")).toBe(false);
    expect(await has("r--", "bob")).toBe(false);
    await expect(raw("carol").getFileClient("file.txt").readToBuffer()).resolves.toHaveLength(5);
    await expect(raw("bob").getFileClient("file.txt").readToBuffer()).rejects.toMatchObject(
      forbidden,
    );
  });

  test("lets members of the owning group in, and not a person who owns as a group", async () => {
    await given("user::rw-,group::r--,other::---", { "x-ms-group": READERS });
    expect(await has("r--")).toBe(true);
    await given("user::rw-,group::r--,other::---", { "x-ms-group": CAROL });
    expect(await has("r--")).toBe(false);
    await given("user::rw-,group::r--,other::---", { "x-ms-group": OTHERS });
    expect(await has("r--")).toBe(false);
  });

  test("adds up what several groups of a member are granted", async () => {
    const acl = (two: string) =>
      `user::rw-,group::---,group:${READERS}:r--,group:${WRITERS}:${two},other::---`;
    await given(acl("-w-"));
    expect(await has("rw-")).toBe(true);
    await given(acl("---"));
    expect(await has("rw-")).toBe(false);
  });

  test("holds groups to the mask", async () => {
    await given(`user::rw-,group::---,group:${READERS}:rw-,mask::r--,other::---`);
    expect([await has("r--"), await has("rw-")]).toEqual([true, false]);
  });

  test("asks the owner first, then named users, then groups, then others", async () => {
    const groups = `group::---,group:${READERS}:rw-`;
    await given(`user::---,${groups},other::rw-`, { "x-ms-owner": CAROL });
    expect(await has("r--")).toBe(false);
    await given(`user::rw-,user:${CAROL}:-w-,${groups},other::rw-`, { "x-ms-owner": "nobody" });
    expect([await has("r--"), await has("-w-")]).toEqual([false, true]);
    await given(`user::rw-,group::rw-,group:${READERS}:---,other::rw-`, { "x-ms-group": OTHERS });
    expect([await has("r--"), await has("r--", "bob")]).toEqual([false, true]);
  });

  test("lets a group make, list and delete in a directory, but for the sticky bit", async () => {
    await given("user::rw-,group::r--,other::---");
    const acl = `user::rwx,group::---,group:${WRITERS}:rwx,other::---`;
    await change("folder", { "x-ms-acl": acl });
    const folder = raw("carol").getDirectoryClient("folder");
    await folder.getFileClient("made.txt").create();
    const listed = await collect(raw("carol").listPaths({ path: "folder" }));
    expect(listed.map(({ name }) => name)).toEqual(["folder/inner.txt", "folder/made.txt"]);
    await expect(collect(raw("bob").listPaths({ path: "folder" }))).rejects.toMatchObject(
      forbidden,
    );
    await change("folder", { "x-ms-permissions": "1770" });
    await expect(folder.getFileClient("inner.txt").delete()).rejects.toMatchObject(forbidden);
    await folder.getFileClient("made.txt").delete();
    await change("folder", { "x-ms-permissions": "0770" });
    await folder.getFileClient("inner.txt").delete();
  });
});

describe("a path's group", () => {
  test("is changed by its owner to a group of theirs, and by super-users to any", async () => {
    await given("user::rw-,group::r--,other::---", { "x-ms-owner": CAROL });
    expect(await change("file.txt", { "x-ms-group": WRITERS }, "carol")).toBe(200);
    const denied = forbidden.code;
    expect(await change("file.txt", { "x-ms-group": OTHERS }, "carol")).toBe(denied);
    expect(await change("file.txt", { "x-ms-group": CAROL }, "carol")).toBe(denied);
    expect(await change("file.txt", { "x-ms-owner": "id-of-bob" }, "carol")).toBe(denied);
    expect(await change("file.txt", { "x-ms-group": OTHERS }, "contributor")).toBe(denied);
    expect(await change("file.txt", { "x-ms-group": OTHERS })).toBe(200);
    expect(await change("file.txt", { "x-ms-owner": "nobody" })).toBe(200);
    expect(await change("file.txt", { "x-ms-group": READERS }, "carol")).toBe(denied);
  });
});

describe("roles", () => {
  test("go before access lists: reading, writing, and all of it", async () => {
    await given("user::---,group::---,other::---", { "x-ms-owner": "nobody" });
    const may: Record<string, unknown> = {};
    for (const person of ["owner", "contributor", "reader", "bob"] as const) {
      const file = raw(person).getFileClient("file.txt");
      const outcome = (work: Promise<unknown>) => work.then(() => true).catch(() => false);
      may[person] = [
        await outcome(file.readToBuffer()),
        await outcome(file.append("x", 5, 1)),
        (await change("file.txt", { "x-ms-acl": "user::---,group::---,other::---" }, person)) ===
          200,
        (await change("file.txt", { "x-ms-owner": `owned-by-${person}` }, person)) === 200,
      ];
    }
    expect(may).toEqual({
      owner: [true, true, true, true],
      contributor: [true, true, false, false],
      reader: [true, false, false, false],
      bob: [false, false, false, false],
    });
  });
});
