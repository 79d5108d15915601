import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { query } from "../../../src/frames/query.ts";
import { writeQuery } from "../../../src/frames/write-frame.ts";
import { connect, openLake } from "../../../src/index.ts";
import { startPractice } from "../../../src/practice/index.ts";
import { connectSpark } from "../../../src/spark/connect-spark.ts";
import { differenceOf } from "../spark/compare.ts";
import { startSail } from "../spark/engines.ts";

// PYTHON=… node three-writers.ts SEED FOLDER: SEED/tables has what write-tables.ts wrote; FOLDER is
// where `notelake spark` runs.
const [seed = "", folder = ""] = process.argv.slice(2);
const APPENDS = 15;
const run = promisify(execFile);
let failed = 0;

function holds(what: string, difference: string | undefined): void {
  if (difference !== undefined) failed++;
  console.log(
    difference === undefined ? `holds: ${what}` : `does not hold: ${what}\n${difference}`,
  );
}

{
  await using cloud = await startPractice({ seed });
  process.env.NOTELAKE_PRACTICE = cloud.settingsFile;
  await connect();
  const credential = cloud.credential("ada@contoso.com");
  const lake = openLake("tables", { credential, writable: true });
  await using sail = await startSail(cloud, folder);
  const spark = await connectSpark({ url: sail.url });

  async function readsAlike(what: string, sql: string): Promise<void> {
    try {
      holds(what, differenceOf(await query(lake, sql), await spark.query(lake, sql)));
    } catch (error) {
      holds(what, String(error));
    }
  }

  for (const table of ["ours_types", "ours_parts", "ours_many", "ours_frame", "ours_stored"]) {
    await readsAlike(`Sail reads ${table} as it was written`, `from '${table}' order by all`);
  }

  await writeQuery(lake, "wide", "select i as id, i % 300 as p from range(3000) r(i)", {
    format: "delta",
    partitionBy: ["p"],
  });
  await readsAlike(
    "and a table of 300 partitions",
    "select p, count(*) as n, sum(id) as ids from 'wide' group by p order by all",
  );

  await spark.sql(`create table many using delta location '${lake.url}ours_many'`);
  await spark.sql("insert into many values (100, 'of Sail', 1), (101, 'of Sail', 7)");
  await spark.sql("delete from many where n = 10");
  await readsAlike("what Sail added and deleted is read", "from 'ours_many' order by all");
  await writeQuery(lake, "ours_many", "select 102 as n, 'after Sail' as v, 7 as p", {
    format: "delta",
    mode: "append",
  });
  await readsAlike("and what was appended after it", "from 'ours_many' order by all");

  await spark.sql(
    `create table race (writer string, n bigint) using delta location '${lake.url}race'`,
  );
  const append = (n: number) =>
    writeQuery(lake, "race", `select 'notelake' as writer, ${n}::bigint as n`, {
      format: "delta",
      mode: "append",
    });
  const insert = (n: number) => spark.sql(`insert into race values ('Sail', ${n})`);
  const inTurn = async (write: (n: number) => Promise<unknown>) => {
    for (let n = 0; n < APPENDS; n++) await write(n);
  };
  const token = await credential.getToken("https://storage.azure.com/.default");
  const deltalake = run(
    process.env.PYTHON ?? "python3",
    [join(import.meta.dirname, "deltalake_appends.py"), `${lake.url}race`, String(APPENDS)],
    {
      env: {
        ...process.env,
        TOKEN: token?.token,
        SSL_CERT_FILE: cloud.description.caFile,
        HTTPS_PROXY: cloud.description.pages,
      },
    },
  );
  const ends = await Promise.allSettled([inTurn(append), inTurn(insert), deltalake]);
  for (const [index, name] of ["notelake", "Sail", "deltalake"].entries()) {
    const end = ends[index];
    holds(
      `${name} appends ${APPENDS} times while the others do`,
      end?.status === "rejected" ? String(end.reason) : undefined,
    );
  }
  const counted =
    "select writer, count(*) as n, count(distinct n) as d from 'race' group by all order by all";
  const rows = JSON.stringify((await query(lake, counted)).values);
  const expected = JSON.stringify(
    ["Sail", "deltalake", "notelake"].map((name) => [name, APPENDS, APPENDS]),
  );
  holds("of three writers at the same time no row is lost", rows === expected ? undefined : rows);
  await readsAlike("and Sail counts the same", counted);
  await spark.close();
}
console.log(failed === 0 ? "all of it holds" : `${failed} do not hold`);
process.exit(failed === 0 ? 0 : 1);
