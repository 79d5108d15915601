import { demand, demandEntry, isGranted } from "../access/demand.ts";
import { existing, locate, type Operation } from "../access/operation.ts";
import { permissionText } from "../access/permissions.ts";
import { type Node, SUPER_USER } from "../storage/node.ts";
import { walk } from "../storage/walk.ts";
import { answerJson } from "../wire/answer.ts";
import { readToken, writeToken } from "../wire/continuation-token.ts";
import { count, flag, place } from "../wire/lake-call.ts";
import { httpDate } from "../wire/properties.ts";
import { refuse, refuseQuery } from "../wire/refusals.ts";

const MAX_RESULTS = 5_000;
// Milliseconds from 1601, where Windows starts to count, to 1970.
const FILE_TIME_EPOCH = 11_644_473_600_000;

/** GET ?resource=filesystem on a file system: its paths in order, in pages. */
export function listPaths(operation: Operation): void {
  const { call, store } = operation;
  if (!call.query.has("recursive")) throw refuse("MissingRequiredQueryParameter");
  const recursive = flag(call, "recursive");
  const { names } = place(`/-/${encodeURIComponent(call.query.get("directory") ?? "")}`);
  const limit = Math.min(count(call, "maxresults", MAX_RESULTS, 1), MAX_RESULTS);
  const listed = locate({ ...operation, call: { ...call, names } });
  demand(listed, "list");
  const directory = existing(listed);
  const isHeldToAcl = recursive && !isGranted(listed, "list");
  const start = { id: directory.id, path: names.join("/") };
  const token = call.query.get("continuation");
  const from = token
    ? []
    : beginFrom(call.query.get("startfrom") ?? call.query.get("beginfrom"), recursive);
  const after = token ? readToken("continuation", token) : from;

  const isNamed = flag(call, "upn");
  const rows: string[] = [];
  let last = "";
  let continuation: string | undefined;
  const first =
    from.length > 0 ? store.tree.resolve(directory.id, from).at(from.length) : undefined;
  const paths = function* () {
    if (first) yield { node: first, path: [...names, ...from].join("/") };
    // A listing of a file has the file.
    if (directory.directory) yield* walk(store.tree, start, recursive, after);
    else yield { node: directory, path: start.path };
  };
  for (const { node, path } of paths()) {
    // By access lists, a caller lists only the directories that these open.
    if (isHeldToAcl && node.directory) demandEntry(listed, node, path);
    if (rows.length === limit) {
      continuation = writeToken(
        last.slice(start.path === "" ? 0 : start.path.length + 1).split("/"),
      );
      break;
    }
    const { oneLake } = call;
    if (oneLake) rows.push(row({ ...node, ...NOBODYS }, oneLake.shown(path)));
    else rows.push(row(isNamed ? named(node, operation) : node, path));
    last = path;
  }
  answerJson(call, 200, `{"paths":[${rows.join(",")}]}`, {
    "x-ms-continuation": continuation,
  });
}

const NOBODYS = { owner: SUPER_USER, group: SUPER_USER, mode: 0, acl: null };

function named(node: Node, { nameOf }: Operation): Node {
  return { ...node, owner: nameOf(node.owner), group: nameOf(node.group) };
}

/** Names, below the listed directory, of the path to begin with. */
function beginFrom(path: string | null, recursive: boolean): string[] {
  const names = (path ?? "").split("/").filter((name) => name !== "");
  if (names.length > 1 && !recursive) throw refuseQuery("beginfrom", path ?? "");
  return names;
}

// In 100 ns, which a number does not hold exactly: the last digits are appended as text.
function fileTime(time: number): string {
  return `${time + FILE_TIME_EPOCH}0000`;
}

// Cached, as owner and mode repeat from row to row.
let access = { mode: -1, acl: null as string | null, owner: "", group: "", text: "" };

function accessText({ mode, acl, owner, group }: Node): string {
  if (
    access.mode !== mode ||
    access.acl !== acl ||
    access.owner !== owner ||
    access.group !== group
  ) {
    const fields = { group, owner, permissions: permissionText({ mode, acl }) };
    access = { mode, acl, owner, group, text: JSON.stringify(fields).slice(1, -1) };
  }
  return access.text;
}

function row(node: Node, path: string): string {
  const { size, etag, created, expires } = node;
  const directory = node.directory ? ',"isDirectory":"true"' : "";
  const expiry = expires === null ? "" : `,"expiryTime":"${fileTime(expires)}"`;
  const name = JSON.stringify(path);
  const modified = httpDate(node.modified);
  return `{"contentLength":"${size}","creationTime":"${fileTime(created)}","etag":"${etag}",${accessText(node)}${directory}${expiry},"lastModified":"${modified}","name":${name}}`;
}
