import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const lake = new FolderLake(scratchFolder());

/** Statements whose reading takes some of the engine's stack for each of `depth` levels. */
const DEEP: Readonly<Record<string, (depth: number) => string>> = {
  parentheses: (depth) => `select ${"(".repeat(depth)}1${")".repeat(depth)} as x`,
  sums: (depth) => `select ${"1 + ".repeat(depth)}1 as x`,
  negations: (depth) => `select ${"not ".repeat(depth)}true as x`,
  lists: (depth) => `select ${"[".repeat(depth)}1${"]".repeat(depth)} as x`,
  structs: (depth) => `select ${"{'a': ".repeat(depth)}1${"}".repeat(depth)} as x`,
  types: (depth) => `select null::int${"[]".repeat(depth)} as x`,
  calls: (depth) => `select ${"abs(".repeat(depth)}1${")".repeat(depth)} as x`,
  cases: (depth) => `select ${"case when true then ".repeat(depth)}1${" end".repeat(depth)} as x`,
  subqueries: (depth) => `${"select * from (".repeat(depth)}select 1 as x${")".repeat(depth)}`,
};

async function outcome(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "a result",
    (error) => `${error.name} ${error.code}`,
  );
}

describe("SQL that is nested deeply ends a call and never the process", () => {
  it.each(Object.entries(DEEP))("%s", async (_, sqlOf) => {
    expect((await query(lake, sqlOf(50))).shape).toEqual([1, 1]);
    // Where the engine itself refuses, and where it would take minutes to say so.
    for (const depth of [900, 4000]) {
      const found = await outcome(query(lake, sqlOf(depth)));
      expect(["a result", "FrameError BAD_SQL"]).toContain(found);
    }
    expect((await query(lake, "select 1 as x")).values).toEqual([[1]]);
  });

  it("a condition", async () => {
    await lake.write("t.csv", "a\n1\n");
    const where = `${"not ".repeat(5000)}a = 1`;
    const error = await loadFrame(lake, "t.csv", { where }).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "BAD_SQL" });
    expect(error.message).toMatch(/^the statement is nested too deeply\n/);
    expect((await loadFrame(lake, "t.csv", { where: "a = 1" })).values).toEqual([[1]]);
  });

  it("but a long list of values, conditions or texts is not deep", async () => {
    await lake.write("t.csv", "a\n1\n");
    const ids = Array.from({ length: 2000 }, (_, id) => id).join(", ");
    expect((await loadFrame(lake, "t.csv", { where: `a in (${ids})` })).values).toEqual([[1]]);
    const where = `${"a > 0 and ".repeat(1000)} a = 1`;
    expect((await loadFrame(lake, "t.csv", { where })).values).toEqual([[1]]);
    const text = "[{".repeat(1000);
    expect((await query(lake, `select '${text}' as x`)).values).toEqual([[text]]);
  });
});
