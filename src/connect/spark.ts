// `notelake/spark`: the same questions, asked of a cluster.
import "../core/refuse-old-node.ts";
import { cellSignal } from "../core/cell.ts";
import { SparkError } from "../core/errors.ts";
import { showFramesWith } from "../frames/danfo/display-hook.ts";
import { showJob } from "../show/job-progress.ts";
import { frameTable } from "../show/table/frame-table.ts";
import { connectSpark as connectTo } from "../spark/connect-spark.ts";
import { findLocalCluster } from "../spark/local-cluster.ts";
import type { SparkServer } from "../spark/server.ts";
import type { CellOptions, SparkSession } from "../spark/session.ts";
import { connected } from "./connection.ts";

export { SparkError } from "../core/errors.ts";
export type { SparkParameter, SparkParameters, TypedParameter } from "../spark/literals.ts";
export type { SparkProgress } from "../spark/progress.ts";
export type {
  SparkColumn,
  SparkQueryOptions,
  SparkSession,
  SparkSqlOptions,
} from "../spark/session.ts";

// Every dataframe that a cell ends in shows itself as a table.
showFramesWith(frameTable);

/** The application that tokens for Azure Databricks are for, in every cloud of Azure. */
const DATABRICKS_SCOPE = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default";

/**
 * Opens a session on a server of Spark Connect: Apache Spark from 3.5 on, Databricks, Sail. Without
 * a URL it is the cluster on this machine that `npx notelake spark` has started. The cell shows how
 * far a statement is, and interrupting it stops the job on the cluster.
 *
 * A cluster of Azure Databricks is asked as whoever is signed in, unless a token is given.
 *
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

/** Which server, and how to be let in; without a URL, the cluster of this machine. */
export interface ConnectSparkOptions extends Partial<SparkServer> {}

async function localCluster(): Promise<SparkServer> {
  const { cloud } = await connected();
  const found = await findLocalCluster({ authority: cloud.authority });
  if (found) return found;
  throw new SparkError("NO_CLUSTER", "no Spark cluster runs on this machine", {
    hint: "`npx notelake spark` starts one in this folder, or pass { url } of another.",
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
  throw new SparkError("UNAUTHENTICATED", "nobody is signed in", {
    hint: "Call `await signIn()` first, or pass { token }.",
  });
}

async function inCell<Options extends CellOptions, T>(
  options: Options,
  work: (options: Options) => Promise<T>,
): Promise<T> {
  const signal = cellSignal();
  // Whether a job takes long differs from run to run, and a stored output should not.
  const shown = process.env.NOTELAKE_HEADLESS ? undefined : showJob("query on the cluster");
  try {
    const result = await work({
      ...(signal && { signal }),
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
