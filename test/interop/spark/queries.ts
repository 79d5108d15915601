import type { Parameters } from "../../../src/frames/sql/sql-parameters.ts";

/** Statements that DuckDB, Sail and Apache Spark have to answer alike, by what each is about. */
export const QUERIES: Readonly<Record<string, string>> = {
  count: "select count(*) from 'rides'",
  "group by all, order by all":
    "select vendor, month, count(*) as n, sum(fare) as fares from 'rides' group by all order by all",
  "partition types": "select distinct year, month, month + 1 as next from 'rides' order by month",
  "partition conditions":
    "select count(*) as n, min(day) as first from 'rides/**/*.parquet' where month = 2 and year = 2024",
  "a glob of partitions":
    "select month, count(*) as n from 'rides/year=2024/month=0[12]/*.parquet' group by month order by 1",
  "int64 beyond 2^53": "select id, id + 1 as next from 'rides' order by id desc limit 5",
  "sums beyond 2^63": "select sum(id * 512) as large, sum(id * 512) * 2 as larger from 'rides'",
  "a constant beyond 2^53": "select count(*) as n from 'rides' where id > 9007199254740995",
  "sums of int64":
    "select zone, sum(id) as ids, max(id) - min(id) as span from 'rides' where zone < 5 group by zone order by zone",
  decimals:
    "select zone, sum(fare) as total, max(fare) as most, avg(fare) as mean from 'rides' group by zone order by zone limit 20",
  doubles:
    "select zone, avg(tip) as tip, stddev(tip) as spread, median(tip) as middle from 'rides' group by zone order by zone limit 20",
  nulls:
    "select vendor, count(vendor) as known, count(*) as all_rows, count(tip) as tips from 'rides' group by vendor order by vendor desc",
  "nulls first": "select distinct vendor from 'rides' order by vendor nulls first",
  dates:
    "select day, day + 1 as tomorrow, year(day) as y, quarter(day) as q, dayofweek(day) as d, isodow(day) as i from 'rides' order by id limit 10",
  "date arithmetic":
    "select id, day - date '2024-01-01' as since, day + interval 1 month as later, date_trunc('month', day) as month_start, date_diff('month', date '2023-06-15', day) as months from 'rides' order by id limit 20",
  timestamps:
    "select id, started, started + interval 90 minutes as ended, hour(started) as h, date_trunc('hour', started) as hours from 'rides' order by id limit 20",
  "timestamps formatted":
    "select strftime(started, '%Y-%m-%d %H:%M:%S') as text, started::date as day from 'rides' order by id limit 10",
  nested:
    "select place, place.lat as lat, place.name as name, marks, marks[1] as first_mark, len(marks) as n from 'rides' order by id limit 15",
  unnest:
    "select mark, count(*) as n from (select unnest(marks) as mark from 'rides') group by mark order by mark",
  lambdas:
    "select list_transform(marks, lambda m: m * 2) as twice, list_filter(marks, lambda m: m > 1) as large, list_contains(marks, 3) as three from 'rides' order by id limit 15",
  booleans:
    "select shared, not shared as own, bool_and(shared) as every_one, count(*) filter (where shared) as n from 'rides' group by shared order by shared",
  "division and casts":
    "select zone / 7 as share, zone // 7 as whole, zone % 7 as rest, (tip * 10)::int as tenth, fare::int as fare from 'rides' where tip is not null order by id limit 30",
  texts:
    "select upper(vendor) as up, length(vendor) as n, vendor || '-' || zone as joined, concat(vendor, '!') as loud, substr(vendor, 2, 3) as part, vendor like '%l%' as l, vendor ilike 'Y%' as y from 'rides' order by id limit 30",
  "regular expressions":
    "select distinct regexp_matches(vendor, 'l+') as doubled, regexp_replace(vendor, '[aeiou]', '_', 'g') as bare, regexp_extract(vendor, '([a-z]+)', 1) as word from 'rides' order by all",
  "windows and qualify":
    "select zone, id, fare, row_number() over (partition by zone order by fare desc, id) as nth, sum(fare) over (partition by zone order by id rows between 2 preceding and current row) as lately from 'rides' where zone <= 3 qualify nth <= 3 order by zone, nth",
  "a join with csv":
    "select z.name, z.side, z.opened, count(*) as n, sum(r.fare) as fares from 'rides' r join 'zones/*.csv' z using (zone) where z.open group by all order by n desc, z.name limit 15",
  "csv by itself": "select * from 'zones/zones.csv' order by zone",
  "json by itself": "select *, car.seats as seats from 'people/*.ndjson' order by driver limit 40",
  "left join, coalesce, case":
    "select p.driver, coalesce(p.score, 0) as score, case when d.about.age > 40 then 'old' else 'young' end as age, d.about.langs as langs from 'people' p left join 'drivers.parquet' d on p.driver = d.driver order by p.driver limit 30",
  "with, having, subquery":
    "with busy as (select zone, count(*) as n from 'rides' group by zone having count(*) > 1) select zone, n, n > (select avg(n) from busy) as above from busy where zone in (select zone from 'zones/zones.csv' where level > 0) order by zone",
  "union, except, distinct":
    "select zone from 'rides' where zone < 10 union select zone from 'zones/zones.csv' except select 3 order by zone",
  "grouping sets":
    "select vendor, shared, count(*) as n, grouping(shared) as g from 'rides' group by rollup (vendor, shared) order by all",
  "star with exclude and replace":
    "select * exclude (place, marks) replace (fare * 2 as fare) from 'rides' order by id limit 10",
  "aliases in where":
    "select zone * 10 as tens, tens + 1 as more from 'rides' where tens > 850 order by id limit 10",
  "names without an alias":
    "select count(*), max(fare), sum(zone) + 1, vendor = 'green' from 'rides' where vendor is not null group by vendor order by vendor",
  "max_by, string_agg":
    "select zone, max_by(vendor, id) as last_vendor, string_agg(distinct vendor, '/' order by vendor) as vendors from 'rides' where vendor is not null group by zone order by zone limit 10",
};

/** Files of CSV in which two quotes are an empty text: Sail takes them for null. */
export const NOT_ON_SAIL: Readonly<Record<string, string>> = {
  "empty texts of csv":
    "select id, note, note is null as none, n from 'notes/notes.csv' order by id",
};

/** Values for `?` and `$name`, which all of them have to take alike. */
export const WITH_PARAMETERS: readonly (readonly [sql: string, parameters: Parameters])[] = [
  [
    "select zone, count(*) as n from 'rides' where zone in ? group by all order by all",
    [[3, 1, 90]],
  ],
  ["select count(*) as n from 'rides' where vendor in $few", { few: ["green", "o'hare", null] }],
  ["select count(*) as n from 'rides' where zone not in ?", [[1, 2n]]],
  ["select count(*) as n from 'rides' where tip in ?", [[null, 1, 2.5]]],
  ["select count(*) as n from 'rides' where vendor in ?", [[]]],
  ["select ? as a, $2 as b, list_contains(?, 2) as c", [1, "it's", [1, 2]]],
  [
    "select min(id) as first from 'rides' where day >= $day and started < $until",
    { day: new Date("2024-02-01"), until: new Date("2024-12-24T12:00:00Z") },
  ],
];

/** Those that tell most, for an engine that takes seconds for each. */
export const FEW: readonly string[] = [
  "group by all, order by all",
  "a glob of partitions",
  "int64 beyond 2^53",
  "sums of int64",
  "sums beyond 2^63",
  "date arithmetic",
  "timestamps",
  "nested",
  "division and casts",
  "regular expressions",
  "windows and qualify",
  "a join with csv",
  "json by itself",
  "grouping sets",
];
