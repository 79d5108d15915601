import { isAuthorityPath } from "./authority/authority.ts";
import type { Dialect } from "./lake/index.ts";

/** The service of a request. */
export type Route =
  | { readonly part: "authority" | "management" }
  | {
      readonly part: "storage";
      readonly account: string;
      readonly dialect: Dialect;
      readonly isOneLake?: boolean;
      /** The DNS zone that the host name is in. */
      readonly zone?: string;
      /** The path below the account, with its leading slash, as the client encoded it. */
      readonly path: string;
    }
  /** A loopback host serves every account; the path says which. */
  | { readonly part: "storage-by-path" }
  | { readonly part: "none" };

const STORAGE_HOST =
  /^([a-z0-9-]+)\.(dfs|blob)\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/;
/** An account in a DNS zone; there is one zone here. */
const ZONED_HOST = /^([a-z0-9]+)\.(z12)\.(dfs|blob)\.storage\.azure\.net$/;
/** OneLake, global or of a region: `westus-onelake.dfs.fabric.microsoft.com`. */
const ONELAKE_HOST = /^(?:[a-z0-9]+-)?onelake\.(dfs|blob)\.fabric\.microsoft\.com$/;
const GEN1_HOST = /^([a-z0-9-]+)\.azuredatalakestore\.net$/;
const AUTHORITY_HOST = /^login\.(microsoftonline\.(com|us)|chinacloudapi\.cn)$/;
const MANAGEMENT_HOST = /^management\.(azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)$/;
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost)$/;
/** First segments of Resource Manager's paths, on a host for all services. */
const MANAGEMENT_PATH = /^\/(subscriptions|tenants|providers|metadata)(\/|$)/i;

/**
 * Finds the service by host name, and on loopback by path.
 *
 * @param path as the client sent it: `..` and `//` matter to storage
 */
export function route(hostname: string, path: string): Route {
  const host = hostname.toLowerCase();
  const storage = STORAGE_HOST.exec(host);
  if (storage) {
    const dialect = storage[2] === "dfs" ? "dfs" : "blob";
    return { part: "storage", account: storage[1] ?? "", dialect, path };
  }
  const zoned = ZONED_HOST.exec(host);
  if (zoned) {
    const [, account = "", zone = "", service] = zoned;
    const dialect = service === "dfs" ? "dfs" : "blob";
    return { part: "storage", account, dialect, path, zone };
  }
  const oneLake = ONELAKE_HOST.exec(host);
  if (oneLake) {
    const dialect = oneLake[1] === "dfs" ? "dfs" : "blob";
    return { part: "storage", account: "onelake", dialect, path, isOneLake: true };
  }
  const gen1 = GEN1_HOST.exec(host);
  if (gen1) return { part: "storage", account: gen1[1] ?? "", dialect: "gen1", path };
  if (AUTHORITY_HOST.test(host)) return { part: "authority" };
  if (MANAGEMENT_HOST.test(host)) return { part: "management" };
  return LOOPBACK_HOST.test(host) ? routeByPath(path) : { part: "none" };
}

function routeByPath(path: string): Route {
  if (isAuthorityPath(path)) return { part: "authority" };
  // @azure/arm-authorization sends two slashes, which Resource Manager accepts.
  if (MANAGEMENT_PATH.test(path.replace(/^\/+/, "/"))) return { part: "management" };
  return path === "/" ? { part: "none" } : { part: "storage-by-path" };
}
