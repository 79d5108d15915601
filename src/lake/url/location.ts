import type { Cloud } from "../../core/cloud.ts";
import { LakeError } from "../../core/errors.ts";

/** Address of a lake: a file system of a Gen2 account, or a Gen1 account. */
export interface LakeAddress {
  readonly generation: 1 | 2;
  readonly account: string;
  /** Name of the file system; empty for Gen1, which has one to an account. */
  readonly fileSystem: string;
  /** Host of its Data Lake endpoint, where that is not the account's name and the cloud's suffix. */
  readonly host?: string | undefined;
}

/** A place in a lake. */
export interface LakeLocation extends LakeAddress {
  /** From the root, without slashes at its ends; empty for the root. */
  readonly path: string;
  /** Shared access signature that came with the URL, without its question mark. */
  readonly sas?: string;
}

/** The service's limit on a path's length. */
const MAX_PATH = 1024;

/** `raw @ contosolake`, as messages have it. */
export function describeLake({ account, fileSystem }: LakeAddress): string {
  return fileSystem ? `${fileSystem} @ ${account}` : account;
}

/** `abfss://raw@contosolake.dfs.core.windows.net/` or `adl://…/`, with `path` at its end. */
export function lakeUrl(cloud: Cloud, address: LakeAddress, path = ""): string {
  const { generation, account, fileSystem } = address;
  if (generation === 1) return `adl://${account}.${cloud.gen1Suffix}/${path}`;
  // Only workspaces of OneLake have names in which something is to be escaped.
  return `abfss://${encodeURIComponent(fileSystem).replace("%24", "$")}@${address.host ?? `${account}.${cloud.dfsSuffix}`}/${path}`;
}

/** Key of a lake's method from a path or URL to the path in the lake. */
export const PATH_OF = Symbol("path of");

/** The path that a path, a pattern or a URL means in `lake`: see `parsePath`. */
export function pathIn(lake: object, text: string): string {
  if (!text.includes("://")) return text;
  return (lake as { [PATH_OF]?: (text: string) => string })[PATH_OF]?.(text) ?? text;
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

/** Refuses paths that the service refuses or would silently change, so that no two mean one file. */
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

/** `text` for a message: a query may hold a signature, and a password may stand before the host. */
export function quote(text: string): string {
  const unsigned = text.replace(/\?.*$/s, "?…").replace(/((?:^|&)sig=).*/is, "$1…");
  const bare = unsigned.replace(/^(\w+:\/\/)[^@/]*:[^@/]*@/, "$1…@");
  return JSON.stringify(bare.length > 200 ? `${bare.slice(0, 200)}…` : bare);
}

export function badPath(message: string, hint?: string): LakeError {
  return new LakeError("BAD_PATH", message, hint === undefined ? {} : { hint });
}
