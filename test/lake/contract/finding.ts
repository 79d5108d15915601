import { beforeAll, expect, test } from "vitest";
import type { Lake, LakeEntry } from "../../../src/lake/lake.ts";
import { pathsIn } from "../listed.ts";
import { collect } from "../practice-cloud.ts";
import type { ContractLake } from "./contract-lake.ts";

/** What is found by name and by pattern, and how what is not there is told. */
export function finding(served: () => ContractLake): void {
  let lake: Lake;
  beforeAll(() => {
    lake = served().lake;
  });

  test("globs find what they say, in path order", async () => {
    expect(await pathsIn(lake, "in")).toEqual(["in/a.csv", "in/deep"]);
    expect(await pathsIn(lake, "in/**")).toEqual(["in/a.csv", "in/deep", "in/deep/b.csv"]);
    expect(await pathsIn(lake, "**/{a,b}.csv")).toEqual(["in/a.csv", "in/deep/b.csv"]);
    expect(await pathsIn(lake, "in/a.csv")).toEqual(["in/a.csv"]);
    expect(await pathsIn(lake, "in/*/.h*")).toEqual(["in/deep/.hidden"]);
  });

  test("what is missing is said to be, with what is there instead", async () => {
    const missing = {
      code: "NOT_FOUND",
      status: 404,
      hint: expect.stringMatching(/^in has: .*a.csv/),
    };
    await expect(lake.read("in/b.csv")).rejects.toMatchObject(missing);
    await expect(lake.stat("in/b.csv")).rejects.toMatchObject(missing);
    await expect(collect(lake.list("in/b.csv"))).rejects.toMatchObject(missing);
    await expect(lake.move("in/b.csv", "in/c.csv")).rejects.toMatchObject(missing);
    expect(await lake.exists("in/b.csv")).toBe(false);
  });

  test("usage and tree count and draw all that is there", async () => {
    expect(await lake.du("in")).toEqual({ files: 3, directories: 1, bytes: 6 });
    expect(await lake.tree("in")).toBe(
      ["in", "├── a.csv  2 B", "└── deep/", "    ├── .hidden  2 B", "    └── b.csv  2 B"].join(
        "\n",
      ),
    );
    expect(await lake.tree("in", { depth: 1 })).toBe("in\n├── a.csv  2 B\n└── deep/");
  });

  test("an entry is the same from a list, a stat and a write", async () => {
    const written: LakeEntry = await lake.write("out/same/a", "abc");
    expect(await lake.stat("out/same/a")).toEqual(written);
    expect(await collect(lake.list("out/same"))).toEqual([written]);
  });
}
