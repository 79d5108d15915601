import type { Cloud } from "../core/cloud.ts";
import { LakeError } from "../core/errors.ts";

/** Where a lake is: one file system of a Gen2 account, or a whole Gen1 account. */
export interface LakeAddress {
  readonly generation: 1 | 2;
  readonly account: string;
  /** Name of the file system; empty for Gen1, which has one to an account. */
  readonly fileSystem: string;
}

/** A place in a lake. */
export interface LakeLocation extends LakeAddress {
  /** From the root, without slashes at its ends; empty for the root. */
  readonly path: string;
  /** Shared access signature that came with the URL, without its question mark. */
  readonly sas?: string;
}

const ACCOUNT = /^[a-z0-9]{3,24}$/;
// Letters, digits and single hyphens; `$root` and its like belong to the service.
const FILE_SYSTEM = /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/;
/** The service's limit on a path's length. */
const MAX_PATH = 1024;

/**
 * Reads an `abfss://`, `https://` or `adl://` URL, or the bare name of a file system in the
 * cloud's own account.
 *
 * @throws LakeError with code `BAD_PATH`
 */
export function parseLocation(cloud: Cloud, text: string): LakeLocation {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case "abfss":
      return parseAbfss(cloud, text);
    case "https":
      return parseHttps(cloud, text);
    case "adl":
      return parseAdl(cloud, text);
    case undefined:
      return parseName(cloud, text);
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
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return checkPath(text);
  const location = parseLocation(cloud, text);
  const { generation, account, fileSystem } = location;
  const same =
    generation === address.generation &&
    account === address.account &&
    fileSystem === address.fileSystem;
  if (!same) {
    throw badPath(
      `${quote(text)} is in another lake than ${describeLake(address)}`,
      `Open ${describeLake(location)} with openLake to reach it.`,
    );
  }
  return location.path;
}

/** `raw @ contosolake`, as messages have it. */
export function describeLake({ account, fileSystem }: LakeAddress): string {
  return fileSystem ? `${fileSystem} @ ${account}` : account;
}

/** `abfss://raw@contosolake.dfs.core.windows.net/` or `adl://…/`, with `path` at its end. */
export function lakeUrl(cloud: Cloud, address: LakeAddress, path = ""): string {
  const { generation, account, fileSystem } = address;
  if (generation === 1) return `adl://${account}.${cloud.gen1Suffix}/${path}`;
  return `abfss://${fileSystem}@${account}.${cloud.dfsSuffix}/${path}`;
}

/** A path as the path part of a URL: each segment escaped, slashes kept. */
export function escapePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** The directory that holds `path`; empty for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last segment of `path`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `name` inside `directory`, where the empty directory is the root. */
export function joinPath(directory: string, name: string): string {
  return directory ? `${directory}/${name}` : name;
}

// An abfss path is taken as it stands, as Hadoop and Spark do: `%20` in it is three characters.
function parseAbfss(cloud: Cloud, text: string): LakeLocation {
  const match = /^abfss:\/\/([^@/]*)@([^/]*)(?:\/(.*))?$/is.exec(text);
  const [, fileSystem = "", host = "", path = ""] = match ?? [];
  const account = match && accountOf(cloud, host, [cloud.dfsSuffix]);
  if (!account) throw notGen2(cloud, text);
  return gen2(text, account, fileSystem, path);
}

function parseAdl(cloud: Cloud, text: string): LakeLocation {
  const [, host = "", path = ""] = /^adl:\/\/([^/]*)(?:\/(.*))?$/is.exec(text) ?? [];
  const account = accountOf(cloud, host, [cloud.gen1Suffix]);
  if (!account) {
    throw badPath(
      `${quote(text)} is not a Gen1 URL of this cloud`,
      `The form is adl://ACCOUNT.${cloud.gen1Suffix}/path.`,
    );
  }
  return { generation: 1, account, fileSystem: "", path: checkPath(path) };
}

function parseHttps(cloud: Cloud, text: string): LakeLocation {
  if (!URL.canParse(text)) throw badPath(`${quote(text)} is not a URL`);
  const url = new URL(text);
  if (url.username || url.password) throw badPath(`${quote(text)} carries a password`);
  const sas = url.searchParams.has("sig") ? { sas: url.search.slice(1) } : {};
  let segments: string[];
  try {
    segments = url.pathname.slice(1).split("/").map(decodeURIComponent);
  } catch {
    throw badPath(`${quote(text)} has a broken % escape`);
  }
  if (segments.some((segment) => segment.includes("/"))) {
    throw badPath(`${quote(text)} has an escaped slash in a name`);
  }
  const gen1 = accountOf(cloud, url.host, [cloud.gen1Suffix]);
  if (gen1) {
    const [webhdfs, version, ...path] = segments;
    const plain = webhdfs === "webhdfs" && version === "v1" ? path : segments;
    return { generation: 1, account: gen1, fileSystem: "", path: checkPath(plain.join("/")) };
  }
  const blobSuffix = cloud.dfsSuffix.replace(/^dfs\./, "blob.");
  const byHost = accountOf(cloud, url.host, [cloud.dfsSuffix, blobSuffix]);
  const byPath = url.host === `127.0.0.1:${cloud.loopback?.port}` ? segments.shift() : undefined;
  const account = byHost ?? byPath;
  if (!account || !ACCOUNT.test(account)) throw notGen2(cloud, text);
  const [fileSystem = "", ...path] = segments;
  return { ...gen2(text, account, fileSystem, path.join("/")), ...sas };
}

function parseName(cloud: Cloud, text: string): LakeLocation {
  if (cloud.account) return gen2(text, cloud.account, text, "");
  throw badPath(
    `which account is ${quote(text)} in?`,
    `Write abfss://${text}@ACCOUNT.${cloud.dfsSuffix}/, or set the account when connecting.`,
  );
}

function gen2(text: string, account: string, fileSystem: string, path: string): LakeLocation {
  if (!FILE_SYSTEM.test(fileSystem)) {
    throw badPath(
      fileSystem
        ? `${quote(fileSystem)} cannot be the name of a file system`
        : `${quote(text)} names no file system`,
      "A name has 3 to 63 characters: a-z, 0-9 and single hyphens between them.",
    );
  }
  return { generation: 2, account, fileSystem, path: checkPath(path) };
}

/** The account in a host name of this cloud; on the practice cloud its port may be absent. */
function accountOf(cloud: Cloud, host: string, suffixes: string[]): string | undefined {
  const [name = "", port] = host.toLowerCase().split(":");
  if (port !== undefined && port !== "443" && port !== String(cloud.loopback?.port)) return;
  for (const suffix of suffixes) {
    const account = name.endsWith(`.${suffix}`) ? name.slice(0, -suffix.length - 1) : "";
    if (ACCOUNT.test(account)) return account;
  }
  return;
}

/** Refuses what the service refuses or would quietly change, so that no two names mean one file. */
export function checkPath(text: string): string {
  const path = text.replace(/^\/+|\/+$/g, "");
  if (path.includes("\\")) {
    throw badPath(`${quote(text)} has a backslash`, "Separate directories by a slash: a/b.");
  }
  const segments = path ? path.split("/") : [];
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw badPath(`${quote(text)} has a . or .. in it`, "A path starts at the root of the lake.");
  }
  if (segments.includes("")) throw badPath(`${quote(text)} has an empty name in it`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) {
    throw badPath(`${quote(text)} has a control character in it`);
  }
  if (/\p{Surrogate}/u.test(path)) throw badPath(`${quote(text)} is not well-formed Unicode`);
  if (path.length > MAX_PATH) {
    throw badPath(`a path of ${path.length} characters is too long: ${MAX_PATH} is the limit`);
  }
  return path;
}

function notGen2(cloud: Cloud, text: string): LakeError {
  return badPath(
    `${quote(text)} is not a lake URL of this cloud`,
    `The forms are abfss://FILESYSTEM@ACCOUNT.${cloud.dfsSuffix}/path and ` +
      `https://ACCOUNT.${cloud.dfsSuffix}/FILESYSTEM/path.`,
  );
}

/** `text` for a message: a query may hold a signature, and a password may stand before the host. */
function quote(text: string): string {
  const bare = text.replace(/\?.*$/s, "?…").replace(/^(\w+:\/\/)[^@/]*:[^@/]*@/, "$1…@");
  return JSON.stringify(bare.length > 200 ? `${bare.slice(0, 200)}…` : bare);
}

function badPath(message: string, hint?: string): LakeError {
  return new LakeError("BAD_PATH", message, hint === undefined ? {} : { hint });
}
