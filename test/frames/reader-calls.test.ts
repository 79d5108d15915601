import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import XLSX from "@e965/xlsx";
import { beforeAll, describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { openFolder } from "../../src/lake/open-folder.ts";
import { metaData, PROTOCOL } from "./delta-table.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

const folder = scratchFolder();
const values = async (sql: string, options = {}) =>
  (await query(openFolder(folder), sql, options)).values;
const columns = async (sql: string) => (await query(openFolder(folder), sql)).columns;

beforeAll(async () => {
  for (const name of ["s/year=2025", "s/year=2026", "p", "j", "own", "d/_delta_log"]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const files = {
    "s/year=2025/a.csv": "id,n\n1,10\n2,20\n",
    "s/year=2026/b.csv": "id,n\n3,30\n",
    "odd.csv": "noise\nid;n;day\n1;1,5;03/02/2026\n2;-;04/02/2026\n",
    "plain.csv": "7,8\n9,10\n",
    "zip.csv": "zip\n01234\n",
    "quoted.csv": "a,b\n'x,y',1\n",
    "own/a.csv": "id,filename\n1,mine\n",
    "own/b.csv": "id,filename\n2,yours\n",
    "j/a.ndjson": '{"id":1}\n{"id":123456789012345678901}\n',
    "j/b.ndjson": '{"id":2,"more":true}\n',
    "index.csv": "id,file_index\n1,5\n",
    "latin.csv": Buffer.from("name\nJos\xe9\n", "latin1"),
    "packed.csv.gz": gzipSync("id\n1\n"),
    ".hidden.csv": "id\n1\n",
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content);
  }
  await writeParquet(join(folder, "p/a.parquet"), "select 1 as id, 'x' as t");
  await writeParquet(join(folder, "p/b.parquet"), "select 2 as id, 'y' as t");
  await writeParquet(
    join(folder, "big.parquet"),
    "select i as id, hash(i) as h, hash(i + 1) as g from range(300_000) r(i)",
  );
  await writeParquet(join(folder, "d/x.parquet"), "select 1 as id");
  await writeParquet(join(folder, "d/y.parquet"), "select 2 as id");
  const book = XLSX.utils.book_new();
  for (const name of ["first", "second"]) {
    XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([["a"], [name]]), name);
  }
  await writeFile(join(folder, "book.xlsx"), XLSX.write(book, { type: "buffer" }));
  await cp(join(import.meta.dirname, "files/plain.arrow"), join(folder, "plain.arrow"));
  const add = (path: string) => ({ add: { path, partitionValues: {}, size: 300 } });
  const fields = [{ name: "id", type: "integer", nullable: true, metadata: {} }];
  const actions = [PROTOCOL, metaData(fields), add("x.parquet"), add("y.parquet")];
  await writeFile(
    join(folder, `d/_delta_log/${"0".repeat(20)}.json`),
    `${actions.map((action) => JSON.stringify(action)).join("\n")}\n`,
  );
});

describe("options of readers are those of `read`", () => {
  it.each([
    [
      "from read_csv('odd.csv', delim = ';', skip = 1, decimal_separator = ',', nullstr = '-', dateformat = '%d/%m/%Y')",
      [
        [1, 1.5, new Date("2026-02-03")],
        [2, null, new Date("2026-02-04")],
      ],
    ],
    [
      "from read_csv('odd.csv', sep := ';', skip := 1, na_values := ['-', 'n/a']) select id",
      [[1], [2]],
    ],
    [
      "from read_csv('plain.csv', header = false)",
      [
        [7, 8],
        [9, 10],
      ],
    ],
    ["from read_csv('zip.csv', types = {'zip': 'VARCHAR'})", [["01234"]]],
    ["from read_csv('zip.csv', dtypes = {zip: 'varchar'}, auto_detect = true)", [["01234"]]],
    ["from read_csv('quoted.csv', quote = chr(39), sample_size = -1)", [["x,y", 1]]],
    ["from read_csv('latin.csv', encoding = 'latin-1')", [["José"]]],
    ["from read_csv(['packed.csv.gz'], compression = 'auto')", [[1]]],
    ["from read_json_auto('j/b.ndjson', format = 'newline_delimited')", [[2, true]]],
    ["from read_xlsx('book.xlsx', sheet = 'second')", [["second"]]],
    ["from read_xlsx('book.xlsx', header = false, sheet = 'first')", [["a"], ["first"]]],
    ["from delta_scan('d') order by id", [[1], [2]]],
  ] as [string, unknown[][]][])("%s", async (sql, expected) => {
    expect(await values(sql)).toEqual(expected);
  });

  it("a list of paths is one table, in the order of the list", async () => {
    const list = "['s/year=2026/*.csv', 's/year=2025/a.csv']";
    expect(await values(`select id, year from read_csv(${list})`)).toEqual([
      [3, 2026],
      [1, 2025],
      [2, 2025],
    ]);
    expect(await values("from read_parquet(['p/b.parquet', 'p/a.parquet'])")).toEqual([
      [2, "y"],
      [1, "x"],
    ]);
    const other = "from read_csv(['zip.csv', 'own/a.csv'])";
    await expect(values(other)).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
    const union =
      "select count(*) as n from read_json(['j/a.ndjson', 'j/b.ndjson'], union_by_name = true)";
    expect(await values(union)).toEqual([[3]]);
    await expect(values("from read_csv(['zip.csv', 'none.csv'])")).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(values("from read_parquet(['p/a.parquet', 'd'])")).rejects.toMatchObject({
      code: "DELTA_TABLE",
    });
  });

  it("one file may be read in two ways", async () => {
    const sql = `select a.n, b.n from read_csv('s/*/b.csv') a,
      read_csv('s/*/b.csv', types = {'n': 'VARCHAR'}) b`;
    expect(await values(sql)).toEqual([[30, "30"]]);
  });

  it("and `read` has the last word", async () => {
    const read = { "odd.csv": { skip: 1, delimiter: ";" } };
    expect(await values("select id from read_csv('odd.csv', skip = 0)", { read })).toEqual([
      [1],
      [2],
    ]);
  });
});

describe("glob lists files of the lake", () => {
  it.each([
    ["from glob('s/*/*.csv')", [["s/year=2025/a.csv"], ["s/year=2026/b.csv"]]],
    ["select g.f from glob('p/*') as g(f) order by f desc", [["p/b.parquet"], ["p/a.parquet"]]],
    ["select count(*) as n from glob(['j/*', 'p/*', 'none/*'])", [[4]]],
    ["from glob('zip.csv')", [["zip.csv"]]],
    ["from glob('none.csv')", []],
    ["from glob('p')", []],
    ["select file from glob('*.csv') where file like '%zip%' or file like '.%'", [["zip.csv"]]],
    ["from glob('z*') union all from glob('odd*')", [["zip.csv"], ["odd.csv"]]],
  ])("%s", async (sql, expected) => {
    expect(await values(sql)).toEqual(expected);
  });

  it("and nothing beyond it", async () => {
    for (const path of ["../*", "/etc/*", "/etc/passwd"]) {
      await expect(values(`from glob('${path}')`)).rejects.toMatchObject({ code: "BAD_PATH" });
    }
    await expect(values("from glob('*', filename = true)")).rejects.toMatchObject({
      code: "BAD_SQL",
    });
  });
});

describe("the file that a row is from", () => {
  const named = [
    [1, "s/year=2025/a.csv"],
    [2, "s/year=2025/a.csv"],
    [3, "s/year=2026/b.csv"],
  ];

  it.each([
    "select id, filename from 's' order by id",
    "select id, filename from read_csv('s/**', filename = true) order by id",
    "select id, file as filename from read_csv('s/**', filename = 'file') order by id",
    "select t.id, t.filename from 's' as t order by 1",
    "select id, FileName as filename from 's' where filename like 's/%' order by filename, id",
    "with t as (select id, filename from 's') select * from t order by id",
    "select * exclude (n, year), filename from 's' order by id",
    "select t.* exclude (n, year), filename from 's' t order by id",
    "select columns(* exclude (n, year)), filename from 's' order by id",
    "select id, filename from 's' join (select 3 as three) q on true order by id",
    "select * from (select id, filename from 's') order by id",
    "from 's' select id, (select filename from 's' b where b.id = a.id) as filename order by id".replace(
      "'s' select",
      "'s' a select",
    ),
  ])("%s", async (sql) => {
    const frame = await query(openFolder(folder), sql);
    expect(frame.columns).toEqual(["id", "filename"]);
    expect(frame.values).toEqual(named);
  });

  it("is not among the columns of a table unless it is asked for", async () => {
    expect(await columns("from 's'")).toEqual(["id", "n", "year"]);
    expect(await columns("select *, filename from 's'")).toEqual(["id", "n", "year", "filename"]);
    expect(await columns("from read_csv('s/**', filename = true)")).toEqual([
      "id",
      "n",
      "year",
      "filename",
    ]);
    expect(await columns("from read_csv('s/**', filename = false)")).toEqual(["id", "n", "year"]);
    expect(
      await columns("select * from 's' a join 'p/*' b using (id) where a.filename > 's'"),
    ).toEqual(["id", "n", "year", "t"]);
    expect(await columns("select a.*, b.filename from 's' a, 'p/*' b")).toEqual([
      "id",
      "n",
      "year",
      "filename",
    ]);
  });

  it("gives way to a column of that name", async () => {
    const sql = "select *, filename as f from 'own/*.csv' order by id";
    expect(await values(sql)).toEqual([
      [1, "mine", "mine"],
      [2, "yours", "yours"],
    ]);
    const explicit = values("from read_csv('own/*.csv', filename = true)");
    await expect(explicit).rejects.toThrow(
      /have a column filename of their own\n.*filename: "file"/,
    );
    expect(await values("select file from read_csv('own/*.csv', filename = 'file')")).toEqual([
      ["own/a.csv"],
      ["own/b.csv"],
    ]);
    const frames = { df: await query(openFolder(folder), "select 1 as id, 'given' as filename") };
    expect(await values("select filename from df join 'p/*' using (id)", { frames })).toEqual([
      ["given"],
    ]);
  });

  it.each([
    ["p/*.parquet", [["p/a.parquet"], ["p/b.parquet"]]],
    ["p/a.parquet", [["p/a.parquet"]]],
    ["d", [["d/x.parquet"], ["d/y.parquet"]]],
    ["j/b.ndjson", [["j/b.ndjson"]]],
    ["book.xlsx", [["book.xlsx"]]],
    ["plain.arrow", [["plain.arrow"]]],
    ["packed.csv.gz", [["packed.csv.gz"]]],
    ["index.csv", [["index.csv"]]],
    ["big.parquet", [["big.parquet"]]],
  ])("is known of %s", async (place, expected) => {
    expect(await values(`select distinct filename from '${place}' order by 1`)).toEqual(expected);
    expect(await values(`select max(filename) as f from '${place}'`)).toEqual(expected.slice(-1));
  });

  it("is that of the lake where a copy in another form is read", async () => {
    const sql = "select distinct filename from read_json('j/*', union_by_name = true) order by 1";
    expect(await values(sql)).toEqual([["j/a.ndjson"], ["j/b.ndjson"]]);
    const latin = "select filename from read_csv('latin.csv', encoding = 'latin-1')";
    expect(await values(latin)).toEqual([["latin.csv"]]);
  });

  it("can be loaded", async () => {
    const frame = await loadFrame(openFolder(folder), "s", {
      filename: "file",
      columns: ["id", "file"],
      where: "file like '%2026%'",
    });
    expect(frame.values).toEqual([[3, "s/year=2026/b.csv"]]);
    const many = await loadFrame(openFolder(folder), "p/*.parquet", { filename: true });
    expect(many.columns).toEqual(["id", "t", "filename"]);
  });

  it("is there by the own reader too, which reads large files", async () => {
    await writeFile(join(folder, "large.csv"), `id,t\n${"1,some text\n".repeat(300_000)}`);
    const frame = await loadFrame(openFolder(folder), "large.csv", { filename: true });
    expect(frame.columns).toEqual(["id", "t", "filename"]);
  });

  it("is refused where the engine could not tell it", async () => {
    await writeParquet(join(folder, "index.parquet"), "select 1 as file_index");
    await cp(join(folder, "index.parquet"), join(folder, "index2.parquet"));
    const asked = values("select filename from 'index*.parquet'");
    await expect(asked).rejects.toThrow(/has a column file_index, which the engine needs/);
  });

  it("leaves natural joins alone that do not speak of it", async () => {
    expect(await values("from 'p/a.parquet' natural join 'p/*.parquet'")).toEqual([[1, "x"]]);
  });

  it.each([
    ["a natural join", "select filename from 'p/a.parquet' natural join 'p/b.parquet'"],
    ["a pivot of a path", "from (pivot 'p/*' on t) p, 's' where s.filename > ''"],
  ])("is refused beside %s, which would count it", async (what, sql) => {
    const asked = values(sql);
    await expect(asked).rejects.toMatchObject({ name: "FrameError", code: "BAD_SQL" });
    await expect(asked).rejects.toThrow(`${what} cannot stand beside`);
  });

  it("may be pivoted on, and not be in the way of a pivot", async () => {
    const sql = "pivot (select n, filename from 's') on filename using sum(n)";
    expect(await values(sql)).toEqual([[30, 30]]);
    expect(await columns("pivot 's' on filename using sum(n) group by year")).toEqual([
      "year",
      "s/year=2025/a.csv",
      "s/year=2026/b.csv",
    ]);
  });
});
