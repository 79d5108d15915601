import { beforeAll, expect, test } from "vitest";
import type { Lake } from "../../../src/lake/lake.ts";
import { pathsIn } from "../listed.ts";
import { collect } from "../practice-cloud.ts";
import type { ContractLake } from "./contract-lake.ts";

/** What is said of a path beside its bytes: when it ends, and who may do what with it. */
export function rules(served: () => ContractLake): void {
  let lake: Lake;
  beforeAll(() => {
    lake = served().lake;
  });

  test("a file vanishes when it is told to, and stays when that is taken back", async () => {
    await lake.write("out/expiry/a", "a");
    await lake.write("out/expiry/b", "b");
    const later = new Date("2099-01-01T00:00:00Z");
    const entry = await lake.setExpiry("out/expiry/a", later);
    expect(entry).toMatchObject({ path: "out/expiry/a", expires: later });
    expect((await collect(lake.list("out/expiry")))[0]).toEqual(entry);
    expect(await lake.setExpiry("out/expiry/a", undefined)).not.toHaveProperty("expires");

    await lake.setExpiry("out/expiry/b", new Date(Date.now() + 2000));
    await expect.poll(() => lake.exists("out/expiry/b"), { interval: 200 }).toBe(false);
    expect(await pathsIn(lake, "out/expiry")).toEqual(["out/expiry/a"]);
    for (const wrong of [new Date(0), new Date(Number.NaN)]) {
      await expect(lake.setExpiry("out/expiry/a", wrong)).rejects.toMatchObject({
        code: "BAD_REQUEST",
      });
    }
    await expect(lake.setExpiry("out/expiry", later)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(lake.setExpiry("out/expiry/b", later)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("access is read and changed, for one and for all below", async () => {
    await lake.write("out/acl/a", "a");
    const entries = ["user::rwx", "group::r-x", "other::---"];
    expect(await lake.setAcl("out/acl", entries)).toEqual({
      files: 0,
      directories: 1,
      failures: [],
    });
    expect(await lake.access("out/acl")).toMatchObject({
      permissions: expect.stringMatching(/^rwxr-x---/),
      acl: expect.arrayContaining(entries),
    });
    const grace = "user:9eace000-5d3a-4f0e-8a51-0d9a1b2c3d02";
    const add = { recursive: true, mode: "modify" } as const;
    const changes = await lake.setAcl("out/acl", [`${grace}:r-x`], add);
    expect(changes).toEqual({ files: 1, directories: 1, failures: [] });
    expect((await lake.access("out/acl/a")).acl).toContain(`${grace}:r-x`);
    await lake.setAcl("out/acl", [grace], { recursive: true, mode: "remove" });
    expect((await lake.access("out/acl/a")).acl).not.toContain(`${grace}:r-x`);
    await expect(lake.setAcl("out/acl", ["nonsense"])).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
  });
}
