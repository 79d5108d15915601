import { SparkError } from "../core/errors.ts";
import { parseAddress, type SparkAddress } from "./address.ts";
import { SparkClient, type TokenSource } from "./client.ts";
import { explainError } from "./server-error.ts";
import { SparkSession, type Surroundings } from "./session.ts";

/** A server, and how to be let in. */
export interface SparkServer {
  /**
   * Connection string: `sc://host:port`, with settings such as
   * `/;use_ssl=true;x-databricks-cluster-id=0123-456789-abc` behind it.
   */
  url: string;
  /**
   * Token for the server, or what gets a fresh one before each request. It wins over one in the URL
   * and is never sent without TLS, except on this machine.
   */
  token?: TokenSource;
  /** PEM certificates of the authority that signed the server's, if it is not a well-known one. */
  ca?: string;
  /**
   * How long to ask again for the rest of a result when the connection is lost, in milliseconds.
   * Default 15,000.
   */
  reconnectFor?: number;
}

/** What the rest of the package does for a session. */
export interface SparkSurroundings extends Surroundings {
  /** Gets a token for Azure Databricks, of whoever is signed in. */
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
    // Timestamps are written in UTC everywhere else, too.
    await client.configure({ "spark.sql.session.timeZone": "UTC" });
    return new SparkSession(client, await client.version(), surroundings);
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
