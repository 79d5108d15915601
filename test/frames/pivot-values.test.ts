import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { query } from "../../src/frames/query.ts";
import { openFolder } from "../../src/lake/open-folder.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const ROWS = "shop,year,kind,sold\nA,2025,x,1\nA,2026,y,2\nB,2026,x,4\nB,2026,,8\nC,,x,16\n";
const TABLE = `create table t as select * from (values ('A',2025,'x',1),('A',2026,'y',2),
  ('B',2026,'x',4),('B',2026,null,8),('C',null,'x',16)) v(shop, year, kind, sold)`;

beforeAll(() => writeFile(join(folder, "t.csv"), ROWS));

/** The same statement by the engine alone, over a table `t`. */
async function byTheEngine(sql: string) {
  const engine = await (await DuckDBInstance.create()).connect();
  await engine.run(TABLE);
  const result = await engine.runAndReadAll(sql);
  const rows = result.getRowsJson().map((row) => row.map(numbered));
  return { columns: result.columnNames(), rows: sorted(rows) };
}

const numbered = (value: unknown) =>
  typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

describe("a pivot is what the engine makes of it", () => {
  it.each([
    "pivot t on year using sum(sold)",
    "PIVOT t ON year",
    "pivot_wider t on kind using max(sold) group by shop",
    "pivot t on year, kind using sum(sold) group by shop",
    "pivot t on kind || '-' || year using sum(sold) as s, count(*) as n group by shop",
    "pivot t on case when year = 2025 then 'then' else 'now' end using sum(sold) group by shop",
    "pivot t on year in (2026, 2030) using sum(sold) group by shop",
    "pivot t on year in (2026), kind using sum(sold) group by shop",
    "pivot (from t where sold > 1) on year using sum(sold) group by shop",
    "pivot (from t where false) on year using sum(sold) group by shop",
    "pivot t a join (select shop s2, kind k2 from t) b on shop = s2 on k2 using count(*) group by shop",
    'pivot (pivot t on year using sum(sold) group by shop) on shop using first("2026")',
    "with p as (pivot t on year using sum(sold) group by shop) select * from p where shop > 'A'",
    "with s as (from t where sold < 16), p as (pivot s on year using sum(sold)) select p.* from p",
    "with s as (from t where sold < 16) pivot s on kind using sum(sold) group by shop",
    "with s as (from t), p as (pivot s on kind), s2 as (from p) pivot s2 on shop",
    "select * from (pivot t on year using sum(sold) group by shop) p join t using (shop)",
    "select (select count(*) from (pivot t on year)) as n, * from (pivot t on kind group by year)",
    "from (pivot t on year group by shop) union all by name (pivot t on kind group by shop)",
    "with a as (from t), b as (with a as (from t where sold < 4) pivot a on kind) from b",
    "with pivoted as (select 'pivot a on b' as \"pivot\" from t /* pivot a on b */) from pivoted",
    "pivot t on year using sum(sold) group by shop order by shop desc limit 2",
    "from t pivot (sum(sold) for year in (2025, 2026) group by shop)",
    "from (from t) pivot (sum(sold) for year in (2025, 2026) group by shop)",
    "unpivot (select shop, sold, sold * 2 as twice from t) on sold, twice into name n value v",
    "unpivot (select shop, sold, sold * 2 as twice from t) on columns(* exclude shop)",
  ])("%s", async (sql) => {
    const expected = await byTheEngine(sql);
    for (const source of ["'t.csv'", "read_csv('t.csv', header = true)"]) {
      const here = sql.replace(/(from|pivot|pivot_wider|join) t\b/gi, `$1 ${source}`);
      const named = source.startsWith("read") ? here.replaceAll(") a join", ") as a join") : here;
      const { columns, values } = await query(openFolder(folder), named);
      expect({ columns, rows: sorted(values as unknown[]) }).toEqual(expected);
    }
  });

  it("in the first rows and in the thorough look at a file alike", async () => {
    const many = `a,n\n${"x,1\n".repeat(30_000)}y,2.5\n`;
    await writeFile(join(folder, "late.csv"), many);
    const frame = await query(openFolder(folder), "pivot 'late.csv' on a using sum(n)");
    expect(frame.columns).toEqual(["x", "y"]);
    expect(frame.values).toEqual([[30_000, 2.5]]);
  });

  it("takes values that are named, and with them parameters", async () => {
    const parameters = { least: 2 };
    const pivot = (on: string) =>
      query(
        openFolder(folder),
        `pivot (from 't.csv' where sold >= $least) on ${on} using sum(sold) group by shop order by shop`,
        { parameters },
      );
    expect((await pivot("year in (2026)")).values).toEqual([
      ["A", 2],
      ["B", 12],
      ["C", null],
    ]);
    for (const sql of [
      "pivot (from 't.csv' where sold >= $least) on year",
      "with s as (from 't.csv' where sold >= $least) pivot s on year",
    ]) {
      const asked = query(openFolder(folder), sql, { parameters });
      await expect(asked).rejects.toMatchObject({
        code: "BAD_SQL",
        message: expect.stringMatching(/cannot have parameters.* in \(/is),
      });
    }
  });
});
