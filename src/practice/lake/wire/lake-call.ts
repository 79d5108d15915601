import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestNotes } from "../../requests/request-notes.ts";
import { refuse, refuseHeader, refuseQuery } from "./refusals.ts";

/** The endpoint of a request. */
export type Dialect = "dfs" | "blob" | "gen1";

/** Name of the only file system of a Gen1 account. */
export const GEN1_FILE_SYSTEM = "root";

const MAX_PATH = 1_024;

/** Workspace and item as the request has them, which answers repeat. */
export interface WrittenPlace {
  readonly workspace: string;
  /** Name or id of the item; undefined for the workspace itself. */
  readonly item: string | undefined;
  /** Whether the workspace is written as its id. */
  readonly byId: boolean;
  /** A path as the request has it: with ids where it has ids. */
  shown(path: string): string;
}

/** A parsed request to the lake, and its response. */
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
  /** Undefined on any other account than OneLake. */
  readonly oneLake?: WrittenPlace;
  readonly requestId: string;
  /** For the request log. */
  readonly notes: RequestNotes;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The request as its router hands it over. */
export interface LakeRequest {
  readonly account: string;
  /** Path after the account, percent-encoded, without the query. */
  readonly path: string;
  /** The endpoint, where the host name has it. */
  readonly dialect?: Dialect;
  readonly isOneLake?: boolean;
  readonly notes?: RequestNotes;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Parses everything but the path, so that a bad path can be answered. */
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
 * Parses the path of a call.
 *
 * @throws Refusal for a path that a lake cannot have
 */
export function placeCall(call: Call): Call {
  if (call.dialect !== "gen1") return { ...call, ...place(call.rawPath) };
  const { names } = place(call.rawPath.replace(/^\/webhdfs\/v1|^\/webhdfsext/i, "/-"));
  return { ...call, fileSystem: GEN1_FILE_SYSTEM, names };
}

/** Hadoop's HTTP library has no PATCH: its client names the method in a header. */
function methodOf({ method = "GET", headers }: IncomingMessage): string {
  const isPatch = headers["x-http-method-override"]?.toString().toUpperCase() === "PATCH";
  return method === "PUT" && isPatch ? "PATCH" : method;
}

/** Names of parameters ignore case. */
function lowerCased(query: URLSearchParams): URLSearchParams {
  if ([...query.keys()].every((name) => name === name.toLowerCase())) return query;
  const lowered = new URLSearchParams();
  for (const [name, value] of query) lowered.append(name.toLowerCase(), value);
  return lowered;
}

/**
 * Splits and decodes a path into the file system and the names below it. Empty segments are
 * dropped; an encoded slash separates too.
 *
 * @throws Refusal for a path that a lake cannot have
 */
export function place(path: string): { fileSystem: string; names: string[] } {
  let decoded: string;
  try {
    decoded = path.includes("%") ? decodeURIComponent(path) : path;
  } catch {
    throw refuse("InvalidUri");
  }
  const [fileSystem = "", ...names] = decoded.split("/").filter((name) => name !== "");
  // A backslash separates in the service too.
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
 * The path that a call works on; of a listing, the directory that it lists. For a prefix, that is
 * the directory above all that begins with it: `a` is not `a/`.
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
  // On a URL for both endpoints, `Accept` tells the client library.
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

/** A query parameter that is a number; the fallback when absent. */
export function count(call: Call, name: string, fallback: number, least = 0): number {
  const text = call.query.get(name);
  if (text === null || text === "") return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw refuseQuery(name, text);
  }
  return value;
}

/** A query parameter that is true or false; false when absent. */
export function flag(call: Call, name: string): boolean {
  const text = call.query.get(name)?.toLowerCase();
  if (text && text !== "true" && text !== "false") throw refuseQuery(name, text);
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
