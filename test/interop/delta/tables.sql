-- Partitions of odd names, and rows that come, change and go by deletion vectors.
create table delta.`$TABLES/parted` (id bigint, kind string, day date, value double, note string) using delta
  partitioned by (day, kind) tblproperties ('delta.enableDeletionVectors' = true, 'delta.checkpointInterval' = 3);
insert into delta.`$TABLES/parted`
  select id, element_at(array('plain', 'ä 🚲/é', 'a=b&c%d+e #?', "it's \"quoted\"", 'x:y*z', '', null), cast(id % 7 as int) + 1),
    element_at(array(date'2024-01-31', date'1899-12-31', date'0001-01-01', null), cast(id div 50 as int) % 4 + 1),
    if(id % 9 = 0, null, id / 8), concat('row ', id) from range(0, 400, 1, 1);
delete from delta.`$TABLES/parted` where id % 5 = 0;
update delta.`$TABLES/parted` set value = -value, note = 'updated' where id % 11 = 3;
merge into delta.`$TABLES/parted` t using (select id * 2 as id, 'merged' as note from range(0, 250, 1, 1)) s on t.id = s.id
  when matched and t.id % 4 = 0 then delete when matched then update set note = s.note
  when not matched then insert (id, kind, day, value, note) values (s.id, 'late', date'2025-06-07', 0.5, s.note);
delete from delta.`$TABLES/parted` where kind = 'x:y*z';
optimize delta.`$TABLES/parted`;
delete from delta.`$TABLES/parted` where id between 100 and 120;

-- Deletion vectors of all kinds of containers, of files that hold more than 65,536 rows, below a prefix.
set spark.databricks.delta.optimize.maxFileSize = 1073741824;
create table delta.`$TABLES/deleted` (id bigint, odd boolean) using delta
  tblproperties ('delta.enableDeletionVectors' = true, 'delta.randomizeFilePrefixes' = true, 'delta.checkpoint.writeStatsAsJson' = false, 'delta.checkpoint.writeStatsAsStruct' = true, 'delta.checkpointInterval' = 2);
insert into delta.`$TABLES/deleted` select id, id % 2 = 1 from range(0, 200000, 1, 1);
delete from delta.`$TABLES/deleted` where id in (0, 3, 65535, 65536, 131072, 199999);
delete from delta.`$TABLES/deleted` where id between 1000 and 60000;
delete from delta.`$TABLES/deleted` where id > 70000 and id % 3 = 0;

-- Columns under other names than in the files.
create table delta.`$TABLES/mapped_name` (id bigint, region string, amount int, place struct<city string, zip int>, tags array<struct<k string, v int>>) using delta
  partitioned by (region) tblproperties ('delta.columnMapping.mode' = 'name', 'delta.enableDeletionVectors' = true, 'delta.checkpointInterval' = 4);
insert into delta.`$TABLES/mapped_name` select id, if(id % 3 = 0, null, concat('r ', id % 3)), cast(id as int), named_struct('city', concat('c', id), 'zip', cast(id as int)), array(named_struct('k', 'a', 'v', cast(id as int)), null) from range(0, 60, 1, 1);
alter table delta.`$TABLES/mapped_name` rename column amount to `total ä;{}`;
alter table delta.`$TABLES/mapped_name` rename column region to area;
alter table delta.`$TABLES/mapped_name` rename column place.zip to postcode;
alter table delta.`$TABLES/mapped_name` rename column tags.element.v to worth;
insert into delta.`$TABLES/mapped_name` select id, 'new', 7, named_struct('city', 'x', 'postcode', 1), array() from range(60, 80, 1, 1);
alter table delta.`$TABLES/mapped_name` drop column `total ä;{}`;
alter table delta.`$TABLES/mapped_name` add column (`total ä;{}` string, place.country string after city);
alter table delta.`$TABLES/mapped_name` drop column place.city;
insert into delta.`$TABLES/mapped_name` select id, 'newest', named_struct('country', 'nl', 'postcode', 2), array(named_struct('k', 'b', 'worth', 3)), 'text' from range(80, 90, 1, 1);
delete from delta.`$TABLES/mapped_name` where id % 4 = 1;

create table delta.`$TABLES/mapped_id` (id bigint, a int, b map<string, struct<x int, y string>>) using delta tblproperties ('delta.columnMapping.mode' = 'id');
insert into delta.`$TABLES/mapped_id` select id, cast(id as int), map('k', named_struct('x', cast(id as int), 'y', 'why')) from range(0, 20, 1, 1);
alter table delta.`$TABLES/mapped_id` rename column a to c;
alter table delta.`$TABLES/mapped_id` rename column b.value.x to z;
alter table delta.`$TABLES/mapped_id` drop column b.value.y;
alter table delta.`$TABLES/mapped_id` add column a int;
insert into delta.`$TABLES/mapped_id` select id, 5, map('k', named_struct('z', 6), 'n', null), 7 from range(20, 30, 1, 1);

-- A table whose columns were mapped later on.
create table delta.`$TABLES/mapped_late` (id bigint, name string) using delta;
insert into delta.`$TABLES/mapped_late` select id, 'before' from range(0, 10, 1, 1);
alter table delta.`$TABLES/mapped_late` set tblproperties ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = 2, 'delta.minWriterVersion' = 5);
alter table delta.`$TABLES/mapped_late` rename column name to title;
insert into delta.`$TABLES/mapped_late` select id, 'after' from range(10, 20, 1, 1);

-- Checkpoints: version 2 with a top level in Parquet and in JSON, with sidecars; version 1 in parts.
set spark.databricks.delta.checkpointV2.topLevelFileFormat = parquet;
create table delta.`$TABLES/v2_parquet` (id bigint, part int) using delta partitioned by (part) tblproperties ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = 2, 'delta.enableDeletionVectors' = true);
set spark.databricks.delta.checkpoint.partSize = 2;
insert into delta.`$TABLES/v2_parquet` select id, id % 5 from range(0, 50, 1, 1);
insert into delta.`$TABLES/v2_parquet` select id, id % 5 from range(50, 90, 1, 1);
delete from delta.`$TABLES/v2_parquet` where id % 7 = 2;
delete from delta.`$TABLES/v2_parquet` where part = 3;
insert into delta.`$TABLES/v2_parquet` values (1000, null);

set spark.databricks.delta.checkpoint.partSize = 2;
set spark.databricks.delta.checkpointV2.topLevelFileFormat = json;
create table delta.`$TABLES/v2_json` (id bigint, part int) using delta partitioned by (part) tblproperties ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = 2, 'delta.enableDeletionVectors' = true);
insert into delta.`$TABLES/v2_json` select id, id % 5 from range(0, 50, 1, 1);
delete from delta.`$TABLES/v2_json` where id % 7 = 2;
delete from delta.`$TABLES/v2_json` where part = 3;
insert into delta.`$TABLES/v2_json` values (1000, null);

set spark.databricks.delta.checkpoint.partSize = 2;
create table delta.`$TABLES/in_parts` (id bigint, part int) using delta partitioned by (part) tblproperties ('delta.checkpointInterval' = 2);
insert into delta.`$TABLES/in_parts` select id, id % 9 from range(0, 50, 1, 1);
delete from delta.`$TABLES/in_parts` where id % 7 = 2;
insert into delta.`$TABLES/in_parts` values (1000, null);

-- Columns whose types became wider.
create table delta.`$TABLES/widened` (id bigint, a byte, b short, c int, d float, e int, f date, g decimal(5,2), h int, s struct<x byte>, l array<short>, m map<string, int>) using delta
  tblproperties ('delta.enableTypeWidening' = true, 'delta.feature.timestampNtz' = 'supported');
insert into delta.`$TABLES/widened` values
  (1, 127, 32767, 2147483647, 0.1, -5, date'1850-02-03', 999.99, 12345, named_struct('x', 9), array(1, null), map('k', 1)),
  (2, null, -32768, null, cast('NaN' as float), null, null, null, null, null, null, null);
alter table delta.`$TABLES/widened` alter column a type short;
alter table delta.`$TABLES/widened` alter column a type bigint, b type int, c type bigint, d type double, e type double,
  f type timestamp_ntz, g type decimal(12,4), h type decimal(12,2), s.x type int, l.element type int, m.value type bigint;
insert into delta.`$TABLES/widened` values
  (3, 9223372036854775807, 2147483647, -9007199254740993, 0.1, 1.5, timestamp_ntz'1999-01-02 03:04:05.678901', 12345678.1234, 1234567890.12, named_struct('x', 1000), array(70000), map('k', 5000000000));

-- Every type, at its ends, null, and as a partition.
create table delta.`$TABLES/types` (id bigint, i8 byte, i16 short, i32 int, f32 float, f64 double, yes boolean, text string, bytes binary, day date, at timestamp, local timestamp_ntz, money decimal(12,2), wide decimal(38,18), whole decimal(38,0), short varchar(3), list array<int>, dict map<string, date>, deep array<struct<a int, b array<string>>>) using delta;
insert into delta.`$TABLES/types` values
  (1, -128, -32768, -2147483648, cast('-Infinity' as float), cast('NaN' as double), false, '', x'00ff10', date'0001-01-01', timestamp'0001-01-01 00:00:00Z', timestamp_ntz'1582-10-04 12:34:56', -9999999999.99, -12345678901234567890.123456789012345678, -99999999999999999999999999999999999999, 'a', array(), map(), array()),
  (2, 127, 32767, 2147483647, 3.4028235e38, 4.9e-324, true, 'Zürich 🚲\n"x"\\', x'', date'1582-10-15', timestamp'1899-12-31 23:59:59.999999Z', timestamp_ntz'1899-12-31 23:59:59.999999', 0.01, 0.000000000000000001, 9007199254740993, 'abc', array(1, null, -3), map('a', date'1900-01-01', 'b', null), array(named_struct('a', 1, 'b', array('x', null)), null)),
  (3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
  (4, 1, 1, 1, 0.1, 0.1, true, ' x ', x'e4', date'9999-12-31', timestamp'9999-12-31 23:59:59.123Z', timestamp_ntz'2024-02-29 00:00:00', 1, 1, 1, 'zz', array(7), map('', date'2024-02-29'), array(null));
set spark.sql.parquet.outputTimestampType = TIMESTAMP_MICROS;
insert into delta.`$TABLES/types` select id + 10, i8, i16, i32, f32, f64, yes, text, bytes, day, at, local, money, wide, whole, short, list, dict, deep from delta.`$TABLES/types` where id < 9;

create table delta.`$TABLES/partition_types` (id bigint, i8 byte, i64 bigint, f64 double, yes boolean, day date, at timestamp, local timestamp_ntz, money decimal(12,2)) using delta partitioned by (i8, i64, f64, yes, day, at, local, money);
insert into delta.`$TABLES/partition_types` values
  (1, -128, -9223372036854775808, cast('NaN' as double), false, date'0001-01-01', timestamp'1850-01-01 00:00:00.000001Z', timestamp_ntz'1582-10-04 12:34:56', -9999999999.99),
  (2, 127, 9007199254740993, 0.1, true, date'9999-12-31', timestamp'2024-02-29 12:00:00Z', timestamp_ntz'2024-02-29 00:00:00.5', 0.01),
  (3, null, null, null, null, null, null, null, null);

-- What concerns writers only, and commits that carry their own time.
create table delta.`$TABLES/writers` (id bigint not null, name string default 'none') using delta cluster by (id)
  tblproperties ('delta.enableChangeDataFeed' = true, 'delta.enableRowTracking' = true, 'delta.feature.allowColumnDefaults' = 'supported', 'delta.feature.vacuumProtocolCheck' = 'supported');
alter table delta.`$TABLES/writers` add constraint small check (id < 1000);
insert into delta.`$TABLES/writers` (id) select id from range(0, 30, 1, 1);
update delta.`$TABLES/writers` set name = 'changed' where id % 3 = 0;
optimize delta.`$TABLES/writers`;
create table delta.`$TABLES/timed` (id bigint) using delta;
insert into delta.`$TABLES/timed` values (1);
alter table delta.`$TABLES/timed` set tblproperties ('delta.enableInCommitTimestamps' = true, 'delta.checkpointInterval' = 4);
insert into delta.`$TABLES/timed` values (2);
insert into delta.`$TABLES/timed` values (3);
insert overwrite delta.`$TABLES/timed` values (4);

-- Values of any shape.
create table delta.`$TABLES/variants` (id bigint, v variant) using delta;
insert into delta.`$TABLES/variants` select id, parse_json(concat('{"a": ', id, ', "b": [true, null, "ä", 1.5], "c": {"d": "', id, '"}}')) from range(0, 20, 1, 1);
insert into delta.`$TABLES/variants` values (100, null), (101, parse_json('null')), (102, parse_json('"text"')), (103, parse_json('12345678901234567890.5')), (104, parse_json('[]')),
  (105, cast(date'1850-02-03' as variant)), (106, cast(timestamp'1850-02-03 04:05:06.789012' as variant)), (107, cast(timestamp_ntz'2024-02-29 00:00:00' as variant)), (108, cast(cast(-0.05 as decimal(38,18)) as variant)),
  (109, cast(cast(0.1 as float) as variant)), (110, cast(x'00ff' as variant)), (111, cast(-9223372036854775808 as variant)), (112, cast(array(1Y, 300S, 70000, null) as variant)), (113, cast(cast('NaN' as double) as variant)),
  (114, parse_json(concat('{"long": "', repeat('ä', 300), '", "list": [', repeat('1,', 400), '2]}')));

-- Tables that write-tables.ts made.
insert into delta.`$TABLES/ours_types` (id, text, day) values (7, 'Spark', date'2026-01-31');
delete from delta.`$TABLES/ours_types` where id = 1;
insert into delta.`$TABLES/ours_parts` (id, kind, day, text) values (1000, 'ä 🚲/é', date'2024-01-31', 'Spark'), (1001, '%2F', null, 'Spark');
delete from delta.`$TABLES/ours_parts` where kind = 'a=b&c%d+e #?' and id % 2 = 1;
update delta.`$TABLES/ours_parts` set ratio = -1 where day = date'1899-12-31';
optimize delta.`$TABLES/ours_many`;
insert into delta.`$TABLES/ours_many` values (99, 'Spark', 1);
