import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** What the benches ask of the trips, in SQL that every contender speaks or says in its own way. */
export const totalsByCity = (file: string) =>
  `select city, count(*) as trips, avg(total) as mean from '${file}' group by city order by city`;

// Integers, decimals, text, times and nulls: 10 columns, the same at every run.
const TRIPS = (from: string) => `select i as id, (1 + hash(i) % 6)::bigint as passengers,
  round((hash(i * 3) % 100000) / 1000, 2) as distance,
  round((hash(i * 7) % 900000) / 10000 + 3, 2) as fare,
  'driver ' || (hash(i * 11) % 5000) as driver,
  if(i % 17 = 0, null, 'city ' || (hash(i * 13) % 60)) as city,
  timestamp '2024-01-01' + to_seconds(i * 5) as pickup,
  date '2024-01-01' + (i // 17280)::int as day,
  if(i % 5 = 0, null, (hash(i * 19) % 400)::bigint) as tip,
  round((hash(i * 23) % 1000000) / 7000, 3) as total from ${from}`;

/** Writes taxi-like rows to `trips.csv` and `trips.parquet` in `folder`. */
export async function plantTrips(folder: string, rows: number): Promise<void> {
  const engine = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  await engine.run(`create table trips as ${TRIPS(`range(${rows}) t(i)`)}`);
  await engine.run(`copy trips to '${join(folder, "trips.csv")}' (format csv, header)`);
  await engine.run(`copy trips to '${join(folder, "trips.parquet")}' (format parquet)`);
  engine.closeSync();
}

/** Writes such rows to one Parquet file a month: `month=1/data_0.parquet` in `folder`, and so on. */
export async function plantMonths(folder: string, rows: number): Promise<void> {
  const engine = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  await engine.run(
    `copy (${TRIPS(`range(${rows}) t(i)`).replace(" from ", ", 1 + i % 12 as month from ")})
     to '${folder}' (format parquet, partition_by (month))`,
  );
  engine.closeSync();
}
