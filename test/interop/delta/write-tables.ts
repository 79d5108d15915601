import { DataFrame } from "danfojs-node";
import { query } from "../../../src/frames/query.ts";
import type { WriteFrameOptions } from "../../../src/frames/write/write-options.ts";
import { writeFrame, writeQuery } from "../../../src/frames/write-frame.ts";
import { openFolder } from "../../../src/lake/open-folder.ts";

// node write-tables.ts new TABLES: writes Delta tables of every type, with odd partitions, replaced
// ones, added columns and checkpoints, for other readers.
// node write-tables.ts more TABLES NAME...: appends to tables that others wrote, and replaces rows.
// node write-tables.ts race TABLES COUNT: appends that many rows to the table `race`, one by one.

const [command = "", folder = "", ...more] = process.argv.slice(2);
const here = openFolder(folder);

function write(table: string, sql: string, options: WriteFrameOptions = {}) {
  return writeQuery(here, table, sql, { format: "delta", mode: "append", ...options });
}

const TYPES = `select * from (values
  (0, true, 1::tinyint, 2::smallint, 3, 9007199254740993, 0.1::float, 0.1::double, 1.25::decimal(9,2),
    12345678901234567890123456.78::decimal(28,2), 'ä''"\\', 'ab'::blob, date '1582-10-15',
    timestamp '2020-01-02 03:04:05.000006', timestamptz '1969-12-31 23:59:59.999999+00', [1, null],
    {a: 1, b: [{c: 'x'}]}, map {'k': 1.5::double}),
  (1, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
  (2, false, -128, -32768, -5, -1, 'nan', '-infinity', -0.01, -1, '', '', date '1900-01-01',
    timestamp '1900-01-01', timestamptz '9999-12-31 23:59:59.999999+00', [], {a: null, b: []}, map {'z': null}))
  v(id, yes, tiny, small, int, big, float, double, price, wide, text, bytes, day, local, at_time, list, part, map)`;

const PARTS = `select i as id, ['plain', 'ä 🚲/é', 'a=b&c%d+e #?', 'it''s "q"', 'x:y*z', '%2F', null][i % 7 + 1] as kind,
  [date '2024-01-31', date '1899-12-31', null][i % 3 + 1] as day, i % 2 = 0 as even, i / 4 as ratio,
  timestamptz '2026-01-31 01:02:03.000004+00' + interval (i % 2) hour as hour, repeat('z', 30 + i % 5) || i as text`;

// What a dataframe has that is written as the engine gave it, without being looked at.
const STORED = `select i as id, i % 7 as few, i * 3000000000 as big, if(i % 11 = 0, 'nan', i / 3) as ratio,
  (i % 4) / 2 as halves, if(i % 5 = 0, null, 'name ' || i % 90) as name, 'ä€𝄞'[1 + i % 3] as sign,
  if(i % 3 = 0, null, i % 2 = 0) as even, if(i < 290, null, i) as late, null as nothing,
  date '1899-12-31' + (i % 700)::int as day, timestamp '1969-12-31 23:59:59' + to_milliseconds(i) as moment
  from range(280000) r(i) where i % 13 > 3 and (i < 900 or i > 279000)`;

async function writeNew(): Promise<void> {
  await write("ours_types", TYPES);
  await write("ours_types", TYPES, { mode: "overwrite" });

  const partitionBy = ["kind", "day", "even", "hour"];
  await write("ours_parts", `${PARTS} from range(60) r(i)`, { partitionBy });
  await write("ours_parts", `${PARTS} from range(60, 90) r(i)`);
  const replaceWhere = "kind = 'plain' and day is null";
  await write("ours_parts", `from (${PARTS} from range(90, 200) r(i)) where ${replaceWhere}`, {
    mode: "overwrite",
    replaceWhere,
  });
  await write("ours_parts", `from (${PARTS} from range(200, 220) r(i)) where even`, {
    mode: "overwrite",
    partitionOverwriteMode: "dynamic",
  });

  for (let n = 0; n < 12; n++) {
    await write("ours_many", `select ${n} as n, 'v' || ${n} as v, ${n % 3} as p`, {
      partitionBy: ["p"],
      ...(n % 8 === 7 && { mode: "overwrite", partitionOverwriteMode: "dynamic" }),
    });
  }

  await writeFrame(here, "ours_stored", await query(here, STORED), { format: "delta" });

  const moments = new DataFrame({
    n: [1, 2.5],
    seen: [new Date("2026-01-31T01:02:03.456Z"), new Date(0)],
  });
  await writeFrame(here, "ours_frame", moments, { format: "delta" });
  await write("ours_frame", "select 3 as n, true as more, timestamp '2026-01-01' as local", {
    mergeSchema: true,
  });
  await write("ours_frame", "select 'other' as one", { mode: "overwrite", overwriteSchema: true });
}

async function writeMore(tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const latest = `from '${table}' limit 7`;
    await write(table, latest);
    await write(table, `select * from '${table}' order by all`, { mode: "overwrite" });
    await write(table, latest);
  }
}

async function race(count: number): Promise<void> {
  for (let n = 0; n < count; n++)
    await write("race", `select 'notelake' as writer, ${n}::bigint as n`);
}

if (command === "new") await writeNew();
else if (command === "more") await writeMore(more);
else await race(Number(more[0]));
