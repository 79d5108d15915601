import type { Cloud } from "../../core/cloud.ts";
import { badPath, quote } from "./location.ts";

/** The service at a host name of a storage account. */
export type Service =
  | "dfs"
  | "blob"
  | "web"
  | "gen1"
  | "file"
  | "queue"
  | "table"
  | "secondary"
  | "private link";

/** Account and service of a host name. */
export interface StorageHost {
  readonly account: string;
  readonly service: Service;
  /** Host of the Data Lake endpoint, where it is not the account's name and the cloud's suffix. */
  readonly host?: string;
}

const ACCOUNT = /^[a-z0-9]{3,24}$/;
/** An account in a DNS zone of its own: `contosolake.z12.dfs.storage.azure.net`. */
const ZONE = /^(z\d\d)\.(\w+)\.storage\.azure\.net$/;

/** OneLake, by its own name or that of a region. */
const ONELAKE = /^((?:[a-z0-9]+-)?onelake)\.(dfs|blob)\.fabric\.microsoft\.com$/;

/**
 * The account in a host name of this cloud; on the practice cloud the port may be absent. Undefined for
 * any other host, to which no token is ever sent.
 */
export function accountAt(cloud: Cloud, text: string): StorageHost | undefined {
  const [name = "", port] = text.toLowerCase().split(":");
  if (port !== undefined && port !== "443" && port !== String(cloud.loopback?.port)) return;
  const [, oneLake, endpoint] = (cloud.name === "public" && ONELAKE.exec(name)) || [];
  if (oneLake) {
    const host = `${oneLake}.dfs.fabric.microsoft.com`;
    return { account: "onelake", service: endpoint === "dfs" ? "dfs" : "blob", host };
  }
  const [first = "", ...labels] = name.split(".");
  const account = first.replace(/-secondary$/, "");
  if (!ACCOUNT.test(account)) return;
  const rest = labels.join(".");
  if (rest === cloud.gen1Suffix) return { account, service: "gen1" };
  const service = serviceOf(cloud, rest);
  if (service === undefined) return;
  if (account !== first) return { account, service: "secondary" };
  const zone = ZONE.exec(rest)?.[1];
  return { account, service, ...(zone && { host: `${account}.${zone}.dfs.storage.azure.net` }) };
}

/**
 * The account that a name or a URL means, as `contosolake`, `https://contosolake.dfs.core.windows.net`
 * or the URL of anything in it.
 *
 * @throws LakeError `BAD_PATH`
 */
export function parseAccount(cloud: Cloud, text: string): Omit<StorageHost, "service"> {
  if (ACCOUNT.test(text)) return { account: text };
  const host = /^[a-z]+:\/\/(?:[^@/]*@)?([^/?#]+)/i.exec(text)?.[1] ?? text.replace(/\/.*$/s, "");
  const at = host.includes(".") ? accountAt(cloud, host) : undefined;
  if (!at) {
    const hint = "A name has 3 to 24 characters: a-z and 0-9.";
    throw badPath(`${quote(text)} is no storage account of this cloud`, hint);
  }
  const { service, ...account } = at;
  if (service === "gen1") {
    throw badPath(
      `${at.account} is a Gen1 account, which is one file system`,
      "openLake opens it.",
    );
  }
  if (at.account === "onelake") {
    const hint = "Fabric's own pages show your workspaces; openLake opens one by its name.";
    throw badPath("OneLake has workspaces in place of file systems, which are not listed", hint);
  }
  return account;
}

/** The service of a host name, by what follows the account's name. */
function serviceOf(cloud: Cloud, rest: string): Service | undefined {
  const domain = cloud.dfsSuffix.replace(/^dfs\./, "");
  if (rest.startsWith("privatelink.") && rest.endsWith(`.${domain}`)) return "private link";
  const plain = rest.endsWith(`.${domain}`) ? rest.slice(0, -domain.length - 1) : undefined;
  const zoned = cloud.name === "public" ? ZONE.exec(rest)?.[2] : undefined;
  // Only a website's host has a region's number in it, such as z13.
  const service = zoned ?? plain?.replace(/^z\d+\.(?=web$)/, "");
  return SERVICES.find((known) => known === service);
}

const SERVICES = ["dfs", "blob", "web", "file", "queue", "table"] as const;
