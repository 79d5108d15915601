import type { WritableLake } from "../../../src/frames/lake-files.ts";
import { writeQuery } from "../../../src/frames/write-frame.ts";
import type { Lake } from "../../../src/lake/lake.ts";

/** The same rows for the same number: nothing in them is drawn by chance. */
const rides = (rows: number) => `
  with ids as (select range as i from range(${rows})),
  dice as (select i, (i * 7919 + 104729) % 1000003 as r, (i * 15485863) % 179424673 as q from ids)
  select
    9007199254740993 + i as id,
    (r % 90 + 1)::smallint as zone,
    case when r % 11 = 0 then null else ['yellow', 'green', 'blue', 'Ünlü', 'o''hare'][r % 5 + 1] end as vendor,
    (q % 1000000 / 100)::decimal(10, 2) as fare,
    case when q % 7 = 0 then null else (q % 997)::double / 8 end as tip,
    q % 3 = 0 as shared,
    date '2024-01-01' + (r % 366)::int as day,
    timestamp '2024-01-01 00:00:00' + to_seconds(q % 31622400) + to_milliseconds((r % 1000)::double) as started,
    {'lat': (r % 180)::double / 2 - 45, 'name': 'p' || r % 10} as place,
    case when r % 13 = 0 then null else [r % 4, r % 6] end as marks,
    2024 as year,
    lpad((r % 3 + 1)::varchar, 2, '0') as month
  from dice`;

const zones = `
  select range + 1 as zone, 'Zone ' || (range + 1) as name,
    case when range % 4 = 0 then null else ['north', 'south; west', 'say "hi"'][range % 3 + 1] end as side,
    date '2020-02-28' + range::int as opened, (range * 1.5 - 20)::double as level, range % 2 = 0 as open
  from range(90)`;

const drivers = `
  select range as driver, 'yellow' as vendor, {'age': 20 + range % 40, 'langs': ['en', 'l' || range % 3]} as about
  from range(500)`;

/** Writes the tables that the queries read: Parquet in partitions, CSV, and JSON with an object a line. */
export async function writeTables(lake: WritableLake & Lake, rows: number): Promise<void> {
  await writeQuery(lake, "rides", rides(rows), { partitionBy: ["year", "month"] });
  await writeQuery(lake, "zones/zones.csv", zones);
  await writeQuery(lake, "drivers.parquet", drivers);
  await lake.write("notes/notes.csv", 'id,note,n\n1,"",5\n2,,\n3,"x ""y""",7\n4,"","1"\n');
  const lines = Array.from({ length: 200 }, (_, i) =>
    JSON.stringify({
      driver: i,
      name: `driver ${i}`,
      score: i % 5 === 0 ? null : i / 4,
      car: { plate: `P${i}`, seats: (i % 5) + 2 },
    }),
  );
  await lake.write("people/people.ndjson", `${lines.join("\n")}\n`);
}
