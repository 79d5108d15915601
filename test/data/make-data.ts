/**
 * Makes the folder `data/` anew from the packages that data/README.md names.
 *
 *     node test/data/make-data.ts FOLDER
 *
 * FOLDER holds flights.csv, planes.csv, airlines.csv, penguins-raw.csv and seattle-weather.csv as
 * those packages ship them. The same input always gives the same bytes.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const from = process.argv[2] ?? ".";
const to = join(import.meta.dirname, "../../data");
const database = await DuckDBInstance.create(":memory:", { threads: "1" });
const connection = await database.connect();

const source = (name: string) => `read_csv('${join(from, name)}', nullstr = 'NA')`;

async function copy(query: string, path: string, format: string): Promise<void> {
  const file = join(to, path);
  await mkdir(dirname(file), { recursive: true });
  await connection.run(`copy (${query}) to '${file}' (${format})`);
}

const flights = `select day::tinyint as day, time_hour::timestamp as scheduled_hour,
  dep_time::smallint as dep_time, dep_delay::smallint as dep_delay,
  arr_time::smallint as arr_time, arr_delay::smallint as arr_delay,
  carrier, flight::smallint as flight, tailnum, origin, dest,
  air_time::smallint as air_time, distance::smallint as distance
  from ${source("flights.csv")}`;

for (let month = 1; month <= 12; month++) {
  const folder = `raw/flights/year=2013/month=${String(month).padStart(2, "0")}`;
  // Sorted by tail number within a day: that is what compresses best.
  const rows = `${flights} where month = ${month} order by origin, carrier, dest, flight, day, dep_time`;
  const parquet = "format parquet, parquet_version v2, compression zstd, compression_level 19";
  await copy(rows, `${folder}/flights.parquet`, parquet);
}
await copy(
  `select tailnum, year, type, manufacturer, model, engines, seats, engine
   from ${source("planes.csv")} order by tailnum`,
  "raw/planes/planes.ndjson",
  "format json",
);
await copy(`from ${source("airlines.csv")}`, "raw/airlines/airlines.csv", "format csv, header");
await copy(
  `select "studyName" as study, "Individual ID" as individual, split_part("Species", ' ', 1) as species,
   "Island" as island, "Date Egg"::date as date_egg, "Culmen Length (mm)" as bill_length_mm,
   "Culmen Depth (mm)" as bill_depth_mm, "Flipper Length (mm)" as flipper_length_mm,
   "Body Mass (g)" as body_mass_g, lower(nullif("Sex", '.')) as sex
   from ${source("penguins-raw.csv")}`,
  "raw/penguins/penguins.csv",
  "format csv, header",
);
await copy(
  `select make_date(year, month, day) as date, origin, count(*)::int as flights,
   count(*) filter (dep_time is null)::int as cancelled, round(avg(dep_delay), 2) as mean_dep_delay
   from ${source("flights.csv")} group by all order by all`,
  "curated/flights-per-day/flights-per-day.parquet",
  "format parquet, compression zstd",
);

const weather = await readFile(join(from, "seattle-weather.csv"), "utf8");
const lines = weather.trim().replaceAll("\r", "").split("\n");
await mkdir(join(to, "raw/weather"), { recursive: true });
await writeFile(join(to, "raw/weather/seattle.csv"), `${lines.join("\n")}\n`);
// The first month, with a comma too many on the twelfth line, as a careless export leaves it.
const ragged = lines.slice(0, 32);
ragged[11] = `${ragged[11]?.replace(/,(?=[^,]*$)/, ",,")}`;
await mkdir(join(to, "raw/bad"), { recursive: true });
await writeFile(join(to, "raw/bad/weather-with-a-ragged-row.csv"), `${ragged.join("\n")}\n`);
