import type { Cloud } from "../../core/cloud.ts";
import { ONELAKE_HOST } from "../onelake.ts";
import { badPath } from "./location.ts";

/** Whether a host is of the Azure portal, or of Fabric's. */
export function isPortal(hostname: string): boolean {
  return isFabric(hostname) || /^([a-z0-9-]+\.)*portal\.azure\.(com|us|cn)$/.test(hostname);
}

function isFabric(hostname: string): boolean {
  return hostname === "app.fabric.microsoft.com" || hostname === "app.powerbi.com";
}

/** A container, file or item that a page of the portal shows. */
interface PortalPlace {
  readonly account: string;
  /** Of its Data Lake endpoint, where that is OneLake. */
  readonly host?: string;
  readonly fileSystem: string;
  readonly path: string;
}

/**
 * The container or file of a portal page, which is in the fragment of its URL:
 *
 *     https://portal.azure.com/#view/Microsoft_Azure_Storage/ContainerMenuBlade/~/overview/
 *       storageAccountId/%2Fsubscriptions%2F…%2FstorageAccounts%2Fcontosolake/path/raw/etag/…
 *
 * @throws LakeError with code `BAD_PATH` for its other pages, which do not name a file system
 */
export function parsePortal(cloud: Cloud, url: URL): PortalPlace {
  if (isFabric(url.hostname)) return parseFabric(cloud, url);
  const { hostname, hash } = url;
  const form = (account: string) =>
    `Write abfss://FILESYSTEM@${account}.${cloud.dfsSuffix}/, with the name of the file system.`;
  let parts: string[];
  try {
    parts = hash.slice(1).split("/").map(decodeURIComponent);
  } catch {
    throw badPath(`a link of ${hostname} has a broken % escape`, form("ACCOUNT"));
  }
  const after = (name: string) => {
    const at = parts.indexOf(name);
    return at < 0 ? undefined : parts[at + 1];
  };
  const [, account] = /\/storageAccounts\/([a-z0-9]+)(\/|$)/i.exec(parts.join("/")) ?? [];
  if (account === undefined) {
    throw badPath(
      `a link of ${hostname} that names no storage account`,
      "Copy that of a container's page, or the URL among a file's properties: " +
        `https://ACCOUNT.${cloud.dfsSuffix.replace(/^dfs/, "blob")}/FILESYSTEM/path.`,
    );
  }
  if (after("versionId") || after("snapshot")) {
    throw badPath(
      `a link of ${hostname} to an earlier state of a file`,
      "Only files as they are now are read.",
    );
  }
  const [fileSystem = "", ...path] = (after("path") ?? "").split("/");
  if (!fileSystem) {
    throw badPath(
      `a link of ${hostname} to ${account}, of which it names no file system`,
      form(account),
    );
  }
  return { account: account.toLowerCase(), fileSystem, path: path.join("/") };
}

/** `https://app.fabric.microsoft.com/groups/WORKSPACE/lakehouses/ITEM`, with ids. */
function parseFabric(cloud: Cloud, { hostname, pathname }: URL): PortalPlace {
  const id = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  const page = new RegExp(`^/groups/(${id})(?:/[a-z]+/(${id}))?(?:/|$)`, "i");
  const [, workspace, item = ""] = (cloud.name === "public" && page.exec(pathname)) || [];
  if (workspace === undefined) {
    throw badPath(
      `a link of ${hostname} that names no workspace`,
      `Copy that of a lakehouse, or write abfss://WORKSPACE@${ONELAKE_HOST}/ITEM.Lakehouse/Files/path.`,
    );
  }
  return { account: "onelake", host: ONELAKE_HOST, fileSystem: workspace, path: item };
}
