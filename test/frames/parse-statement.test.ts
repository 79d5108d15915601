import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { WritableLake } from "../../src/frames/lake-files.ts";
import { query } from "../../src/frames/query.ts";
import { writeFrame, writeQuery } from "../../src/frames/write-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

async function prepare() {
  await lake.write("a/x.csv", "day,n\n2024-01-01,1\n2024-01-02,2\n");
  await lake.write("a/y.csv", "day,n\n2024-01-03,3\n");
  await lake.write("log.txt", '{"n":1}\n{"n":2}\n');
  await writeParquet(`${folder}/p/x.parquet`, "select 7 as n");
}

/** The lake, as writing sees it. */
const target = Object.assign(Object.create(lake), {
  upload: async (local: string, path: string) => {
    await cp(local, join(folder, path));
    return lake.stat(path);
  },
}) as WritableLake;

describe("functions that read files read the lake", () => {
  it.each([
    ["select sum(n) as s from read_csv('a/*.csv')", [[6]]],
    [
      "select 9007199254740993 as large from read_csv('a/y.csv') where n < 9223372036854775807",
      [["9007199254740993"]],
    ],
    ["from read_csv_auto('a/x.csv') select n where n = 2", [[2]]],
    ["select x.n, p.n as m from read_csv('a/y.csv') x, read_parquet('p/*.parquet') p", [[3, 7]]],
    ["select read_csv.n from read_csv('a/y.csv')", [[3]]],
    ["with t as (from parquet_scan('p/**')) select (select n from t) as n", [[7]]],
    [
      "select list_transform([n], lambda y: y + 1) as l from READ_JSON('log.txt') order by n",
      [["[2]"], ["[3]"]],
    ],
    ["select a.n from read_csv('a/x.csv') as a(d, n) order by 1 limit 1", [[1]]],
  ])("%s", async (sql, expected) => {
    await prepare();
    expect((await query(lake, sql)).values).toEqual(expected);
  });

  it("takes the same file in two formats apart", async () => {
    await prepare();
    const sql = "select count(*) as n from read_csv('log.txt') c, read_json('log.txt') j";
    expect((await query(lake, sql)).values).toEqual([[2]]);
  });

  it.each([
    ["a query for a path", "from read_csv((select 'a/x.csv'))", "nothing to be found out"],
    ["a parameter for a path", "from read_csv(?)", "nothing to be found out"],
    ["a number for a path", "from read_csv(1)", "a path or a pattern of the lake"],
    ["no path", "from read_csv()", "a path or a pattern of the lake"],
    ["two paths", "from read_csv('a/x.csv', 'a/y.csv')", "one path or one list"],
    ["other options", "from read_csv('a/x.csv', max_line_size = 5)", "no option max_line_size"],
    ["an inherited option", "from read_csv('a/x.csv', constructor = 5)", "no option constructor"],
    ["other values", "from read_csv('a/x.csv', ignore_errors = true)", "no option ignore_errors"],
    ["half of a pair", "from read_parquet('p/**', hive_partitioning = false)", "does not take"],
    ["numbers of rows", "from read_csv('a/x.csv') with ordinality", "with ordinality"],
    ["several statements", "select 1; select 2", "there are 2 statements"],
  ])("does not take %s", async (_, sql, words) => {
    await prepare();
    const error = await query(lake, sql).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "BAD_SQL" });
    expect(error.message).toContain(words);
  });

  it("and says which options there are", async () => {
    const error = await query(lake, "from read_csv('a/x.csv', comment = '#')").catch(String);
    expect(error).toMatch(
      /no option comment here\n {2}read_csv\(.*Its options here: .*delim.*skip/,
    );
  });
});

describe("pivot", () => {
  it.each([
    ["pivot 'a/*.csv' on n using max(day)", ["1", "2", "3"]],
    [
      "PIVOT (select x.n from read_csv('a/x.csv') x join 'a/x.csv' y on x.n = y.n) ON n USING count(*)",
      ["1", "2"],
    ],
    ["pivot 'a/*.csv' on n in (1, 3) using count(*)", ["day", "1", "3"]],
    ["pivot 'a/x.csv' on n using first(n) group by day order by day", ["day", "1", "2"]],
  ])("%s", async (sql, columns) => {
    await prepare();
    expect((await query(lake, sql)).columns).toEqual(columns);
  });

  it.each([
    [
      "a subquery",
      "pivot 'a/x.csv' on n using max((select content from read_text('/etc/hostname')))",
    ],
    ["a function in its source", "pivot read_text('/etc/hostname') on content using count(*)"],
    ["a second statement", "pivot 'a/x.csv' on n using count(*); attach 'x.db'"],
    ["an escape", "pivot 'a/x.csv' on n using max(e'\\'') union all from read_text('/etc/x')"],
    ["a note", "pivot 'a/x.csv' on n using max(day) /* ' */ union all from read_text('/etc/x')"],
    ["a text in dollars", "pivot 'a/x.csv' on n using max($a$'$a$) union from read_text('/etc/x')"],
    ["a union", "pivot 'a/x.csv' on n using count(*) union all from read_text('/etc/x')"],
    [
      "a quote",
      `pivot 'a/x.csv' on n using max('it''s') union all select "'" from read_text('/etc/hostname')`,
    ],
  ])("reaches no file by %s", async (_, sql) => {
    await prepare();
    await expect(query(lake, sql)).rejects.toMatchObject({ name: "FrameError", code: "BAD_SQL" });
  });
});

describe("parameters", () => {
  it.each([
    [
      "a Date",
      "select n from 'a/*.csv' where day >= ? order by n",
      [new Date("2024-01-02")],
      [[2], [3]],
    ],
    [
      "a list",
      "select n from 'a/*.csv' where list_contains(?, n) order by n",
      [[1, 3]],
      [[1], [3]],
    ],
    [
      "a list of Dates",
      "select n from 'a/*.csv' where day in ?",
      [[new Date("2024-01-03")]],
      [[3]],
    ],
    ["a named list", "select n from 'a/*.csv' where n in $few", { few: [2n, 5n] }, [[2]]],
    ["an empty list", "select count(*) as n from 'a/*.csv' where n in ?", [[]], [[0]]],
    ["a list with null first", "select n from 'a/*.csv' where n in ?", [[null, 2]], [[2]]],
    ["a list of fractions", "select ? as x", [[1, null, 2.5]], [["[1.0,null,2.5]"]]],
    ["a list of large numbers", "select ? as x", [[1, 2 ** 40]], [["[1,1099511627776]"]]],
    [
      "a list of numbers and bigints",
      "select ? as x",
      [[1, 9007199254740993n]],
      [["[1,9007199254740993]"]],
    ],
    [
      "lists of unlike lengths",
      "select ? as x",
      [[[], [null, 1], [2.5]]],
      [["[[],[null,1.0],[2.5]]"]],
    ],
    ["lists within lists", "select ? as x", [[[1], [2, null]]], [["[[1],[2,null]]"]]],
    ["null", "select ? is null as x", [null], [[true]]],
  ] as const)("may be %s", async (_, sql, parameters, expected) => {
    await prepare();
    expect((await query(lake, sql, { parameters })).values).toEqual(expected);
  });

  it.each([
    ["undefined", undefined],
    ["an object", { a: 1 }],
    ["a Date of no time", new Date("never")],
    ["a list of a text and a number", ["a", 1]],
    ["a list of a list and a number", [[1], 1]],
    ["a list of a fraction and 9007199254740993n", [0.5, 9007199254740993n]],
  ])("may not be %s", async (what, value) => {
    const asked = query(lake, "select ?", { parameters: [value as never] });
    await expect(asked).rejects.toThrow(`parameter number 1 is ${what}`);
    await expect(asked).rejects.toMatchObject({ code: "BAD_OPTIONS" });
  });

  it.each([
    ["select n from 'a/*.csv' where n in (?)", [[1, 3]]],
    ["select n from 'a/*.csv' where n::text in ($few)", { few: ["1", "3"] }],
  ] as const)("say that brackets do not belong around a list: %s", async (sql, parameters) => {
    await prepare();
    await expect(query(lake, sql, { parameters })).rejects.toMatchObject({
      code: "BAD_SQL",
      hint: expect.stringContaining("`x in ?`"),
    });
  });

  it("may stand in a statement whose result is written", async () => {
    await prepare();
    const parameters = { from: new Date("2024-01-02") };
    await writeQuery(target, "out.csv", "select n from 'a/*.csv' where day >= $from order by n", {
      parameters,
    });
    expect(await lake.readText("out.csv")).toBe("n\n2\n3\n");
  });
});

describe("a name that says so is compressed", () => {
  it.each([
    ["out.csv.gz", gunzipSync],
    ["out.csv.zst", zstdDecompressSync],
    ["out.gz", gunzipSync],
  ] as const)("%s", async (name, unpack) => {
    await writeQuery(target, name, "select 1 as n", name === "out.gz" ? { format: "csv" } : {});
    expect(unpack(await readFile(join(folder, name))).toString()).toBe("n\n1\n");
  });
});

it("columns that differ in case only are refused by name when they are written", async () => {
  const frame = { columns: ["id", "Id"], column: () => ({ values: [1] }) };
  const writing = writeFrame(target, "x.parquet", frame);
  await expect(writing).rejects.toMatchObject({ name: "FrameError", code: "BAD_COLUMN" });
  await expect(query(lake, "from f", { frames: { f: frame } })).rejects.toThrow("id and Id differ");
});
