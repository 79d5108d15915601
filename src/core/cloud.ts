import { lookup as resolve } from "node:dns";
import type { LookupFunction } from "node:net";

/** The Azure clouds that have endpoints of their own. */
export type CloudName = "public" | "us-government" | "china";

/** Endpoints of an Azure cloud. No URL ends with a slash. */
export interface CloudEndpoints {
  readonly name: CloudName;
  /** Microsoft Entra ID, as `https://host[:port]`. */
  readonly authority: string;
  /** Azure Resource Manager, as `https://host[:port]`. */
  readonly management: string;
  /** A storage account's Data Lake endpoint is `https://ACCOUNT.` followed by this. */
  readonly dfsSuffix: string;
  /** A Data Lake Storage Gen1 account's endpoint is `https://ACCOUNT.` followed by this. */
  readonly gen1Suffix: string;
  /** Scopes of tokens, by service. */
  readonly scopes: { readonly management: string; readonly storage: string; readonly gen1: string };
}

/** The practice cloud's addresses: every host name leads to this port on 127.0.0.1. */
export interface Loopback {
  readonly port: number;
  /** PEM certificate of the authority that signed the practice cloud's certificate. */
  readonly ca: string;
  /** Where the instance metadata service listens, as `http://127.0.0.1:PORT`. */
  readonly metadata: string;
  /** Folder of the practice cloud's `az`, `azd` and `pwsh`: the only ones that may be run. */
  readonly programs?: string;
}

/** An Azure cloud, real or practice, and the defaults of calls. */
export interface Cloud extends CloudEndpoints {
  readonly kind: "azure" | "practice";
  /** Directory to sign in to: an id or a domain name. */
  readonly tenantId?: string;
  /** Application that people sign in to. */
  readonly clientId?: string;
  readonly subscriptionId?: string;
  /** Storage account that a bare file system name refers to. */
  readonly account?: string;
  /** Present when the cloud is the practice cloud. */
  readonly loopback?: Loopback;
}

// A double slash keeps the trailing slash that Gen1 expects in a token's audience.
const GEN1_SCOPE = "https://datalake.azure.net//.default";
const STORAGE_SCOPE = "https://storage.azure.com/.default";

/** Endpoints of each Azure cloud, as the Azure CLI's `az cloud list` prints them. */
export const CLOUD_ENDPOINTS: Readonly<Record<CloudName, CloudEndpoints>> = {
  public: {
    name: "public",
    authority: "https://login.microsoftonline.com",
    management: "https://management.azure.com",
    dfsSuffix: "dfs.core.windows.net",
    gen1Suffix: "azuredatalakestore.net",
    scopes: {
      management: "https://management.azure.com/.default",
      storage: STORAGE_SCOPE,
      gen1: GEN1_SCOPE,
    },
  },
  "us-government": {
    name: "us-government",
    authority: "https://login.microsoftonline.us",
    management: "https://management.usgovcloudapi.net",
    dfsSuffix: "dfs.core.usgovcloudapi.net",
    gen1Suffix: "azuredatalakestore.net",
    scopes: {
      management: "https://management.usgovcloudapi.net/.default",
      storage: STORAGE_SCOPE,
      gen1: GEN1_SCOPE,
    },
  },
  china: {
    name: "china",
    authority: "https://login.chinacloudapi.cn",
    management: "https://management.chinacloudapi.cn",
    dfsSuffix: "dfs.core.chinacloudapi.cn",
    gen1Suffix: "azuredatalakestore.net",
    scopes: {
      management: "https://management.chinacloudapi.cn/.default",
      storage: STORAGE_SCOPE,
      gen1: GEN1_SCOPE,
    },
  },
};

/** TLS settings for requests to a cloud, for any Node client. */
export interface TlsSettings {
  readonly ca?: string;
  readonly lookup?: LookupFunction;
}

/**
 * TLS settings for `cloud`: its own CA and 127.0.0.1 for every host when it is the practice
 * cloud, Node's defaults otherwise.
 */
export function tlsSettings(cloud: Cloud): TlsSettings {
  if (!cloud.loopback) return {};
  return { ca: cloud.loopback.ca, lookup: lookupLoopback };
}

const lookupLoopback: LookupFunction = (_host, options, callback) =>
  resolve("127.0.0.1", options, callback);

/**
 * `https://ACCOUNT.dfs.core.windows.net[:PORT]` of a storage account in `cloud`.
 *
 * @param host another host of the account
 */
export function dfsEndpoint(
  cloud: Cloud,
  account: string,
  host = `${account}.${cloud.dfsSuffix}`,
): string {
  return `https://${host}${cloud.loopback ? `:${cloud.loopback.port}` : ""}`;
}
