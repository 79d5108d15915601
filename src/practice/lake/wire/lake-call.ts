import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestNotes } from "../../requests/request-notes.ts";
import { refuse, refuseHeader, refuseQuery } from "./refusals.ts";

/** Which of the services a request speaks to. */
export type Dialect = "dfs" | "blob" | "gen1";

/** A Gen1 account is one file system; this is what it is called inside. */
export const GEN1_FILE_SYSTEM = "root";

const MAX_PATH = 1_024;

/** How a request wrote the names of what it is for, which answers repeat. */
export interface WrittenPlace {
  readonly workspace: string;
  /** Name or id of the item; undefined for the workspace itself. */
  readonly item: string | undefined;
  /** Whether the workspace is written as its id. */
  readonly byId: boolean;
  /** A path of the workspace as the request writes paths: with ids where it has ids. */
  shown(path: string): string;
}

/** One request to the lake: what it asks for, decoded, and where the answer goes. */
export interface Call {
  readonly account: string;
  readonly method: string;
  readonly dialect: Dialect;
  /** Raw path behind the account, still percent-encoded. */
  readonly rawPath: string;
  /** First segment of the path; empty for the account itself. */
  readonly fileSystem: string;
  /** Names below the file system. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
  /** What it says of a place in OneLake; undefined on any other account. */
  readonly oneLake?: WrittenPlace;
  readonly requestId: string;
  /** What is written down of the request. */
  readonly notes: RequestNotes;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The request as its router hands it over. */
export interface LakeRequest {
  readonly account: string;
  /** Path of the request's target behind the account, percent-encoded as it came, no query. */
  readonly path: string;
  /** Which service the host name stands for, when it says so. */
  readonly dialect?: Dialect;
  readonly isOneLake?: boolean;
  readonly notes?: RequestNotes;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Reads what a request asks for, all but its path, so that it can be answered in any case. */
export function openCall(incoming: LakeRequest): Call {
  const { account, path, request, response, notes = {} } = incoming;
  const target = request.url ?? "/";
  const mark = target.indexOf("?");
  const query = lowerCased(new URLSearchParams(mark < 0 ? undefined : target.slice(mark + 1)));
  const method = methodOf(request);
  const isGen1 = incoming.dialect === "gen1";
  const dialect = isGen1 ? "gen1" : dialectOf(incoming, method, query);
  notes.service = dialect;
  return {
    account,
    method,
    dialect,
    rawPath: path,
    fileSystem: "",
    names: [],
    query,
    requestId: randomUUID(),
    notes,
    request,
    response,
  };
}

/**
 * Reads a call's path.
 *
 * @throws Refusal for a path that no name in a lake can have
 */
export function placeCall(call: Call): Call {
  if (call.dialect !== "gen1") return { ...call, ...place(call.rawPath) };
  const { names } = place(call.rawPath.replace(/^\/webhdfs\/v1|^\/webhdfsext/i, "/-"));
  return { ...call, fileSystem: GEN1_FILE_SYSTEM, names };
}

/** Hadoop's client, whose HTTP library knows no PATCH, says it in a header; nothing else is. */
function methodOf({ method = "GET", headers }: IncomingMessage): string {
  const isPatch = headers["x-http-method-override"]?.toString().toUpperCase() === "PATCH";
  return method === "PUT" && isPatch ? "PATCH" : method;
}

/** The service takes the names of its parameters in any case. */
function lowerCased(query: URLSearchParams): URLSearchParams {
  if ([...query.keys()].every((name) => name === name.toLowerCase())) return query;
  const lowered = new URLSearchParams();
  for (const [name, value] of query) lowered.append(name.toLowerCase(), value);
  return lowered;
}

/**
 * Splits and decodes a path: file system first, then the names below it. Empty segments mean
 * nothing; an encoded slash separates like a plain one.
 *
 * @throws Refusal for a path that no name in a lake can have
 */
export function place(path: string): { fileSystem: string; names: string[] } {
  let decoded: string;
  try {
    decoded = path.includes("%") ? decodeURIComponent(path) : path;
  } catch {
    throw refuse("InvalidUri");
  }
  const [fileSystem = "", ...names] = decoded.split("/").filter((name) => name !== "");
  // A backslash is a separator to the real service's front end as well.
  if (names.some((name) => name === "." || name === "..") || fileSystem.startsWith("..")) {
    throw refuse("InvalidUri");
  }
  if (names.join("/").length > MAX_PATH) throw refuse("OutOfRangeInput");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f\uFFFE\uFFFF]/.test(decoded)) {
    throw refuse("InvalidResourceName");
  }
  return { fileSystem, names };
}

/**
 * What a call works on: a listing works on the directory it lists. A prefix lists the directory
 * that all which begins with it lies in, so that `a` is not `a/`.
 */
export function targetNames({ dialect, names, query }: Call): readonly string[] {
  if (names.length > 0) return names;
  const prefix = query.get("prefix") ?? "";
  const isBlobs = dialect === "blob" && query.get("comp") === "list";
  const listed = isBlobs
    ? prefix.slice(0, prefix.lastIndexOf("/") + 1)
    : query.get("resource") === "filesystem"
      ? (query.get("directory") ?? "")
      : "";
  return listed.split("/").filter((name) => name !== "");
}

/** Whether a name may be that of a file system ("Naming and referencing containers"). */
export function checkFileSystemName(name: string): void {
  if (name === "$root" || name === "$web" || name === "$logs") return;
  if (name.length < 3 || name.length > 63) throw refuse("OutOfRangeInput");
  if (!/^[a-z0-9](-?[a-z0-9])*$/.test(name)) throw refuse("InvalidResourceName");
}

const DFS_PARAMETERS = ["resource", "action", "recursive", "mode", "continuation", "directory"];

function dialectOf(incoming: LakeRequest, method: string, query: URLSearchParams): "dfs" | "blob" {
  const { headers } = incoming.request;
  if (query.has("restype") || query.has("comp") || headers["x-ms-blob-type"]) return "blob";
  if (headers["x-ms-copy-source"]) return "blob";
  if (method === "PATCH" || DFS_PARAMETERS.some((name) => query.has(name))) return "dfs";
  if (headers["x-ms-rename-source"] || headers["x-ms-lease-action"]) return "dfs";
  // On one URL for both, what the caller can read tells which client library it is.
  const accept = headers.accept ?? "";
  if (accept.includes("application/xml")) return "blob";
  if (accept.includes("application/json")) return "dfs";
  return incoming.dialect === "dfs" ? "dfs" : "blob";
}

/** A request header's value; undefined when absent or empty. */
export function header(call: Call, name: string): string | undefined {
  const value = call.request.headers[name];
  const text = Array.isArray(value) ? value.join(", ") : value;
  return text === "" ? undefined : text;
}

/** A query parameter that counts something; the fallback when absent. */
export function count(call: Call, name: string, fallback: number, least = 0): number {
  const text = call.query.get(name);
  if (text === null || text === "") return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw refuseQuery(name, text);
  }
  return value;
}

/** A query parameter that is true or false; the fallback when absent. */
export function flag(call: Call, name: string, fallback: boolean): boolean {
  const text = call.query.get(name)?.toLowerCase();
  if (text === undefined || text === "") return fallback;
  if (text !== "true" && text !== "false") throw refuseQuery(name, text);
  return text === "true";
}

/** A header that is a date as HTTP has them, in milliseconds since 1970. */
export function date(call: Call, name: string): number | undefined {
  const text = header(call, name);
  if (text === undefined) return undefined;
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw refuseHeader(name);
  return value;
}

/** `https://ACCOUNT.blob.core.windows.net/`, or in the DNS zone that the request came by. */
export function blobEndpoint({ account, request }: Call): string {
  const zone = /^[a-z0-9]+\.(z\d\d)\./.exec(request.headers.host ?? "")?.[1];
  return zone === undefined
    ? `https://${account}.blob.core.windows.net/`
    : `https://${account}.${zone}.blob.storage.azure.net/`;
}
