import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DataFrame } from "danfojs-node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { writeFrame } from "../../src/frames/write-frame.ts";
import { deltaWriting } from "./delta-writing.ts";

const { write, append, overwrite, rows, actions, folder, here } = deltaWriting();

describe("partitions", () => {
  const VALUES = [
    "plain",
    "ä 🚲/é",
    "a=b&c%d+e #?",
    'it\'s "q"',
    "%2F",
    ".",
    "a:b*c\\d{e}[f]^",
    "__x",
  ];

  it("are folders as Hive escapes them, and values in the log", async () => {
    const list = VALUES.map((value) => `('${value.replaceAll("'", "''")}')`).join(", ");
    await write(`select p, length(p) as n from (values ${list}, (null)) v(p)`, {
      partitionBy: ["p"],
    });
    expect((await rows("select p from 't'")).flat().sort()).toEqual([...VALUES, null].sort());
    const added = (await actions(0)).flatMap(({ add }) => (add ? [String(add.path)] : []));
    const folders = added.map((path) => decodeURIComponent(path).split("/")[0]).sort();
    expect(folders).toContain("p=__HIVE_DEFAULT_PARTITION__");
    expect(folders).toContain("p=a%3Db&c%25d+e %23%3F");
    expect(folders).toContain("p=a%3Ab%2Ac%5Cd%7Be}%5Bf%5D%5E");
  });

  it("of any values come back", async () => {
    const cell = fc.option(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }));
    const clean = cell.filter((text) => text === null || !/[\0/\\]/.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(clean, fc.option(fc.integer()), fc.string()), {
          minLength: 1,
          maxLength: 8,
        }),
        async (list) => {
          await rm(join(folder, "t"), { recursive: true, force: true });
          const frame = new DataFrame({
            p: list.map(([p]) => p),
            q: list.map(([, q]) => q),
            text: list.map(([, , t]) => t),
          });
          await writeFrame(here, "t", frame, { format: "delta", partitionBy: ["p", "q"] });
          const sorted = (values: unknown[]) => values.map((row) => JSON.stringify(row)).sort();
          expect(sorted(await rows("from 't'"))).toEqual(sorted(list));
        },
      ),
      { numRuns: 12 },
    );
  });

  it("are of every type that has a text, and refused as empty text or bytes", async () => {
    const sql = `select 1 as n, true as b, 2::bigint as i, 'infinity'::double as f, 1.50::decimal(5,2) as d,
      date '2026-01-31' as day, timestamp '2026-01-31 01:02:03.000004' as local,
      timestamptz '2026-01-31 01:02:03+00' as moment`;
    await write(sql, { partitionBy: ["b", "i", "f", "d", "day", "local", "moment"] });
    expect(await rows("from 't'")).toEqual((await query(here, sql)).values);
    expect((await actions(0)).find(({ add }) => add)?.add?.partitionValues).toEqual({
      b: "true",
      i: "2",
      f: "Infinity",
      d: "1.50",
      day: "2026-01-31",
      local: "2026-01-31 01:02:03.000004",
      moment: "2026-01-31T01:02:03.000000Z",
    });
    const replace = { overwriteSchema: true };
    const empty = overwrite("select 1 as n, '' as p", { ...replace, partitionBy: ["p"] });
    await expect(empty).rejects.toThrow(/cannot keep an empty text/);
    const bytes = overwrite("select 1 as n, ''::blob as p", { ...replace, partitionBy: ["p"] });
    await expect(bytes).rejects.toMatchObject({ code: "UNSUPPORTED" });
    const all = overwrite("select 1 as n", { ...replace, partitionBy: ["n"] });
    await expect(all).rejects.toThrow(/no column beside its partitions/);
    await expect(append("select 1 as n", { partitionBy: ["n"] })).rejects.toThrow(
      /is partitioned by b, i/,
    );
  });

  it("are replaced by a condition, or where there are new rows", async () => {
    await write("select y, i from range(3) r(y), range(2) s(i)", { partitionBy: ["y"] });
    await overwrite("select 1 as y, 10 as i", { replaceWhere: "y >= 1" });
    expect(await rows()).toEqual([
      [0, 0],
      [0, 1],
      [1, 10],
    ]);
    await overwrite("from (values (1, 11), (5, 50)) v(y, i)", {
      partitionOverwriteMode: "dynamic",
    });
    expect(await rows()).toEqual([
      [0, 0],
      [0, 1],
      [1, 11],
      [5, 50],
    ]);
    const outside = overwrite("select 7 as y, 1 as i", { replaceWhere: "y < 3" });
    await expect(outside).rejects.toThrow(/rows with y = 7 are not among those/);
    await expect(overwrite("select 1 as y", { replaceWhere: "i = 1" })).rejects.toMatchObject({
      code: "BAD_SQL",
    });
    const other = overwrite("select 1 as y", { replaceWhere: "y in (from 'x.csv')" });
    await expect(other).rejects.toThrow(/reads another table/);
    await overwrite("select 0 as y, 0 as i where false", { replaceWhere: "y = 0" });
    expect(await rows()).toEqual([
      [1, 11],
      [5, 50],
    ]);
    expect((await loadFrame(here, "t", { version: 0 })).shape[0]).toBe(6);
  });
});
