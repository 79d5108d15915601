import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { LakeError } from "../../../src/core/errors.ts";
import type { Lake } from "../../../src/lake/lake.ts";
import { everythingIn, pathsIn } from "../listed.ts";
import type { ContractLake } from "./contract-lake.ts";

/** Directories made and removed; files and directories moved, copied and joined. */
export function arranging(served: () => ContractLake): void {
  let lake: Lake;
  beforeAll(() => {
    lake = served().lake;
  });

  test("a directory is made once, and removed with its content only when asked", async () => {
    expect(await lake.mkdir("out/dir/x")).toMatchObject({ kind: "directory" });
    expect(await lake.mkdir("out/dir/x")).toMatchObject({ kind: "directory" });
    await lake.write("out/dir/x/a", "a");
    await expect(lake.remove("out/dir")).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await lake.readText("out/dir/x/a")).toBe("a");
    await lake.remove("out/dir", { recursive: true });
    expect(await lake.exists("out/dir")).toBe(false);
    await expect(lake.remove("out/dir")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("a move is one step, keeps the bytes and refuses to replace", async () => {
    await lake.write("out/move/a", "a");
    await lake.write("out/move/b", "b");
    await expect(lake.move("out/move/a", "out/move/b")).rejects.toMatchObject({ code: "EXISTS" });
    await expect(lake.move("out/move/x", "out/move/y")).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await lake.move("out/move/a", "out/move/b", { overwrite: true });
    expect(await pathsIn(lake, "out/move")).toEqual(["out/move/b"]);
    expect(await lake.readText("out/move/b")).toBe("a");
    const moved = await lake.move("out/move", "out/moved #1");
    expect(moved).toMatchObject({ kind: "directory", path: "out/moved #1" });
    expect(await pathsIn(lake, "out/moved #1")).toEqual(["out/moved #1/b"]);
  });

  test("a copy has the bytes, and a directory is not copied into itself", async () => {
    const copied = await lake.copy("in", "out/copy");
    expect(copied).toMatchObject({ path: "out/copy", kind: "directory" });
    expect(await pathsIn(lake, "out/copy/**")).toEqual([
      "out/copy/a.csv",
      "out/copy/deep",
      "out/copy/deep/b.csv",
    ]);
    expect(await lake.readText("out/copy/deep/.hidden")).toBe("h\n");
    await lake.copy("in/a.csv", "out/copied.csv");
    await expect(lake.copy("in/a.csv", "out/copied.csv")).rejects.toMatchObject({ code: "EXISTS" });
    await expect(lake.copy("in", "in/copy")).rejects.toMatchObject({ code: "BAD_PATH" });
  });

  test("files are joined in order and are gone then; nothing is lost when that is refused", async () => {
    const parts = ["out/join/b", "out/join/a,ü", "out/join/empty"];
    const contents = [randomBytes(5_000_000), Buffer.from("ü"), Buffer.alloc(0)];
    for (const [n, part] of parts.entries()) await lake.write(part, contents[n] ?? "");
    await lake.write("out/join/there", "t");
    const refused: [string, string[], string][] = [
      ["EXISTS", parts, "there"],
      ["NOT_FOUND", [...parts, "out/join/none"], "x"],
      ["CONFLICT", [...parts, "in"], "x"],
      ["BAD_PATH", [...parts, "out/join/b"], "x"],
    ];
    for (const [code, wrong, to] of refused) {
      await expect(lake.concat(wrong, `out/join/${to}`)).rejects.toMatchObject({ code });
    }
    await expect(lake.concat([], "out/join/x")).rejects.toMatchObject({ code: "BAD_PATH" });
    expect(await pathsIn(lake, "out/join")).toHaveLength(4);

    const joined = await lake.concat(parts, "out/join/all");
    expect(joined).toMatchObject({ path: "out/join/all", size: 5_000_002 });
    expect(Buffer.compare(await lake.read("out/join/all"), Buffer.concat(contents))).toBe(0);
    await lake.concat(["out/join/there", "out/join/all"], "out/join/there", { overwrite: true });
    expect(Buffer.from(await lake.read("out/join/there", { length: 1 })).toString()).toBe("t");
    expect(await everythingIn(lake, "out/join")).toEqual(["out/join/there"]);

    await lake.write("out/join/more", "more");
    const failing = served().fail({ kind: "status", status: 500, method: "PUT", path: "/.late" });
    const late = lake.concat(["out/join/there", "out/join/more"], "out/join/late");
    await expect(late).rejects.toBeInstanceOf(LakeError);
    failing.remove();
    expect((await lake.du("out/join")).bytes).toBe(5_000_007);
  });
}
