import { hash } from "node:crypto";
import type { Store } from "../storage/lake-store.ts";
import type { Call, WrittenPlace } from "../wire/lake-call.ts";

/** Account name of OneLake. */
export const ONELAKE = "onelake";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isId(text: string): boolean {
  return GUID.test(text);
}

/** The id of a workspace, or of an item in one; the same in every practice cloud. */
export function idOf(workspace: string, item = ""): string {
  const hex = hash("sha256", `${workspace}/${item}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * A call on OneLake with names in place of the ids of its workspace and item, in its path and in
 * the parameters of a listing. Unknown ids stay.
 */
export function placeOnOneLake(call: Call, store: Store): Call {
  const { fileSystem: workspace, names, query } = call;
  const known = store.fileSystems.list("", "", Number.MAX_SAFE_INTEGER);
  const match = known.find(({ name }) => name === workspace || isSame(idOf(name), workspace));
  const parameter = call.dialect === "dfs" ? "directory" : "prefix";
  const listed = query.get(parameter)?.replace(/^\/+/, "") ?? "";
  const [first = "", ...rest] = names.length > 0 ? names : listed.split("/");
  // A prefix without a slash may match several items.
  const isWhole = names.length > 0 || parameter === "directory" || listed.includes("/");
  const written = isWhole && first !== "" ? first : undefined;
  const items = match ? store.tree.children(match.root, "", Number.MAX_SAFE_INTEGER) : [];
  const name = match?.name ?? workspace;
  const item = items.find(
    (one) => written && (isSame(one.name, written) || isSame(idOf(name, one.name), written)),
  )?.name;
  const byId = isId(workspace);
  const oneLake: WrittenPlace = {
    workspace,
    item: written,
    byId,
    shown: (path) => {
      const [top = "", ...below] = path.split("/");
      const shown = written && top === item ? written : byId && top ? idOf(name, top) : top;
      return [shown, ...below].join("/");
    },
  };
  if (item === undefined) return { ...call, fileSystem: name, oneLake };
  if (names.length > 0) return { ...call, fileSystem: name, names: [item, ...rest], oneLake };
  const placed = new URLSearchParams(query);
  placed.set(parameter, [item, ...rest].join("/"));
  return { ...call, fileSystem: name, query: placed, oneLake };
}

/** Names of items ignore case: `Airport.lakehouse` is `Airport.Lakehouse`. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
