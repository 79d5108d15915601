/** A token, or a function that gets one before each request. */
export type TokenSource = string | (() => Promise<string>);

/** A server and its credentials. */
export interface SparkServer {
  /**
   * Connection string: `sc://host:port`, with settings such as
   * `/;use_ssl=true;x-databricks-cluster-id=0123-456789-abc` behind it. `session_id=…` goes on with a
   * session that there is: one whose token has expired, say, with a new token.
   */
  url: string;
  /**
   * Token for the server, or a function that gets one before each request. Takes precedence over
   * one in the URL; never sent without TLS, except on this machine.
   */
  token?: TokenSource;
  /** PEM certificates of the authority that signed the server's, if it is not a well-known one. */
  ca?: string;
  /**
   * How long to retry when the connection is lost in the middle of a result, in milliseconds.
   * Default 15,000.
   */
  reconnectFor?: number;
}
