// compare-engines.ts sail|apache ROWS [FOLDER]: DuckDB on this machine and the engine answer alike, the engine
// reads the lake by itself, and says why when it may not. FOLDER is where `notelake spark` runs.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { connected } from "../../../src/connect/connection.ts";
import { SignInError, type SparkError } from "../../../src/core/errors.ts";
import { query } from "../../../src/frames/query.ts";
import type { Parameters as SqlParameters } from "../../../src/frames/sql/sql-parameters.ts";
import { connect, openLake } from "../../../src/index.ts";
import { type PracticeCloud, startPractice } from "../../../src/practice/index.ts";
import { connectSpark } from "../../../src/spark/connect-spark.ts";
import { findLocalCluster, startLocalCluster } from "../../../src/spark/local-cluster.ts";
import type { SparkProgress } from "../../../src/spark/spark-progress.ts";
import type { SparkSession } from "../../../src/spark/spark-session.ts";
import { toSparkSql } from "../../../src/spark/to-spark-sql.ts";
import { compareAll, differenceOf, type RunSpark } from "./compare.ts";
import { writeTables } from "./data.ts";
import { startApache, startSail } from "./engines.ts";
import { FEW, NOT_ON_SAIL, QUERIES, WITH_PARAMETERS } from "./queries.ts";

const [kind = "sail", rows = "20000", given] = process.argv.slice(2);
const folder = given ?? (await mkdtemp(join(tmpdir(), "notelake-spark-")));
let failed = 0;
/** How long a token may be used that the engine has to ask for anew. */
const TOKEN_MS = 1500;

function holds(what: string, isTrue: boolean, why = ""): void {
  if (!isTrue) failed++;
  console.log(`${isTrue ? "holds" : "does not hold"}: ${what}${isTrue ? "" : `\n${why}`}`);
}

try {
  const person = "grace@contoso.com";
  await using cloud = await startPractice({ requestLog: 20_000, approveDeviceCodesAs: person });
  process.env.NOTELAKE_PRACTICE = cloud.settingsFile;
  await connect();
  // Not the engine's own: an owner reads files without any role.
  const credential = cloud.credential("ada@contoso.com");
  const lake = openLake("spark", { credential, writable: true });
  await lake.createFileSystem();
  await writeTables(lake, Number(rows));
  await answersAlike(cloud, lake);
  if (kind === "sail") {
    await readsAsPerson(cloud, lake, person);
    await renewsItsToken(cloud, lake, person);
  }
} finally {
  if (!given) await rm(folder, { recursive: true, force: true });
}
console.log(failed === 0 ? "all of it holds" : `${failed} do not hold`);
// The engine's pipes and this cloud's connections are closed; nothing else is worth waiting for.
process.exit(failed === 0 ? 0 : 1);

type QueriedLake = Parameters<typeof toSparkSql>[0];

async function answersAlike(cloud: PracticeCloud, lake: QueriedLake): Promise<void> {
  const started = performance.now();
  await using engine = await (kind === "sail"
    ? startSail(cloud, folder)
    : startApache(cloud, folder));
  console.log(`${kind} listens after ${Math.round((performance.now() - started) / 1000)} s`);
  const spark = await connectSpark({ url: engine.url });
  const run: RunSpark = (sql) => spark.sql(sql);
  const names = kind === "sail" || process.env.SPARK_ALL ? Object.keys(QUERIES) : FEW;
  for (const { name, rows, difference, milliseconds } of await compareAll(lake, run, names)) {
    const { here, there } = milliseconds;
    const times = `${Math.round(here)} ms here, ${Math.round(there)} ms there`;
    holds(`${name}: the same ${rows} rows (${times})`, difference === undefined, difference);
  }
  for (const [sql, parameters] of WITH_PARAMETERS)
    await answersAlikeTo(lake, spark, sql, parameters);
  if (kind === "apache") {
    for (const sql of Object.values(NOT_ON_SAIL)) await answersAlikeTo(lake, spark, sql);
    await tellsProgress(lake, spark);
  } else {
    await readsDelta(lake, spark);
    await differsAsTold(lake, spark);
  }
  await readsByItself(cloud, lake, run, "notelake-service");
  await saysWhyNot(cloud, lake, run);
  await spark.close();
}

async function answersAlikeTo(
  lake: QueriedLake,
  spark: SparkSession,
  sql: string,
  parameters?: SqlParameters,
): Promise<void> {
  const options = parameters ? { parameters } : {};
  const shown = JSON.stringify(parameters ?? [], (_, value) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
  try {
    const difference = differenceOf(
      await query(lake, sql, options),
      await spark.query(lake, sql, options),
    );
    holds(`${sql} ${shown}`, difference === undefined, difference);
  } catch (error) {
    holds(`${sql} ${shown}`, false, String(error));
  }
}

/** Of a Delta table both read the files that its log names, and no others. */
async function readsDelta(lake: QueriedLake, spark: SparkSession): Promise<void> {
  const location = `${lake.url}delta/trips`;
  await spark.sql(`create table trips using delta location '${location}' partitioned by (part) as
    select id, cast(id * 1.25 as decimal(10, 2)) as fare, date'2024-01-01' as day,
      case when id % 7 = 3 then null else concat('t', id % 7) end as name, id % 3 as part from range(1000)`);
  await spark.sql(
    "insert into trips select id, 1, date'2024-02-29', null, 4 from range(1000, 1010)",
  );
  await spark.sql("delete from trips where part = 1 or id = 1009");
  const sql =
    "select part, count(*) as n, sum(fare) as fares, max(day) as last, count(name) as names";
  for (const from of ["'delta/trips'", "delta_scan('delta/trips')"]) {
    await answersAlikeTo(lake, spark, `${sql} from ${from} group by all order by all`);
  }
  const [[rows] = []] = (await query(lake, "select count(*) from 'delta/trips'"))
    .values as number[][];
  holds("its log leaves 676 rows of 1,010", rows === 676, `${rows}`);
}

/** What the README and hints say of Sail: once it is true no longer, they have to be changed. */
async function differsAsTold(lake: QueriedLake, spark: SparkSession): Promise<void> {
  for (const sql of Object.values(NOT_ON_SAIL)) {
    const difference = differenceOf(await query(lake, sql), await spark.query(lake, sql));
    holds(`${sql}: Sail takes "" for null`, /string "", and there .* null/.test(difference ?? ""));
  }
  const numbers = "from (select id, id * 7 as seven from range(1500000))";
  const one = await spark.sql(`select count(distinct id) as n ${numbers}`);
  holds("it counts 1,500,000 distinct values", Number(one.values.flat()[0]) === 1_500_000);
  const two = `select count(distinct id) as n, count(distinct seven) as m ${numbers}`;
  const error = await spark.sql(two).then(
    () => undefined,
    (thrown: SparkError) => thrown,
  );
  const { hint = "" } = error ?? {};
  holds("and not twice at once, which the hint explains", hint.includes("ask for one"), `${error}`);
}

async function tellsProgress(lake: QueriedLake, spark: SparkSession): Promise<void> {
  const told: SparkProgress[] = [];
  const sql = "select zone, count(*) as n from 'rides' group by zone";
  let last: SparkProgress | undefined;
  // Spark tells it now and then: a job that ends between two times is not told to its end.
  for (let tries = 0; tries < 10 && !last?.bytesRead; tries++) {
    await spark.query(lake, sql, { onProgress: (progress) => told.push(progress) });
    last = told.findLast(({ bytesRead }) => bytesRead > 0);
  }
  const { tasks = 0, tasksDone = 0, bytesRead = 0 } = last ?? {};
  // Stages that Spark found it need not run count among the tasks, and are never done.
  holds(
    `the server tells how far a job is: ${tasksDone} of ${tasks} tasks, ${bytesRead} bytes read`,
    tasksDone > 0 && tasksDone <= tasks && bytesRead > 0,
    JSON.stringify(told),
  );
}

/** A token that expires is one that the engine asks anew for; what keeps it from one is told. */
async function renewsItsToken(
  cloud: PracticeCloud,
  lake: QueriedLake,
  person: string,
): Promise<void> {
  let [asked, isOut] = [0, false];
  await using cluster = await startLocalCluster({
    cloud: (await connected()).cloud,
    async tokens() {
      asked++;
      if (isOut)
        throw new SignInError("SIGN_IN_EXPIRED", "AADSTS700082: the refresh token has expired");
      const found = await cloud.credential(person).getToken("https://storage.azure.com/.default");
      return { token: found?.token ?? "", expiresOnTimestamp: Date.now() + TOKEN_MS };
    },
    reader: person,
    folder: join(folder, ".notelake", "spark"),
  });
  const spark = await connectSpark({ url: cluster.url });
  const sql = `select count(*) as n from parquet.\`${lake.url}rides/\``;
  await spark.sql(sql);
  const before = asked;
  await sleep(TOKEN_MS);
  await spark.sql(sql);
  holds(`a token that expires is renewed: ${before} and ${asked} were asked for`, asked > before);
  isOut = true;
  await sleep(TOKEN_MS);
  const error = await spark.sql(sql).then(
    () => undefined,
    (thrown: SparkError) => thrown,
  );
  holds(
    "whoever cannot be signed in again hears so",
    error?.code === "FORBIDDEN" && /AADSTS700082/.test(error.message),
    `${error}`,
  );
  await spark.close();
}

async function readsAsPerson(
  cloud: PracticeCloud,
  lake: QueriedLake,
  person: string,
): Promise<void> {
  const { origin: authority } = cloud.description;
  await runsAsPerson();
  holds("none is found once it has ended", !(await findLocalCluster({ folder, authority })));

  async function runsAsPerson(): Promise<void> {
    await using engine = await startSail(cloud, folder, "device-code");
    const found = await findLocalCluster({ folder, authority });
    holds("the cluster is found without a URL", found?.url === engine.url, JSON.stringify(found));
    const spark = await connectSpark({ url: found?.url ?? "" });
    await readsByItself(cloud, lake, (sql) => spark.sql(sql), person);
    await spark.close();
  }
}

async function readsByItself(
  cloud: PracticeCloud,
  lake: QueriedLake,
  run: RunSpark,
  reader: string,
): Promise<void> {
  const { sql, setup = [] } = await toSparkSql(lake, "select sum(zone) as n from 'rides'");
  for (const statement of setup) await run(statement);
  const before = cloud.requests.list().at(-1)?.id ?? 0;
  await run(sql);
  const reads = cloud.requests
    .list()
    .filter(({ id, url, method }) => id > before && method === "GET" && /\.parquet/.test(url));
  const { name = "nobody" } = reads[0]?.principal ?? {};
  holds(
    `the lake's log has ${reads.length} reads of the engine, with a token of ${name}`,
    reads.length > 0 &&
      reads.every(({ proof, principal }) => proof === "token" && principal?.name === reader),
    JSON.stringify(reads, null, 1),
  );
}

async function saysWhyNot(cloud: PracticeCloud, lake: QueriedLake, run: RunSpark): Promise<void> {
  const { sql, setup = [] } = await toSparkSql(lake, "select sum(fare) as n from 'rides'");
  await withdrawRoles(cloud);
  const before = cloud.requests.list().at(-1)?.id ?? 0;
  try {
    // A view may look at the files, too.
    for (const statement of setup) await run(statement);
    await run(sql);
    holds("without its role the engine is refused", false, "it answered");
  } catch (error) {
    const { code, message } = error as SparkError;
    const refused = cloud.requests.list().find(({ id, status }) => id > before && status === 403);
    console.log(message);
    holds(
      "without its role the engine is refused, and the error says why",
      code === "FORBIDDEN" && /AuthorizationPermissionMismatch|403/.test(message),
      `${code}`,
    );
    holds(
      "the lake's log names the role that it needs",
      JSON.stringify(refused?.reasons).includes("Storage Blob Data"),
      JSON.stringify(refused),
    );
  }
}

/** Takes all roles away from the service, as an administrator does. */
async function withdrawRoles(cloud: PracticeCloud): Promise<void> {
  const { httpClient, description } = cloud;
  const client = new AuthorizationManagementClient(
    cloud.credential("ada@contoso.com"),
    description.subscriptionId,
    { httpClient },
  );
  const asked = cloud.requests
    .list()
    .find(({ principal }) => principal?.name === "notelake-service");
  const filter = `principalId eq '${asked?.principal?.id}'`;
  const found = [];
  for await (const role of client.roleAssignments.listForSubscription({ filter })) found.push(role);
  for (const { scope = "", name = "" } of found) await client.roleAssignments.delete(scope, name);
  if (found.length === 0) throw new Error("the service has no role that could be taken away");
}
