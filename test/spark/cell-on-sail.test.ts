import { existsSync, writeFileSync } from "node:fs";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PracticeCloud, startPractice } from "../../src/practice/index.ts";
import { connectSpark } from "../../src/spark/connect-spark.ts";
import type { SparkSession } from "../../src/spark/spark-session.ts";
import { type Engine, startSail } from "../interop/spark/engines.ts";
import { type Guard, startGuard } from "../interop/spark/guarded-server.ts";
import { type Line, openLine } from "../interop/spark/sail-server.ts";
import { openSession, type Session } from "../kernel/session.ts";
import { SAIL_FOLDER, whyNoSpark } from "../spark-engine.ts";
import { jobsOf, sessionsOf } from "./server-state.ts";

const LONG =
  "select sum(length(sha2(sha2(sha2(cast(id as string), 512), 512), 512))) as s from range(40000000)";
const MANY = "select id, sha2(cast(id as string), 256) as hash from range(200000)";
/** Bytes after which a line is cut in the rows of MANY. */
const IN_MANY = 2_000_000;

const why = await whyNoSpark();

describe.skipIf(why)(`a notebook on ${why ? `Sail: ${why}` : "Sail"}`, () => {
  let folder: string;
  let note: string;
  let cloud: PracticeCloud;
  let sail: Engine;
  let kernel: Session;
  let other: Session;
  /** Asks the server about the others. */
  let watcher: SparkSession;
  let line: Line;
  let guard: Guard;
  let guardLine: Line;
  let id: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "notelake-cells-"));
    const engine = join(folder, ".notelake", "spark");
    note = join(engine, "cluster.json");
    await mkdir(engine, { recursive: true });
    await symlink(join(SAIL_FOLDER, "venv"), join(engine, "venv"));
    cloud = await startPractice({ approveDeviceCodesAs: "ada@contoso.com" });
    process.env.NOTELAKE_PRACTICE = cloud.settingsFile;
    [sail, kernel, other] = await Promise.all([
      startSail(cloud, folder),
      openSession(folder),
      openSession(folder),
    ]);
    watcher = await connectSpark({ url: sail.url });
    const port = Number(new URL(sail.url).port);
    [line, guard] = await Promise.all([openLine(port), startGuard(port)]);
    guardLine = await openLine(guard.port);
    await holds(`import { connect, openLake, openSubscription, signIn } from "notelake";
      import { connectSpark } from "notelake/spark";
      await connect();`);
    await holds('await signIn({ method: "device-code" }); const lake = openLake("raw");');
    id = String(await holds("const spark = await connectSpark(); console.log(spark.id);"));
  });
  afterAll(async () => {
    line?.close();
    guardLine?.close();
    guard?.close();
    await watcher?.close();
    await Promise.all([kernel?.client.shutdown(), other?.client.shutdown()]);
    await sail?.[Symbol.asyncDispose]();
    await cloud?.close();
    await rm(folder, { recursive: true });
  });

  /** What a cell prints that ends well. */
  async function holds(code: string): Promise<string> {
    const { reply, printed } = await kernel.run(code);
    expect(reply.traceback).toBeUndefined();
    return printed.trim();
  }

  async function fails(code: string): Promise<string> {
    const { reply } = await kernel.run(code);
    expect(reply).toMatchObject({ status: "error", ename: "SparkError" });
    return String(reply.evalue);
  }

  const count = (rows: string) =>
    `console.log(new Set(((${rows}).values as number[][]).map(([id]) => id)).size);`;
  const lastJob = async (session = id) => (await jobsOf(watcher, session))[0];

  test("finds the cluster of its folder, and has one session there", async () => {
    expect(await sessionsOf(watcher)).toEqual([id]);
  });

  test("interrupts a cell: its job is stopped there, and the kernel goes on", async () => {
    const cell = kernel.run(`await spark.sql("${LONG}");`);
    await expect.poll(() => lastJob()).toBe("RUNNING");
    await kernel.client.request("interrupt_request", {}, { control: true });
    const { reply } = await cell;
    expect(reply).toMatchObject({
      status: "error",
      ename: "CellInterrupted",
      evalue: "the cell was interrupted before it finished",
    });
    await expect.poll(() => lastJob()).toBe("CANCELED");
    expect(await holds('console.log((await spark.sql("select 1 as one")).shape);')).toBe(
      "[ 1, 1 ]",
    );
    expect(await jobsOf(watcher, id)).not.toContain("RUNNING");
  });

  test("is told which limit a result exceeds, and the job is stopped there", async () => {
    const sql = "select id from range(10000000)";
    expect(await fails(`await spark.sql("${sql}", { maxBytes: 100_000 });`)).toContain(
      "more than 100 kB of rows, the job was stopped",
    );
    await expect.poll(() => lastJob()).toBe("CANCELED");
  });

  test("does not notice a connection that is lost and opened again", async () => {
    line.cutAfter = IN_MANY;
    const url = `sc://127.0.0.1:${line.port}`;
    await holds(`const cut = await connectSpark({ url: "${url}" });`);
    expect(await holds(`${count(`await cut.sql("${MANY}")`)} await cut.close();`)).toBe("200000");
    expect(line.cuts).toBe(1);
  });

  test("hears that its token has expired in mid-query, and goes on with one that is renewed", async () => {
    const tokenFile = join(folder, "token");
    await writeFile(tokenFile, "first");
    const expire = (next: string) => {
      guardLine.cutAfter = IN_MANY;
      guardLine.onCut = () => {
        guard.token = next;
        writeFileSync(tokenFile, next);
      };
    };
    const url = `sc://127.0.0.1:${guardLine.port}/;use_ssl=true`;
    const server = `url: "${url}", ca: ${JSON.stringify(guard.ca)}`;
    await holds(`const fixed = await connectSpark({ ${server}, token: "first" });`);
    expire("second");
    const said = await fails(`await fixed.sql("${MANY}");`);
    expect(said).toContain("does not accept the token: the token has expired");
    expect(said).toContain("Sign in again, or pass a new { token }");

    await holds(`import { readFile } from "node:fs/promises";
      const token = () => readFile(${JSON.stringify(tokenFile)}, "utf8");
      const renewed = await connectSpark({ ${server}, token });`);
    expire("third");
    expect(await holds(count(`await renewed.sql("${MANY}")`))).toBe("200000");
    expect(guard.token).toBe("third");
    await holds("await renewed.close();");

    // With a new token the first session is taken up again, and ended.
    await holds(
      `const taken = await connectSpark({ ${server}, token });
      await taken.close();`.replace('true"', 'true;session_id=" + fixed.id'),
    );
    await holds("await fixed.close();");
    expect(await sessionsOf(watcher)).toEqual([id]);
  });

  test("is told why the cluster may not read any more, and the lake's log says the same", async () => {
    const flights = `await spark.sql("select count(*) as n from parquet." + folder)`;
    await holds('const folder = "`" + lake.url + "flights/`";');
    expect(await holds(`console.log((${flights}).values);`)).toBe("[ [ 336776 ] ]");
    const service = cloud.requests
      .list()
      .find(({ principal }) => principal?.name === "notelake-service")?.principal;
    await holds(`const azure = await openSubscription({ writable: true });
      const grant = { role: "Storage Blob Data Contributor", principalId: "${service?.id}" };
      await azure.revokeRole(grant);`);
    const said = await fails(flights);
    expect(said).toContain("AuthorizationPermissionMismatch");
    expect(said).toContain("give that one a role on the account, such as Storage Blob Data Reader");
    const refused = cloud.requests.list().findLast(({ status }) => status === 403);
    expect(refused).toMatchObject({ principal: service, proof: "token" });
    expect(JSON.stringify(refused?.reasons)).toContain("Storage Blob Data Reader");
    await holds(`await azure.grantRole(grant); ${flights};`);

    cloud.faults.add({
      on: "lake",
      kind: "status",
      status: 401,
      code: "InvalidAuthenticationInfo",
    });
    expect(await fails(flights)).toContain("The lake did not accept the token");
    cloud.faults.clear();
  });

  test("leaves no session and no job behind when its kernel is shut down", async () => {
    const { reply, printed } = await other.run(`import { connectSpark } from "notelake/spark";
      const spark = await connectSpark({ url: "${sail.url}" }); console.log(spark.id);`);
    expect(reply.traceback).toBeUndefined();
    const cell = other.run(`await spark.sql("${LONG}");`).catch(() => undefined);
    await expect.poll(() => lastJob(printed.trim())).toBe("RUNNING");
    await other.client.shutdown(60_000);
    await cell;
    await expect.poll(() => lastJob(printed.trim())).toBe("CANCELED");
    expect(await sessionsOf(watcher)).toEqual([id]);
    await holds("await spark.close();");
    expect(await sessionsOf(watcher)).toEqual([]);
  });

  test.skipIf(process.platform !== "linux")("is on a cluster of this machine only", async () => {
    const { pid } = JSON.parse(await readFile(note, "utf8"));
    const addresses = await listeningAddresses(pid);
    // The server of Spark Connect, the driver, and its workers.
    expect(addresses.length).toBeGreaterThan(2);
    expect([...new Set(addresses)]).toEqual(["0100007F"]);
  });

  test("hears that its server has died in mid-query, and the kernel goes on", async () => {
    const { pid } = JSON.parse(await readFile(note, "utf8"));
    const dying = await holds(`const dying = await connectSpark({ reconnectFor: 2000 });
      console.log(dying.id);`);
    const cell = fails(`await dying.sql("${LONG}");`);
    await expect.poll(() => lastJob(dying)).toBe("RUNNING");
    process.kill(pid, "SIGKILL");
    const said = await cell;
    expect(said).toMatch(/^no Spark server answers at http:\/\/127\.0\.0\.1:\d+: /);
    expect(said).toContain("`npx notelake spark` starts one");
    await expect.poll(() => existsSync(note)).toBe(false);
    expect(await fails("await connectSpark();")).toContain("no Spark cluster runs on this machine");
    expect(await holds("console.log(1 + 1);")).toBe("2");
  });
});

/** Where a process listens, as the kernel of Linux writes addresses: 127.0.0.1 is `0100007F`. */
async function listeningAddresses(pid: number): Promise<string[]> {
  const LISTEN = "0A";
  const links = (await readdir(`/proc/${pid}/fd`)).map((fd) =>
    readlink(`/proc/${pid}/fd/${fd}`).catch(() => ""),
  );
  const own = new Set(await Promise.all(links));
  const tables = ["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "utf8"));
  return (await Promise.all(tables))
    .flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)))
    .filter(([, , , state, , , , , , inode]) => state === LISTEN && own.has(`socket:[${inode}]`))
    .map(([, local = ""]) => local.split(":")[0] ?? "");
}
