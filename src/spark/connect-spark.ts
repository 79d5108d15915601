import { SparkError } from "../core/errors.ts";
import { ClientSession } from "./client-session.ts";
import { explainError } from "./server-error.ts";
import { parseAddress, type SparkAddress } from "./spark-address.ts";
import { SparkClient } from "./spark-client.ts";
import type { SparkServer } from "./spark-server.ts";
import type { SparkSession, Surroundings } from "./spark-session.ts";

/** What a session needs from the rest of the package. */
export interface SparkSurroundings extends Surroundings {
  /** Gets a token of the signed-in user for Azure Databricks. */
  readonly databricksToken?: () => Promise<string>;
}

/**
 * Opens a session on a server of Spark Connect: Apache Spark from 3.5 on, Databricks, Sail.
 *
 * @throws SparkError `BAD_URL`, `INSECURE_TOKEN`, `NO_SERVER`, `NO_TLS`, `UNAUTHENTICATED`
 */
export async function connectSpark(
  options: SparkServer,
  surroundings: SparkSurroundings = {},
): Promise<SparkSession> {
  const address = parseAddress(options.url);
  const { databricksToken } = surroundings;
  const token =
    options.token ?? address.token ?? (address.isAzureDatabricks ? databricksToken : undefined);
  if (token && !address.isSecure && !address.isLoopback) throw insecure(address);
  const client = new SparkClient(address, {
    ...(token && { token }),
    ...(options.ca && { ca: options.ca }),
    ...(options.reconnectFor !== undefined && { reconnectFor: options.reconnectFor }),
  });
  try {
    // In UTC, as everywhere in this package.
    await client.configure({ "spark.sql.session.timeZone": "UTC" });
    return new ClientSession(client, await client.version(), surroundings);
  } catch (error) {
    const explained = await explainError(error, client);
    client.close();
    throw explained;
  }
}

function insecure({ origin }: SparkAddress): SparkError {
  return new SparkError("INSECURE_TOKEN", `a token would be sent to ${origin} without TLS`, {
    hint: "Whoever listens on the way could use it. Add use_ssl=true to the URL, or leave the token out.",
  });
}
