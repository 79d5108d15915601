import { SparkError } from "../core/errors.ts";

/** Address of a Spark Connect server, with the headers and ids of every request. */
export interface SparkAddress {
  /** `http://host:port` or `https://host:port`. */
  readonly origin: string;
  readonly isSecure: boolean;
  readonly isLoopback: boolean;
  /** Whether it is a workspace of Azure Databricks, which accepts tokens of Microsoft Entra ID. */
  readonly isAzureDatabricks: boolean;
  readonly token?: string;
  readonly userId?: string;
  /** Session id; a new one when the URL has none. */
  readonly sessionId?: string;
  /** Headers for every request, such as `x-databricks-cluster-id`. */
  readonly headers: Readonly<Record<string, string>>;
}

const PORT = 15002;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;
const AZURE_DATABRICKS = /\.(azuredatabricks\.net|databricks\.azure\.(us|cn))$/i;

/**
 * Parses a connection string `sc://host:port/;name=value;…`, as specified in "Connecting to Spark
 * Connect using Clients" of Apache Spark. `use_ssl`, `token`, `user_id` and `session_id` are
 * settings, every other name is a header. A token requires TLS, except on loopback.
 *
 * @throws SparkError `BAD_URL`
 */
export function parseAddress(text: string): SparkAddress {
  const [, host, digits, path = ""] =
    /^sc:\/\/(\[[^\]]+\]|[^:/;?#@\s]+)(?::(\d{1,5}))?(?:\/(.*))?$/is.exec(text.trim()) ?? [];
  if (!host) throw badUrl("it does not read sc://host:port");
  const port = digits === undefined ? PORT : Number(digits);
  if (port < 1 || port > 65_535) throw badUrl(`there is no port ${port}`);
  if (path !== "" && !path.startsWith(";")) throw badUrl("settings begin with /;");
  const settings = new Map(
    path
      .split(";")
      .filter((setting) => setting.trim() !== "")
      .map(nameAndValue),
  );
  const take = (name: string) => {
    const value = settings.get(name);
    settings.delete(name);
    return value;
  };
  const [ssl, token, userId, sessionId] = ["use_ssl", "token", "user_id", "session_id"].map(take);
  take("user_agent");
  if (ssl !== undefined && !/^(true|false)$/i.test(ssl)) {
    throw badUrl("use_ssl is neither true nor false");
  }
  const isLoopback = LOOPBACK.test(host);
  const isSecure = ssl ? /^true$/i.test(ssl) : !isLoopback && (port === 443 || Boolean(token));
  return {
    origin: `${isSecure ? "https" : "http"}://${host}:${port}`,
    isSecure,
    isLoopback,
    isAzureDatabricks: AZURE_DATABRICKS.test(host),
    ...(token && { token }),
    ...(userId && { userId }),
    ...(sessionId && { sessionId }),
    headers: Object.fromEntries(settings),
  };
}

function nameAndValue(setting: string): [name: string, value: string] {
  const at = setting.indexOf("=");
  const name = setting.slice(0, at).trim();
  // Values may be tokens: an error quotes only the name.
  if (at < 1 || !/^[\w-]+$/.test(name)) throw badUrl("a setting does not read name=value");
  try {
    return [name.toLowerCase(), decodeURIComponent(setting.slice(at + 1).trim())];
  } catch {
    throw badUrl(`the value of ${name} is not percent-encoded as it should be`);
  }
}

function badUrl(reason: string): SparkError {
  return new SparkError("BAD_URL", `not the URL of a Spark Connect server: ${reason}`, {
    hint: "For example sc://127.0.0.1:15002, or sc://adb-1.2.azuredatabricks.net:443/;x-databricks-cluster-id=0123-456789-abc.",
  });
}
