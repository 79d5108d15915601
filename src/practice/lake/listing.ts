import { demand } from "./access.ts";
import { permissionText } from "./acl.ts";
import { answerJson } from "./answer.ts";
import { count, flag, place } from "./call.ts";
import { fileSystemOf, type Operation } from "./operation.ts";
import { versionHeaders } from "./properties.ts";
import { refuse, refuseQuery } from "./refusals.ts";
import type { Node } from "./tree.ts";
import { walk } from "./walk.ts";

const MAX_RESULTS = 5_000;
// Windows file time (100 ns since 1601) at 1970.
const FILE_TIME_AT_EPOCH = 116_444_736_000_000_000n;

/** GET ?resource=filesystem on a file system: its paths, a page at a time, in path order. */
export function listPaths(operation: Operation): void {
  const { call, caller, store } = operation;
  const fileSystem = fileSystemOf(operation);
  demand(caller, "read", call.fileSystem);
  if (!call.query.has("recursive")) throw refuse("MissingRequiredQueryParameter");
  const recursive = flag(call, "recursive", false);
  const { names } = place(`/-/${encodeURIComponent(call.query.get("directory") ?? "")}`);
  const limit = Math.min(count(call, "maxResults", MAX_RESULTS, 1), MAX_RESULTS);
  const found = store.tree.resolve(fileSystem.root, names);
  const directory = found.at(-1);
  if (!directory || found.length !== names.length + 1) throw refuse("PathNotFound");
  const start = { id: directory.id, path: names.join("/") };
  const token = call.query.get("continuation");
  const from = token ? [] : beginFrom(call.query.get("beginFrom"), recursive);
  const after = token ? readToken(token) : from;

  const rows: string[] = [];
  let last: readonly string[] = [];
  let continuation: string | undefined;
  const first =
    from.length > 0 ? store.tree.resolve(directory.id, from).at(from.length) : undefined;
  const paths = function* () {
    if (first) yield { node: first, path: [...names, ...from].join("/") };
    // A file lists as itself.
    if (directory.directory) yield* walk(store.tree, start, recursive, after);
    else yield { node: directory, path: start.path };
  };
  for (const { node, path } of paths()) {
    if (rows.length === limit) {
      continuation = Buffer.from(JSON.stringify(last)).toString("base64url");
      break;
    }
    rows.push(row(node, path));
    last = path.slice(start.path === "" ? 0 : start.path.length + 1).split("/");
  }
  answerJson(call, 200, `{"paths":[${rows.join(",")}]}`, {
    ...versionHeaders(fileSystem),
    "x-ms-continuation": continuation,
  });
}

/** Names, from the listed directory on, of the last path that an earlier page gave. */
function readToken(token: string): string[] {
  try {
    const names = JSON.parse(Buffer.from(token, "base64url").toString()) as unknown;
    if (Array.isArray(names)) return names.map(String);
  } catch {
    // Falls through to the refusal: a token is only ever what this server gave out.
  }
  throw refuseQuery("continuation", token);
}

/** Names, from the listed directory on, of the path that a listing is to begin with. */
function beginFrom(path: string | null, recursive: boolean): string[] {
  const names = (path ?? "").split("/").filter((name) => name !== "");
  if (names.length > 1 && !recursive) throw refuseQuery("beginFrom", path ?? "");
  return names;
}

// Whole seconds repeat from row to row, and formatting a date costs more than the rest of a row.
let dateText = { second: Number.NaN, text: "" };

function httpDate(time: number): string {
  const second = Math.floor(time / 1_000);
  if (dateText.second !== second) dateText = { second, text: new Date(time).toUTCString() };
  return dateText.text;
}

function fileTime(time: number): string {
  return String(BigInt(time) * 10_000n + FILE_TIME_AT_EPOCH);
}

function row(node: Node, path: string): string {
  const { size, etag, owner, group, expires } = node;
  const directory = node.directory ? ',"isDirectory":"true"' : "";
  const expiry = expires === null ? "" : `,"expiryTime":"${fileTime(expires)}"`;
  return `{"contentLength":"${size}","creationTime":"${fileTime(node.created)}","etag":"${etag}","group":${JSON.stringify(group)}${directory}${expiry},"lastModified":"${httpDate(node.modified)}","name":${JSON.stringify(path)},"owner":${JSON.stringify(owner)},"permissions":"${permissionText(node)}"}`;
}
