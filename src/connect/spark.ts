/**
 * The questions that `query` answers on this machine, asked of a Spark cluster.
 *
 * @module notelake/spark
 */
import "../core/refuse-old-node.ts";
import { cellSignal } from "../core/cell.ts";
import { SparkError } from "../core/errors.ts";
import { showFramesWith } from "../frames/danfo/display-hook.ts";
import {
  canReplace,
  type Displayable,
  type DisplayHandle,
  display,
  shownAs,
} from "../show/display.ts";
import { showJob } from "../show/job-progress.ts";
import { frameTable } from "../show/table/frame-table.ts";
import { connectSpark as connectTo } from "../spark/connect-spark.ts";
import { engineFolder, findLocalCluster, startLocalCluster } from "../spark/local-cluster.ts";
import type { SparkServer } from "../spark/spark-server.ts";
import type { CellOptions, SparkSession } from "../spark/spark-session.ts";
import { connected } from "./connection.ts";

export type { SparkErrorFacts } from "../core/errors.ts";
export { SparkError } from "../core/errors.ts";
export type { SparkParameter, SparkParameters, TypedParameter } from "../spark/literals.ts";
export type { OnSparkProgress, SparkProgress } from "../spark/spark-progress.ts";
export type { TokenSource } from "../spark/spark-server.ts";
export type {
  ExplainPlanMode,
  SparkColumn,
  SparkQueryOptions,
  SparkSession,
  SparkSqlOptions,
  StatementInput,
} from "../spark/spark-session.ts";

// A cell that ends in a dataframe shows it as a table.
showFramesWith(frameTable);

/** Application id of Azure Databricks, in every cloud of Azure. */
const DATABRICKS_SCOPE = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default";

/**
 * Opens a session on a server of Spark Connect: Apache Spark from 3.5 on, Databricks, Sail. Without
 * a URL it is the cluster on this machine that `npx notelake spark` has started. The cell shows the
 * progress of a statement, and interrupting it cancels the job on the cluster.
 *
 * On a cluster of Azure Databricks it acts as the signed-in user, unless a token is given.
 *
 * @param options the URL, `sc://HOST:PORT`, and a token if the server wants one
 * @throws SparkError `BAD_URL`, `INSECURE_TOKEN`, `NO_CLUSTER`, `NO_SERVER`, `NO_TLS`,
 *   `UNAUTHENTICATED`
 * @example
 * const spark = await connectSpark();
 * await spark.sql("select origin, count(*) as flights from flights group by origin");
 * await spark.close();
 *
 * @example
 * const spark = await connectSpark({
 *   url: "sc://adb-12.3.azuredatabricks.net:443/;x-databricks-cluster-id=0123-456789-abc",
 * });
 */
export async function connectSpark(options: ConnectSparkOptions = {}): Promise<SparkSession> {
  const { url, ...rest } = options;
  const server = url === undefined ? await localCluster() : { url };
  return connectTo({ ...server, ...rest }, { inCell, databricksToken });
}

/** Server and token; without a URL, the cluster of this machine. */
export interface ConnectSparkOptions extends Partial<SparkServer> {}

/** A cluster that `startSpark` has started. `await using` closes it at the end of the block. */
export interface SparkCluster extends AsyncDisposable {
  /** `sc://127.0.0.1:PORT` */
  readonly url: string;
  /** Stops it and all its sessions. */
  close(): Promise<void>;
}

/** How large a cluster is. */
export interface StartSparkOptions {
  /** Number of workers. Default 2. */
  workers?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Starts a Spark cluster on this machine, for learning and experiments: Sail with several workers,
 * which reads the lake as the signed-in user, without a secret of theirs. It ends with this process.
 * The first call installs it from PyPI in `.notelake/spark/` of the project: a download of 63 MB,
 * which needs Python 3.9 or later, or uv.
 *
 * It listens on 127.0.0.1 and does not authenticate its clients: any program on this machine can
 * use it while it runs.
 *
 * @param options how many workers
 * @throws SparkError `UNAUTHENTICATED`, `NO_PYTHON`, `NO_SAIL`
 * @example
 * const cluster = await startSpark();
 * const spark = await connectSpark(cluster);
 * await cluster.close();
 */
export async function startSpark(
  options: StartSparkOptions = {},
): Promise<SparkCluster & Displayable> {
  const { cloud, session } = await connected();
  if (!session) throw nobody("Call `await signIn()` first: the cluster reads as you.");
  const { workers = 2, signal = cellSignal() } = options;
  const reader = session.account.name;
  const { url, close } = await startLocalCluster({
    cloud,
    tokens: () => session.getToken(cloud.scopes.storage),
    reader,
    folder: engineFolder(),
    workers,
    // No messages in stored outputs, as they depend on what is installed.
    ...(!process.env.NOTELAKE_HEADLESS && { say: showLines() }),
    signal,
  });
  const text = `Spark cluster on this machine · ${workers} workers · reads as ${reader}`;
  return shownAs({ url, close, [Symbol.asyncDispose]: close }, () => ({ "text/plain": text }));
}

/** Shows lines as they come, in one output. */
function showLines(): (line: string) => void {
  let [text, handle]: [string, DisplayHandle | undefined] = ["", undefined];
  return (line) => {
    text = canReplace() && text ? `${text}\n${line}` : line;
    const bundle = { "text/plain": text };
    if (handle) handle.update(bundle);
    else handle = display(bundle);
  };
}

function nobody(hint: string): SparkError {
  return new SparkError("UNAUTHENTICATED", "nobody is signed in", { hint });
}

async function localCluster(): Promise<SparkServer> {
  const { cloud } = await connected();
  const match = await findLocalCluster({ authority: cloud.authority });
  if (match) return match;
  throw new SparkError("NO_CLUSTER", "no Spark cluster runs on this machine", {
    hint: "`await startSpark()` starts one, as does `npx notelake spark` in this folder; or pass { url } of another.",
  });
}

async function databricksToken(): Promise<string> {
  const { cloud, session } = await connected();
  if (cloud.kind === "practice") {
    throw new SparkError("UNAUTHENTICATED", "the practice cloud has no tokens for Databricks", {
      hint: 'Call `await connect({ cloud: "public" })` and `await signIn()` first, or pass { token }.',
    });
  }
  if (session) return (await session.getToken(DATABRICKS_SCOPE)).token;
  throw nobody("Call `await signIn()` first, or pass { token }.");
}

async function inCell<Options extends CellOptions, T>(
  options: Options,
  work: (options: Options) => Promise<T>,
): Promise<T> {
  const signal = cellSignal();
  // No progress in stored outputs, as durations vary.
  const shown = process.env.NOTELAKE_HEADLESS ? undefined : showJob("query on the cluster");
  try {
    const result = await work({
      signal,
      ...(shown && { onProgress: shown.report }),
      ...options,
    });
    shown?.done();
    return result;
  } catch (error) {
    shown?.fail();
    throw error;
  }
}
