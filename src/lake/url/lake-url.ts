import type { Cloud } from "../../core/cloud.ts";
import type { LakeError } from "../../core/errors.ts";
import { checkItem, isOneLake, locateOnOneLake, ONELAKE_HOST } from "../onelake.ts";
import {
  badPath,
  checkPath,
  describeLake,
  type LakeAddress,
  type LakeLocation,
  lakeUrl,
  quote,
} from "./location.ts";
import { isPortal, parsePortal } from "./portal-url.ts";
import { accountAt, type Service } from "./storage-host.ts";

const FILE_SYSTEM = /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/;
/** File systems that the service creates. */
const OWN_FILE_SYSTEM = /^\$(web|root|logs)$/;
const URL_START = /^([a-z][a-z0-9+.-]*):\/\//i;

/**
 * Parses any URL of a place in a lake: `abfss://`, `abfs://`, `wasbs://`, `wasb://` and
 * `az://` as Hadoop, Spark, DuckDB and Python write them, `https://` of the dfs and the blob
 * endpoint, of a static website, and of the portal's page of a container or a file; `adl://` for
 * Gen1; or the bare name of a file system in the cloud's own account.
 *
 * @throws LakeError with code `BAD_PATH`, whose hint has the form that works
 */
export function parseLocation(cloud: Cloud, text: string): LakeLocation {
  const scheme = URL_START.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case "abfss":
    case "abfs":
    case "wasbs":
    case "wasb":
    case "az":
    case "azure":
      return parseHadoop(cloud, text);
    case "https":
      return parseHttps(cloud, text);
    case "adl":
      return parseAdl(cloud, text);
    case undefined:
      return parseName(cloud, text);
    case "http":
      throw badPath(`${quote(text)} is not encrypted`, `Write https:// in place of http://.`);
    default:
      throw badPath(
        `${quote(text)} is not a lake URL`,
        `${scheme}:// is not supported; write abfss://FILESYSTEM@ACCOUNT.${cloud.dfsSuffix}/path.`,
      );
  }
}

/**
 * The path that `text` means inside the lake at `address`: itself, cleaned of slashes at its
 * ends, or the path of a URL that leads to the same lake.
 *
 * @throws LakeError with code `BAD_PATH`, also for a URL of another lake
 */
export function parsePath(cloud: Cloud, address: LakeAddress, text: string): string {
  if (!URL_START.test(text)) {
    if (!signatureIn(text)) {
      const path = checkPath(text);
      if (isOneLake(address)) checkItem(address, path);
      return path;
    }
    throw badPath(
      `${quote(text)} carries a signature`,
      "A path has none: give openLake the whole https:// URL of the file system, signature included.",
    );
  }
  const location = parseLocation(cloud, text);
  if (!isSameLake(cloud, location, address)) {
    throw badPath(
      `${quote(text)} is in another lake than ${describeLake(address)}`,
      `openLake(${JSON.stringify(lakeUrl(cloud, location))}) opens that one.`,
    );
  }
  return location.path;
}

/** Whether both are one lake; a workspace of OneLake is the same in the URL of any region. */
function isSameLake(cloud: Cloud, one: LakeAddress, other: LakeAddress): boolean {
  if (isOneLake(one) && isOneLake(other)) return one.fileSystem === other.fileSystem;
  return lakeUrl(cloud, one) === lakeUrl(cloud, other);
}

/**
 * `abfss://FILESYSTEM@HOST/path`; `az://HOST/FILESYSTEM/path` as DuckDB has it; `az://FILESYSTEM/path`
 * of the cloud's own account. Nothing is unescaped, as in Hadoop: `%20` is three characters.
 */
function parseHadoop(cloud: Cloud, text: string): LakeLocation {
  const { bare, sas } = splitSignature(text);
  const [, user, host = "", rest = ""] =
    /^[a-z]+:\/\/(?:([^@/]*)@)?([^/]*)(?:\/(.*))?$/is.exec(bare) ?? [];
  const signed = sas === undefined ? {} : { sas };
  const isName = user === undefined && !/[.:]/.test(host) && cloud.account;
  if (isName) return { ...gen2(text, { account: isName }, host, rest), ...signed };
  const at = accountAt(cloud, host);
  if (at === undefined) throw notGen2(cloud, text);
  refuseOtherService(cloud, text, at);
  if (at.service === "gen1") throw notGen2(cloud, text);
  const [first = "", ...names] = rest.split("/");
  const path = user === undefined ? names.join("/") : rest;
  const fileSystem = user ?? first;
  const name = at.host?.endsWith(ONELAKE_HOST) ? unescapeName(text, fileSystem) : fileSystem;
  return { ...gen2(text, at, name, path), ...signed };
}

/** The name of a workspace, in which a space may be written as `%20`. */
function unescapeName(text: string, name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw badPath(
      `${quote(text)} has a broken % escape`,
      "Write %25 for a % in a workspace's name.",
    );
  }
}

function parseAdl(cloud: Cloud, text: string): LakeLocation {
  const [, host = "", path = ""] = /^adl:\/\/([^/]*)(?:\/(.*))?$/is.exec(text) ?? [];
  const at = accountAt(cloud, host);
  if (at?.service !== "gen1") {
    throw badPath(
      `${quote(text)} is not a Gen1 URL of this cloud`,
      `The form is adl://ACCOUNT.${cloud.gen1Suffix}/path; ` +
        `for Gen2 it is abfss://FILESYSTEM@ACCOUNT.${cloud.dfsSuffix}/path.`,
    );
  }
  return { generation: 1, account: at.account, fileSystem: "", path: checkPath(path) };
}

function parseHttps(cloud: Cloud, text: string): LakeLocation {
  if (!URL.canParse(text)) throw badPath(`${quote(text)} is not a URL`, formsOf(cloud));
  const url = new URL(text);
  if (url.username || url.password) throw badPath(`${quote(text)} carries a password`);
  if (isPortal(url.hostname)) {
    const { fileSystem, path, ...at } = parsePortal(cloud, url);
    return gen2(text, at, fileSystem, path);
  }
  if (url.hash) {
    throw badPath(`${quote(text)} has a # in it`, "In an https:// URL a # of a name is %23.");
  }
  refuseOldVersion(text, url.searchParams);
  const sas = url.searchParams.has("sig") ? { sas: url.search.slice(1) } : {};
  const segments = segmentsOf(text, url);
  const at =
    accountAt(cloud, url.host) ??
    (url.host === `127.0.0.1:${cloud.loopback?.port}`
      ? { account: segments.shift() ?? "", service: "dfs" as const }
      : undefined);
  if (at === undefined || !/^[a-z0-9]{3,24}$/.test(at.account)) throw notGen2(cloud, text);
  refuseOtherService(cloud, text, at);
  if (at.service === "gen1") {
    const [webhdfs, version, ...path] = segments;
    const plain = webhdfs === "webhdfs" && version === "v1" ? path : segments;
    return { generation: 1, account: at.account, fileSystem: "", path: checkPath(plain.join("/")) };
  }
  if (at.service === "web") return gen2(text, at, "$web", segments.join("/"));
  const [fileSystem = "", ...path] = segments;
  return { ...gen2(text, at, fileSystem, path.join("/")), ...sas };
}

/** The names in the path of an `https://` URL, without their percent-escapes. */
function segmentsOf(text: string, url: URL): string[] {
  // `URL` drops . and .. and line breaks, and turns backslashes into slashes: refuse them before.
  const [, written = ""] = /^https:\/\/[^/\\?#]*([^?#]*)/i.exec(text.trim()) ?? [];
  checkPath(written.replace(/%2e/gi, ".").replace(/^\/+|\/+$/g, ""));
  let segments: string[];
  try {
    segments = url.pathname.slice(1).split("/").map(decodeURIComponent);
  } catch {
    throw badPath(
      `${quote(text)} has a broken % escape`,
      "In an https:// URL a % of a name is %25.",
    );
  }
  if (segments.some((segment) => segment.includes("/"))) {
    throw badPath(`${quote(text)} has an escaped slash in a name`, "Write / in place of %2F.");
  }
  return segments;
}

function parseName(cloud: Cloud, text: string): LakeLocation {
  const bare = text.replace(/^https?:/i, "");
  if (/^[^/?#@]+\.(dfs|blob)\.[^/?#@]+(\/|$)/i.test(bare)) {
    throw badPath(`${quote(text)} has no https:// before it`, formsOf(cloud));
  }
  if (/(^|[?&])sig=/i.test(text)) {
    throw badPath(
      `${quote(text)} is a signature without its place`,
      `Write https://ACCOUNT.${cloud.dfsSuffix}/FILESYSTEM?SIGNATURE, or pass { credential: { sas } }.`,
    );
  }
  if (cloud.account) return gen2(text, { account: cloud.account }, text, "");
  throw badPath(
    `which account is ${quote(text)} in?`,
    `Write abfss://${text}@ACCOUNT.${cloud.dfsSuffix}/, or set the account when connecting.`,
  );
}

function gen2(
  text: string,
  { account, host }: { account: string; host?: string },
  fileSystem: string,
  path: string,
): LakeLocation {
  if (host?.endsWith(ONELAKE_HOST))
    return locateOnOneLake(text, { account, host }, fileSystem, path);
  if (!FILE_SYSTEM.test(fileSystem) && !OWN_FILE_SYSTEM.test(fileSystem)) {
    throw badPath(
      fileSystem
        ? `${quote(fileSystem)} cannot be the name of a file system`
        : `${quote(text)} names no file system`,
      "A name has 3 to 63 characters: a-z, 0-9 and single hyphens between them.",
    );
  }
  const at = { generation: 2, account, fileSystem, path: checkPath(path) } as const;
  return host === undefined ? at : { ...at, host };
}

/** Refuses the endpoints of an account that are not for files of a lake. */
function refuseOtherService(
  cloud: Cloud,
  text: string,
  { account, service }: { account: string; service: Service },
): void {
  const form = `The form is abfss://FILESYSTEM@${account}.${cloud.dfsSuffix}/path.`;
  if (service === "secondary") {
    throw badPath(`${quote(text)} leads to the copy of ${account} in another region`, form);
  }
  if (service === "private link") {
    throw badPath(
      `${quote(text)} is how a private link is called inside`,
      `${form} In a network with the private link it leads there.`,
    );
  }
  if (service === "file" || service === "queue" || service === "table") {
    throw badPath(`${quote(text)} leads to the ${service} service, not to files of a lake`, form);
  }
}

/** Refuses URLs of snapshots and versions, as only the current file is read. */
function refuseOldVersion(text: string, query: URLSearchParams): void {
  const names = [...query.keys()].map((name) => name.toLowerCase());
  for (const name of ["snapshot", "versionid"]) {
    if (!names.includes(name)) continue;
    throw badPath(
      `${quote(text)} is of an earlier state of a file (${name})`,
      `Only files as they are now are read: leave ${name} out.`,
    );
  }
}

/** Splits a shared access signature off a URL whose form has no query. */
function splitSignature(text: string): { bare: string; sas?: string } {
  const query = signatureIn(text);
  return query === undefined
    ? { bare: text }
    : { bare: text.slice(0, -query.length - 1), sas: query };
}

function signatureIn(text: string): string | undefined {
  const query = /\?([^?]*)$/s.exec(text)?.[1];
  return query !== undefined && /(^|&)sig=/i.test(query) ? query : undefined;
}

function formsOf(cloud: Cloud): string {
  return (
    `The forms are abfss://FILESYSTEM@ACCOUNT.${cloud.dfsSuffix}/path and ` +
    `https://ACCOUNT.${cloud.dfsSuffix}/FILESYSTEM/path` +
    (cloud.name === "public"
      ? `; of OneLake, abfss://WORKSPACE@${ONELAKE_HOST}/ITEM.Lakehouse/Files/path.`
      : ".")
  );
}

function notGen2(cloud: Cloud, text: string): LakeError {
  return badPath(`${quote(text)} is not a lake URL of this cloud`, formsOf(cloud));
}
