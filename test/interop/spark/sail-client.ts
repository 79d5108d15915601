import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DataFrame } from "../../../src/frames/danfo/danfo-module.ts";
import { loadDanfo } from "../../../src/frames/danfo/load-danfo.ts";
import { connectSpark } from "../../../src/spark/connect-spark.ts";
import type { SparkSession } from "../../../src/spark/spark-session.ts";
import { jobsOf, sessionsOf } from "../../spark/server-state.ts";
import { startGuard } from "./guarded-server.ts";
import { openLine, startSail } from "./sail-server.ts";

// node sail-client.ts PYTHON FOLDER: the client against a Sail that it starts with that Python.
const [python = "python3", folder = "."] = process.argv.slice(2);
const PORT = 20_000 + (process.pid % 20_000);

const sail = await startSail(python, PORT);
const line = await openLine(PORT);
const guard = await startGuard(PORT);
const url = `sc://127.0.0.1:${PORT}`;
// Whoever asks the server about the others.
const watcher = await connectSpark({ url, reconnectFor: 3000 });

async function holds(what: string, check: () => Promise<unknown>): Promise<void> {
  try {
    await check();
    console.log(`holds: ${what}`);
  } catch (error) {
    console.log(`does not hold: ${what}`, error);
    process.exitCode = 1;
  }
}

const rows = (frame: DataFrame) => frame.values as unknown[][];
const fails = (work: Promise<unknown>, expected: object) => assert.rejects(work, expected);

/** Waits until the last job of the session has ended so. */
async function until(session: SparkSession, ...ends: readonly string[]): Promise<void> {
  let found: unknown[] = [];
  for (let tries = 0; tries < 50; tries++) {
    found = await jobsOf(watcher, session.id);
    if (ends.includes(String(found[0]))) return;
    await sleep(100);
  }
  assert.fail(`the last job of the session is ${found[0]}`);
}

const MANY = "select id, sha2(cast(id as string), 256) as hash from range(200000)";
const LONG =
  "select sum(length(sha2(sha2(sha2(cast(id as string), 512), 512), 512))) as s from range(40000000)";

const spark = await connectSpark({ url });

await holds("values of every type arrive as query has them", async () => {
  const frame = await spark.sql(`select 1 as a, 'x' as s, cast(1.5 as decimal(10,2)) as d,
    cast(12345678901234567890.12 as decimal(22,2)) as wide, timestamp'2013-01-01 05:00:00.5' as t,
    timestamp'2013-01-01 00:00:00.000001' as fine, timestamp_ntz'2013-01-01 00:00:00' as local,
    date'2013-01-02' as day, array(1, 2) as list, named_struct('q', 1) as struct, map('k', 1) as map,
    cast(9007199254740993 as bigint) as big, cast(null as int) as nothing, true as yes,
    cast('a' as binary) as bytes, null as void, cast(1.5 as float) as f, cast(3 as tinyint) as tiny`);
  assert.deepEqual(
    Object.fromEntries(frame.columns.map((name, at) => [name, rows(frame)[0]?.[at]])),
    {
      a: 1,
      s: "x",
      d: 1.5,
      wide: "12345678901234567890.12",
      t: new Date("2013-01-01T05:00:00.500Z"),
      fine: "2013-01-01 00:00:00.000001+00",
      local: new Date("2013-01-01T00:00:00Z"),
      day: new Date("2013-01-02T00:00:00Z"),
      list: "[1,2]",
      struct: '{"q":1}',
      map: '{"k":1}',
      big: "9007199254740993",
      nothing: null,
      yes: true,
      bytes: "YQ==",
      void: null,
      f: 1.5,
      tiny: 3,
    },
  );
});

await holds("parameters keep their values and types", async () => {
  const frame = await spark.sql(
    "select ? as a, ? as b, ? as c, ? as d, array_contains(?, 2) as e",
    {
      parameters: [1, "it's; -- ?", 2n ** 40n, new Date("2013-01-01T00:00:00.123Z"), [1, 2, 3]],
    },
  );
  assert.deepEqual(rows(frame), [
    [1, "it's; -- ?", 2 ** 40, new Date("2013-01-01T00:00:00.123Z"), true],
  ]);
  const columns = await spark.schema("select :d as d, :day as day, :n as n", {
    parameters: {
      d: { type: "decimal(10,2)", value: "12.30" },
      day: { type: "date", value: "2013-02-28" },
      n: 5n,
    },
  });
  assert.deepEqual(
    columns.map(({ type }) => type),
    ["decimal(10,2)", "date", "bigint"],
  );
});

await holds("a dataframe is a table of the statement, and comes back unchanged", async () => {
  const { DataFrame: Frame } = await loadDanfo();
  const values = [
    [1, "x", 1.5, new Date("1960-01-01T05:00:00.5Z"), new Date("2013-01-01"), 2 ** 40, true],
    [2, null, -0.5, new Date(1), new Date("1960-01-01"), 1, false],
    [null, "ü€", 2, null, null, 2, true],
  ];
  const columns = ["a", "s", "d", "t", "day", "big num", "b"];
  const frame = new Frame(values as never, { columns });
  const back = await spark.sql("select * from `my frame`", { frames: { "my frame": frame } });
  assert.deepEqual(back.columns, columns);
  assert.deepEqual(rows(back), values);
  const large = new Frame({ s: ["x".repeat(70_000_000)] });
  await fails(spark.sql("select * from f", { frames: { f: large } }), { code: "TOO_LARGE" });
});

await holds("a Delta table is made, added to, and read", async () => {
  await spark.sql(
    `create table t using delta location '${join(folder, "delta")}' as select id, 2 * id as b from range(10)`,
  );
  assert.deepEqual(rows(await spark.sql("insert into t values (100, 200)")), [[1]]);
  assert.deepEqual(rows(await spark.sql("select count(*), sum(b) from t")), [[11, 290]]);
  assert.deepEqual((await spark.sql("select * from t where false")).shape, [0, 2]);
});

await holds("the plan and the columns of a statement are told", async () => {
  assert.match(await spark.explain("select count(*) from t"), /Plan/);
  const columns = await spark.schema("select id, array(b) as bs from t");
  assert.deepEqual(
    columns.map(({ name, type }) => `${name}: ${type}`),
    ["id: bigint", "bs: array<bigint>"],
  );
});

await holds("errors of statements say what is wrong", async () => {
  await fails(spark.sql("select * from nowhere"), {
    name: "SparkError",
    code: "BAD_SQL",
    errorClass: "TABLE_OR_VIEW_NOT_FOUND",
  });
  await fails(spark.sql("selec 1"), { code: "BAD_SQL" });
  await fails(spark.schema("select nope from t"), { code: "BAD_SQL", message: /nope/ });
});

await holds("limits stop the job on the server", async () => {
  const many = "select id from range(10000000)";
  // Its plan has a limit of one row more: the job is through at once.
  await fails(spark.sql(many, { maxRows: 100 }), { code: "TOO_LARGE", message: /100 rows/ });
  await until(spark, "SUCCEEDED", "CANCELED");
  await fails(spark.sql(many, { maxBytes: 100_000 }), { code: "TOO_LARGE", message: /100 kB/ });
  await until(spark, "CANCELED");
});

await holds("an interrupt stops the job on the server", async () => {
  const reason = new Error("interrupted");
  const stop = new AbortController();
  setTimeout(() => stop.abort(reason), 1500);
  await assert.rejects(spark.sql(LONG, { signal: stop.signal }), reason);
  await until(spark, "CANCELED");
  assert.deepEqual(rows(await spark.sql("select 1")), [[1]]);
});

await holds("a line that is cut in a result is opened again, and each row comes once", async () => {
  await using cut = await connectSpark({ url: `sc://127.0.0.1:${line.port}` });
  const phases = new Set<string>();
  line.cutAfter = 2_000_000;
  const frame = await cut.sql(MANY, { onProgress: ({ phase }) => phases.add(phase) });
  assert.equal(line.cuts, 1);
  assert.ok(phases.has("reconnecting"));
  const ids = frame.column("id").values as number[];
  assert.equal(ids.length, 200_000);
  assert.equal(new Set(ids).size, 200_000);
});

await holds("a line that is cut before the first row is opened again", async () => {
  await using cut = await connectSpark({ url: `sc://127.0.0.1:${line.port}` });
  setTimeout(line.cut, 700);
  const sum = await cut.sql(LONG.replace("40000000", "4000000"));
  assert.deepEqual(rows(sum), [[4_000_000 * 128]]);
});

await holds("a token that expires is an error; one that is renewed goes on", async () => {
  const guarded = `sc://127.0.0.1:${guard.port}/;use_ssl=true`;
  await fails(connectSpark({ url: guarded, token: "first" }), { code: "NO_TLS" });
  const { ca } = guard;
  await using renewed = await connectSpark({ url: guarded, ca, token: async () => guard.token });
  await using fixed = await connectSpark({ url: guarded, ca, token: "first" });
  assert.equal((await fixed.sql(MANY)).shape[0], 200_000);
  guard.token = "second";
  await fails(fixed.sql("select 1"), { code: "UNAUTHENTICATED" });
  assert.deepEqual(rows(await renewed.sql("select 1")), [[1]]);
  // So that the session of the other one can be ended, too.
  guard.token = "first";
});

await holds("no session is left on the server", async () => {
  await spark.close();
  assert.deepEqual(await sessionsOf(watcher), []);
});

await holds("a server that dies in mid-query is said to be gone", async () => {
  setTimeout(() => sail.process.kill("SIGKILL"), 1000);
  const started = performance.now();
  await fails(watcher.sql(LONG), { code: "NO_SERVER" });
  assert.ok(performance.now() - started < 20_000);
  await fails(watcher.sql("select 1"), { code: "NO_SERVER" });
});

await watcher.close();
line.close();
guard.close();
