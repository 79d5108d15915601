import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { PracticeCloud } from "../../../src/practice/practice-cloud.ts";
import { NOTELAKE } from "../../cli/notelake.ts";

/** An engine that speaks Spark Connect, and reads the lake of a practice cloud as its service. */
export interface Engine extends AsyncDisposable {
  readonly url: string;
}

const START_LIMIT_MS = 180_000;

/** `notelake spark`, in a folder of its own; as the service, or as whoever approves a device code. */
export async function startSail(
  cloud: PracticeCloud,
  folder: string,
  method = "client-secret",
): Promise<Engine> {
  await mkdir(folder, { recursive: true });
  const [node = "", ...args] = NOTELAKE;
  const env = { ...process.env, NOTELAKE_PRACTICE: cloud.settingsFile };
  const child = spawn(node, [...args, "spark", "--method", method], { cwd: folder, env });
  const output = await told(child, /Ctrl-C stops it/);
  const [, url = ""] = /Spark cluster: +(sc:\/\/127\.0\.0\.1:\d+)/.exec(output) ?? [];
  return { url, [Symbol.asyncDispose]: () => stop(child) };
}

/**
 * Apache Spark's own server. `SPARK_HOME` has it, `SPARK_JARS` is the folder of what it lacks, and
 * `SPARK_TRUST` a trust store with the practice cloud's authority, whose password is `practice`.
 */
export async function startApache(cloud: PracticeCloud, folder: string): Promise<Engine> {
  await mkdir(folder, { recursive: true });
  const { SPARK_HOME = "", SPARK_JARS = "" } = process.env;
  const { origin, port, tenantId, service, caFile } = cloud.description;
  const trust = join(folder, "trust.p12");
  const keytool = ["-importcert", "-noprompt", "-alias", "practice", "-file", caFile];
  const store = ["-keystore", trust, "-storetype", "PKCS12", "-storepass", "practice"];
  await once(spawn("keytool", [...keytool, ...store]), "close");
  const listening = await freePort();
  const azure = "spark.hadoop.fs.azure";
  const oauth = `${azure}.account.oauth2.client`;
  const settings = {
    "spark.master": "local[2]",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraClassPath": `${SPARK_JARS}/*`,
    "spark.driver.extraJavaOptions": `-Djavax.net.ssl.trustStore=${trust} -Djavax.net.ssl.trustStorePassword=practice -XX:TieredStopAtLevel=1 -XX:+UseSerialGC`,
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.warehouse.dir": join(folder, "warehouse"),
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": String(listening),
    [`${azure}.abfs.endpoint`]: `127.0.0.1:${port}`,
    [`${azure}.account.hns.enabled`]: "true",
    [`${azure}.account.auth.type`]: "OAuth",
    [`${azure}.account.oauth.provider.type`]:
      "org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider",
    [`${oauth}.endpoint`]: `${origin}/${tenantId}/oauth2/v2.0/token`,
    [`${oauth}.id`]: service.clientId,
    [`${oauth}.secret`]: service.clientSecret,
    [`${azure}.ssl.channel.mode`]: "Default_JSSE",
  };
  const file = join(folder, "spark.conf");
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  await writeFile(file, lines.join(""), { mode: 0o600 });
  const child = spawn(
    join(SPARK_HOME, "bin", "spark-submit"),
    ["--properties-file", file, "--class", SERVER, "spark-internal"],
    { cwd: folder, env: { ...process.env, SPARK_CONNECT_MODE: "0" } },
  );
  await told(child, /Spark Connect server started/);
  return { url: `sc://127.0.0.1:${listening}`, [Symbol.asyncDispose]: () => stop(child) };
}

const SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer";

/** What a program has printed once it has printed what it is waited for. */
function told(child: ChildProcess, text: RegExp): Promise<string> {
  let output = "";
  const deadline = setTimeout(() => child.kill("SIGKILL"), START_LIMIT_MS);
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (part: string) => {
        output += part;
        if (!text.test(output)) return;
        clearTimeout(deadline);
        resolve(output);
      });
    }
    child.once("close", () => reject(new Error(`it ended before it was up:\n${output}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, "close");
  child.kill("SIGTERM");
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
