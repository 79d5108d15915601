import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import type { LoadProgress } from "../../src/frames/cache/load-progress.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { writeFrame, writeQuery } from "../../src/frames/write-frame.ts";
import type { Lake } from "../../src/lake/lake.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import { openPractice, type Practice } from "../auth/practice.ts";
import { scratchFolder } from "./scratch-folder.ts";

scratchFolder();
let practice: Practice;
let lake: Lake;

beforeAll(async () => {
  practice = await openPractice({ seed: join(import.meta.dirname, "../../data") });
  const { service } = practice.practice.description;
  const session = await signInTo(practice.cloud, { method: "client-secret", ...service });
  lake = openLakeIn(practice.cloud, "raw", { credential: session });
});
afterAll(() => practice.practice.close());

describe("with the practice lake", () => {
  it("loads a folder of partitions over TLS and tells how far it is", async () => {
    const steps: LoadProgress[] = [];
    const frame = await loadFrame(lake, "flights", {
      where: "month <= 2",
      columns: ["carrier"],
      onProgress: (step) => steps.push(step),
    });
    // The rows of January and February 2013 in nycflights13.
    expect(frame.shape).toEqual([27_004 + 24_951, 1]);
    expect(steps[0]).toMatchObject({ phase: "download", files: 2, bytesDone: 0 });
    expect(steps.at(-1)).toMatchObject({ filesDone: 2, bytesCached: 0 });
    expect(steps.at(-1)?.bytesDone).toBe(steps[0]?.bytes);
  });

  it("accepts a URL where a path is meant", async () => {
    const frame = await loadFrame(lake, `${lake.url}airlines/airlines.csv`);
    expect(frame.shape).toEqual([16, 2]);
    const url = "https://contosolake.blob.core.windows.net/raw/airlines";
    expect((await loadFrame(lake, `${url}/*.csv`)).shape).toEqual([16, 2]);
    const counted = await query(lake, `select count(*) as n from '${url}/airlines.csv'`);
    expect(counted.values).toEqual([[16]]);
  });

  it("keeps a signature behind a URL out of what it says", async () => {
    const url =
      "https://contosolake.dfs.core.windows.net/raw/airlines/none-*.csv?sp=r&sig=c2VjcmV0c2VjcmV0";
    const refusal = await loadFrame(lake, url).catch(String);
    expect(refusal).toContain("airlines/none-*.csv");
    expect(refusal).not.toContain("c2VjcmV0");
  });

  it("says which file is missing", async () => {
    await expect(loadFrame(lake, "weather/paris.csv")).rejects.toMatchObject({
      name: "LakeError",
      code: "NOT_FOUND",
    });
  });

  it("writes a frame as Parquet and as CSV, and reads the same values back", async () => {
    const sql = `select date_egg, species, bill_length_mm, body_mass_g, sex, '' as empty,
      timestamp '2020-01-02 03:04:05.678' as at, true as yes from 'penguins/penguins.csv' limit 5`;
    const frame = await query(lake, sql);
    for (const path of ["out/penguins.parquet", "out/penguins.csv"]) {
      await writeFrame(lake, path, frame);
      expect((await loadFrame(lake, path)).values).toEqual(frame.values);
      await expect(writeFrame(lake, path, frame)).rejects.toMatchObject({ code: "EXISTS" });
      await writeFrame(lake, path, frame.head(2), { overwrite: true });
      expect((await loadFrame(lake, path)).shape).toEqual([2, 8]);
    }
  });

  it("writes the result of a query to partitions, all of them or none", async () => {
    const sql = "select *, year(date) as year from 'weather/seattle.csv'";
    const partitionBy = ["year", "weather"];
    await writeQuery(lake, "out/weather", sql, { partitionBy });
    const back = await query(
      lake,
      `select (select count(*) from 'out/weather') as there, (select count(*) from (
         select date, precipitation, temp_max, temp_min, wind, weather from 'out/weather'
         except all from 'weather/seattle.csv')) as changed`,
    );
    expect(back.values).toEqual([[1461, 0]]);
    const snow = await loadFrame(lake, "out/weather", { where: "weather = 'snow'" });
    expect(new Set(snow.column("weather").values as string[])).toEqual(new Set(["snow"]));
    await expect(writeQuery(lake, "out/weather", sql, { partitionBy })).rejects.toMatchObject({
      code: "EXISTS",
    });
    const names = [];
    for await (const entry of lake.list("out")) names.push(entry.path);
    expect(names).toEqual(["out/penguins.csv", "out/penguins.parquet", "out/weather"]);
  });
});
