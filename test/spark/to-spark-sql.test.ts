import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { query } from "../../src/frames/query.ts";
import { openFolder } from "../../src/index.ts";
import { toSparkSql } from "../../src/spark/to-spark-sql.ts";
import { FolderLake } from "../frames/folder-lake.ts";

const lake = new FolderLake(join(import.meta.dirname, "../../data/raw"));
const url = lake.url;

/** The statement in Spark's SQL, with views under the names of what they stand for. */
async function translated(sql: string, options = {}) {
  const { sql: text, setup = [] } = await toSparkSql(lake, sql, options);
  return { text: text.replaceAll(/notelake_[0-9a-f]{16}/g, "VIEW"), setup };
}

describe("places of the lake", () => {
  test("a folder of partitions is one view, and partitions have the types that query gives them", async () => {
    const { text, setup } = await translated("select count(*) as n from 'flights' where month = 1");
    expect(text).toBe("select count(*) as `n` from VIEW as `flights` where (`month` = 1)");
    expect(setup).toHaveLength(1);
    expect(setup[0]).toMatch(/^create or replace temporary view notelake_[0-9a-f]{16} as select /);
    expect(setup[0]).toContain("cast(`month` as bigint) as `month`");
    expect(setup[0]).toContain(`from parquet.\`${url}flights/\``);
  });

  test("a pattern of whole folders is those folders; others are files", async () => {
    const all = await toSparkSql(lake, "select count(*) from 'flights/**/*.parquet'");
    expect(all.setup?.[0]).toContain(`parquet.\`${url}flights/\``);
    const some = await toSparkSql(lake, "select month from 'flights/**/month=0[12]/*.parquet'");
    expect(some.setup?.[0]).toContain("cast('02' as bigint) as `month`");
    expect(some.setup?.[0]?.split("union all")).toHaveLength(2);
    expect(some.setup?.[0]).toContain(`parquet.\`${url}flights/year=2013/month=01/\``);
  });

  test("CSV has its header and types, JSON its schema", async () => {
    const csv = await toSparkSql(lake, "from 'weather/seattle.csv'");
    expect(csv.setup?.[0]).toContain("using csv options");
    expect(csv.setup?.[0]).toContain("header 'true'");
    expect(csv.setup?.[1]).toContain(
      "cast(`date` as date) as `date`, cast(`precipitation` as double)",
    );
    const json = await toSparkSql(lake, "from 'planes/planes.ndjson'");
    expect(json.setup?.[0]).toContain("(`tailnum` string, `year` bigint,");
    expect(json.setup?.[0]).toContain("mode 'FAILFAST'");
  });

  test("a view's name changes with what it says", async () => {
    const first = await toSparkSql(lake, "from 'weather/seattle.csv'");
    const again = await toSparkSql(lake, "select wind from 'weather/seattle.csv'");
    const read = { "weather/seattle.csv": { types: { wind: "VARCHAR" } } };
    const other = await toSparkSql(lake, "from 'weather/seattle.csv'", { read });
    expect(again.setup).toEqual(first.setup);
    expect(other.setup?.[1]).not.toEqual(first.setup?.[1]);
  });

  test("names that Spark takes for patterns, and formats that it has not, are refused", async () => {
    const folder = await mkdtemp(join(tmpdir(), "notelake-spark-"));
    try {
      await writeFile(join(folder, "a.feather"), "");
      const own = new FolderLake(folder);
      await expect(toSparkSql(own, "from 'a.feather'")).rejects.toMatchObject({
        code: "NOT_IN_SPARK",
      });
      await mkdir(join(folder, "x"));
      await writeFile(join(folder, "x", "[a].csv"), "a\n1\n");
      await expect(toSparkSql(own, "from 'x'")).resolves.toBeDefined();
      await writeFile(join(folder, "x", "b.csv"), "a\n1\n");
      await expect(toSparkSql(own, "from 'x/?a?.csv'")).rejects.toThrow("the path x/[a].csv");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the dialect", () => {
  test.each([
    ["select 1 as a order by all", "select 1 as `a` order by 1 asc nulls last"],
    ["select 'it''s \\d' as a", "select 'it\\'s \\\\d' as `a`"],
    ["select 9007199254740993 as a", "select 9007199254740993L as `a`"],
    ["select 1.50 as a, 1e3 as b", "select 1.50 as `a`, 1E3D as `b`"],
    ["select 3 / 2 as a, 3 // 2 as b", "select (cast(3 as double) / 2) as `a`, (3 div 2) as `b`"],
    ["select 2.5::int as a", "select cast(round(2.5, 0) as int) as `a`"],
    ["select count(*)", "select count(*) as `count_star()`"],
    ["select 'a_b' like 'a\\_b' as a", "select ('a_b' like 'a\\\\\\\\_b') as `a`"],
    [
      "select range from range(3)",
      "select `range` from (select id as `range` from range(0L, 3)) as `range`",
    ],
    [
      "select x + 1 as y, y * 2 as z from (values (1)) t(x) where y > 1",
      "select (`x` + 1) as `y`, ((`x` + 1) * 2) as `z` from (select * from (values (1)) as valueslist (`col0`)) as `t` (`x`) where ((`x` + 1) > 1)",
    ],
    ["select $day as a", "select :day as `a`"],
    [
      "select x * ? as y from (values (1)) t(x) where y > ?",
      "select (`x` * :p1) as `y` from (select * from (values (1)) as valueslist (`col0`)) as `t` (`x`) where ((`x` * :p1) > :p2)",
    ],
  ])("%s", async (sql, expected) => {
    expect((await translated(sql)).text).toBe(expected);
  });

  test("parameters by place get names", async () => {
    const { parameters } = await toSparkSql(lake, "select ? + ?", { parameters: [3, 4] });
    expect(parameters).toEqual({ p1: 3, p2: 4 });
    const { parameters: same } = await toSparkSql(lake, "select $a", { parameters: { a: 3 } });
    expect(same).toEqual({ a: 3 });
  });

  test("a list as a parameter is looked into, nulls and all", async () => {
    const none = "case when :p1 is null or `wind` is null then null else false end";
    const sql = "select count(*) as n from 'weather/seattle.csv' where wind in ?";
    const { text } = await translated(sql, { parameters: [[1, null]] });
    expect(text).toContain(`where coalesce(array_contains(:p1, \`wind\`), ${none})`);
    const all = `${sql.replace("count(*)", "wind, count(*)")} group by all order by all`;
    const { text: ordered } = await translated(all, { parameters: [[2.5]] });
    expect(ordered).toContain("order by 1 asc nulls last, 2 asc nulls last");
    await expect(translated(sql, { parameters: [[1, "x"]] })).rejects.toMatchObject({
      code: "BAD_OPTIONS",
    });
  });

  test("nulls come last, as in DuckDB, unless the statement says otherwise", async () => {
    const sql = "select wind from 'weather/seattle.csv' order by wind desc, date nulls first";
    expect((await translated(sql)).text).toContain(
      "order by `wind` desc nulls last, `date` asc nulls first",
    );
  });

  test("qualify becomes a subquery, as neither engine has it", async () => {
    const sql =
      "select date from 'weather/seattle.csv' qualify row_number() over (order by wind) = 1";
    expect((await translated(sql)).text).toBe(
      "select `date` from (select `date`, (row_number() over (order by `wind` asc nulls last) = 1) as notelake_qualify from VIEW as `weather/seattle.csv`) as notelake_qualified where notelake_qualify",
    );
  });

  test("columns have the names in the file, whatever their capitals in the statement", async () => {
    const { text } = await translated("select WIND, w.Date from 'weather/seattle.csv' w");
    expect(text).toBe("select `WIND` as `wind`, `w`.`Date` as `date` from VIEW as `w`");
  });

  test("dataframes keep their names", async () => {
    const day = await query(lake, "select date, 3 as n from 'weather/seattle.csv' limit 2");
    const { text, setup } = await translated("select d.n from day d", { frames: { day } });
    expect(text).toBe("select `d`.`n` from `day` as `d`");
    expect(setup).toEqual([]);
  });
});

describe("refused by name before anything is sent", () => {
  const weather = "from 'weather/seattle.csv'";
  test.each([
    [`select histogram(wind) ${weather}`, "histogram()"],
    [`select distinct on (weather) date ${weather}`, "distinct on"],
    [`select date ${weather} using sample 10`, "using sample"],
    [`pivot 'weather/seattle.csv' on weather using sum(wind)`, "pivot"],
    [`with p as (pivot 'weather/seattle.csv' on weather using sum(wind)) from p`, "pivot"],
    [`from glob('weather/*')`, "glob()"],
    [`select 1 from read_csv(['weather/seattle.csv', 'weather/*.csv'])`, "a list of paths"],
    [`from read_csv('weather/seattle.csv', filename = true)`, "filename"],
    [`select list(wind) ${weather}`, "list() with nulls"],
    [`select columns('temp.*') + 1 ${weather}`, "columns()"],
    [`select time '10:00' as t`, "the type TIME"],
    [`select a.date ${weather} a asof join 'weather/seattle.csv' b on a.date >= b.date`, "asof"],
    [
      `with recursive t as (select 1 as a union all select a + 1 from t where a < 3) from t`,
      "with recursive",
    ],
    [`select regexp_replace(weather, 'a', 'b') ${weather}`, "regexp_replace()"],
    [`select 1 as a union by name select 2 as a`, "union by name"],
  ])("%s", async (sql, what) => {
    // It is DuckDB's SQL, or there would be nothing to refuse.
    await query(lake, sql);
    await expect(toSparkSql(lake, sql)).rejects.toMatchObject({
      code: "NOT_IN_SPARK",
      message: expect.stringContaining(`does not take ${what}`),
      hint: expect.stringContaining("query(lake, sql) takes the statement as it is"),
    });
  });

  test.each([
    [`select wind::varchar as w ${weather}`, "a cast of float values to text"],
    [`select 'w' || wind as w ${weather}`, "|| with a double"],
    [`select concat('w', wind) as w ${weather}`, "concat()"],
    [`select substr(weather, 0, 2) as w ${weather}`, "substr()"],
  ])("what would be another text there: %s", async (sql, what) => {
    await query(lake, sql);
    await expect(toSparkSql(lake, sql)).rejects.toThrow(`does not take ${what}`);
  });

  test("CSV files whose columns are in another order", async () => {
    const folder = await mkdtemp(join(tmpdir(), "notelake-headers-"));
    try {
      await writeFile(join(folder, "a.csv"), "a,b\n1,2\n");
      await writeFile(join(folder, "b.csv"), "a,b\n3,4\n");
      const own = new FolderLake(folder);
      await expect(toSparkSql(own, "from '*.csv'")).resolves.toBeDefined();
      await writeFile(join(folder, "b.csv"), "b,a\n4,3\n");
      expect((await query(own, "select sum(a) as a from '*.csv'")).values).toEqual([[4]]);
      await expect(toSparkSql(own, "from '*.csv'")).rejects.toThrow("have other headers");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("files that are in no Gen2 lake", async () => {
    const here = openFolder(join(import.meta.dirname, "../../data/raw"));
    await expect(toSparkSql(here, weather)).rejects.toThrow(`files of ${here.url}`);
  });

  test("and what is wrong in DuckDB is wrong here", async () => {
    await expect(toSparkSql(lake, `select nothing ${weather}`)).rejects.toMatchObject({
      code: "BAD_SQL",
      message: expect.stringContaining("nothing"),
    });
    await expect(toSparkSql(lake, "select 1; select 2")).rejects.toMatchObject({ code: "BAD_SQL" });
    await expect(toSparkSql(lake, "from 'nowhere'")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const read = { "weather/seattle.csv": { skip: 1 } };
    await expect(toSparkSql(lake, weather, { read })).rejects.toThrow(
      "{ skip } of weather/seattle.csv",
    );
  });
});

describe("a large file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "notelake-large-"));
    const rows = Array.from({ length: 200_000 }, (_, i) => `${i};2020-01-01;x${i}`);
    await writeFile(join(folder, "large.csv"), `n;day;text\n${rows.join("\n")}\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("is not brought here to be translated", async () => {
    const own = new FolderLake(folder);
    const { setup } = await toSparkSql(own, "select sum(n) from 'large.csv'");
    expect(setup?.[0]).toContain("sep ';'");
    expect(setup?.[1]).toContain("cast(`n` as bigint) as `n`, cast(`day` as date) as `day`");
    expect(own.downloads).toEqual([]);
    expect(own.bytes).toBeLessThanOrEqual(2 ** 20);
  });
});
