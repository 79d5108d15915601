import { join } from "node:path";
import { expect, test } from "vitest";
import { query } from "../../src/connect/frames.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { planText } from "../../src/frames/query-plan.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = new FolderLake(join(import.meta.dirname, "../../data/raw"));

/** With nothing on this machine yet. */
function fresh(name: string): FolderLake {
  process.env.NOTELAKE_CACHE = join(folder, name);
  return new FolderLake(lake.root);
}

const sum = async (...paths: string[]) => {
  const entries = await Promise.all(paths.map((path) => lake.stat(path)));
  return entries.reduce((total, { size }) => total + size, 0);
};

const TWO = `select count(*) from 'flights' f join 'airlines/airlines.csv' a using (carrier)
  where f.month in (1, 2)`;

test("the files are those that the conditions leave, and none is brought", async () => {
  const own = fresh("plan");
  const bytes = await sum(
    "flights/year=2013/month=01/flights.parquet",
    "flights/year=2013/month=02/flights.parquet",
  );
  const plan = await query.plan(own, "select count(*) from 'flights' where month in (1, 2)");
  expect(plan).toMatchObject({ files: 2, bytes, bytesToMove: bytes });
  expect(plan.tables).toEqual([{ place: "flights", files: 2, bytes, cachedBytes: 0 }]);
  expect(own.downloads).toEqual([]);
  expect(own.bytes).toBe(0);
});

test("each table has a line, and what is here already does not count", async () => {
  const own = fresh("cached");
  await loadFrame(own, "airlines/airlines.csv");
  const plan = await query.plan(own, TWO);
  const airlines = await sum("airlines/airlines.csv");
  expect(plan.tables.map(({ place, files }) => [place, files])).toEqual([
    ["flights", 12],
    ["airlines/airlines.csv", 1],
  ]);
  expect(plan.bytes - plan.bytesToMove).toBe(airlines);
  expect(planText(plan)).toMatch(
    /^13 files of [\d.]+ MB, of which [\d.]+ MB at most come to this machine\n {2}flights: 12 files of [\d.]+ MB\n {2}airlines\/airlines.csv: 1 file of \d+ B$/,
  );
  await query(own, TWO);
  const again = await query.plan(own, TWO);
  expect(again.bytesToMove).toBe(0);
  expect(planText(again)).toContain("all of it on this machine already");
});

test("dataframes move nothing", async () => {
  const few = await loadFrame(lake, "airlines/airlines.csv", { limit: 2 });
  const plan = await query.plan(fresh("frames"), "select * from few", { frames: { few } });
  expect(plan).toMatchObject({ files: 0, bytes: 0, tables: [] });
});

test("more than maxBytes is refused before anything is brought, and the cluster is named", async () => {
  const own = fresh("refused");
  await expect(
    query(own, "select count(*) from 'flights'", { maxBytes: 10 }),
  ).rejects.toMatchObject({
    code: "TOO_LARGE",
    message: expect.stringMatching(/^12 files of [\d.]+ MB in all, the limit is 10 B\n/),
    hint: expect.stringContaining("A cluster reads them where they are: spark.query(lake, sql)"),
  });
  expect(own.downloads).toEqual([]);
  await expect(loadFrame(own, "flights", { maxBytes: 10 })).rejects.toMatchObject({
    code: "TOO_LARGE",
    hint: expect.stringContaining("npx notelake spark"),
  });
  const { bytes } = await query.plan(own, "select count(*) from 'flights' where month = 1");
  const within = { maxBytes: bytes };
  await query(own, "select count(*) from 'flights' where month = 1", within);
});
