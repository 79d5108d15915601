import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = new FolderLake(join(import.meta.dirname, "../../data/raw"));

describe("query", () => {
  it("joins files of several formats and a dataframe", async () => {
    const planes = await loadFrame(lake, "planes/planes.ndjson", { columns: ["tailnum", "seats"] });
    const result = await query(
      lake,
      `select a.name, count(*) as flights, sum(seats) as seats
       from 'flights/**/*.parquet' f join 'airlines/airlines.csv' a using (carrier)
       join planes p using (tailnum) where month = 12 group by all order by flights desc limit 2`,
      { frames: { planes } },
    );
    // Counted by another DuckDB, of Python, over the same files.
    expect(result.columns).toEqual(["name", "flights", "seats"]);
    expect(result.values).toEqual([
      ["United Air Lines Inc.", 4827, 858_872],
      ["JetBlue Airways", 4673, 657_917],
    ]);
  });

  it("downloads only the partitions that its conditions leave", async () => {
    const fresh = new FolderLake(lake.root);
    process.env.NOTELAKE_CACHE = join(folder, "another-cache");
    await query(fresh, "select count(*) from 'flights' where month between 4 and 5 and day = 1");
    expect(fresh.downloads.sort()).toEqual([
      "flights/year=2013/month=04/flights.parquet",
      "flights/year=2013/month=05/flights.parquet",
    ]);
  });

  it("keeps all partitions that any use of a table needs, and does not throw dice for them", async () => {
    const twice = `select (select count(*) from 'flights' where month = 1) as january,
      (select count(*) from 'flights' where month = 2) as february`;
    expect((await query(lake, twice)).values).toEqual([[27_004, 24_951]]);
    const dice =
      "select count(distinct month) as n from 'flights' where random() < 0.5 and month + random() < 14";
    expect((await query(lake, dice)).values).toEqual([[12]]);
  });

  it("takes parameters by place and by name", async () => {
    const sql = "select count(*) as n from 'airlines/airlines.csv' where carrier =";
    expect((await query(lake, `${sql} ?`, { parameters: ["AA"] })).values).toEqual([[1]]);
    const named = await query(lake, `${sql} $c`, { parameters: { c: "x' or 1 = 1 --" } });
    expect(named.values).toEqual([[0]]);
  });

  it("sees one table in a `with` clause, in a subquery and in both at once", async () => {
    const sql = `with few as (from 'airlines/airlines.csv' where carrier < 'B')
      select count(*) as n, (select count(*) from 'airlines/airlines.csv') as m from few`;
    expect((await query(lake, sql)).values).toEqual([[3, 16]]);
  });

  it("keeps sums that a number cannot hold as text", async () => {
    const sql =
      "select 9007199254740993::hugeint as a, 1::decimal(38, 2) as b, 0.1::decimal(4, 1) as c";
    expect((await query(lake, sql)).values).toEqual([["9007199254740993", 1, 0.1]]);
  });

  it("says what a statement is that it does not take", async () => {
    await expect(query(lake, "explain select 1")).rejects.toThrow(
      /^this is no SELECT statement\n.*`query\.plan` tells what one would fetch/,
    );
  });

  it.each([
    ["BAD_SQL", "selec 1"],
    ["BAD_SQL", "drop table x"],
    ["BAD_SQL", "select nope from 'airlines/airlines.csv'"],
    ["NO_TABLE", "from nowhere"],
    ["NO_FILES", "from 'nothing/*.csv'"],
    ["BAD_ROW", "select count(*) from 'bad/*.csv'"],
  ])("says %s to %s", async (code, sql) => {
    await expect(query(lake, sql)).rejects.toMatchObject({ name: "FrameError", code });
  });
});
