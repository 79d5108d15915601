import type { Node } from "../storage/node.ts";
import { type BlobType, readHeaders, tierNow, typeOf } from "../storage/stored-headers.ts";
import { refuse } from "../wire/refusals.ts";

type Headed = Pick<Node, "headers">;

/** Refuses to read or change an archived blob. */
export function demandOnline(node: Pick<Node, "headers">): void {
  const { state } = readHeaders(node);
  if (tierNow(state) !== "Archive") return;
  throw refuse(state.rehydration ? "BlobBeingRehydrated" : "BlobArchived");
}

/** Refuses a blob of another type; a directory has no type. */
export function demandType(node: Headed & Pick<Node, "directory">, type: BlobType): void {
  if (node.directory || typeOf(readHeaders(node).state) === type) return;
  throw refuse("InvalidBlobType");
}

/** Refuses to append to a file that the other API made; either may replace it. */
export function demandMadeBy(node: Headed & Pick<Node, "directory">, api: "blob" | "dfs"): void {
  const { madeBy = api } = readHeaders(node).state;
  if (node.directory || madeBy === api) return;
  throw refuse(api === "blob" ? "BlobOperationNotSupported" : "InvalidAppendOperation");
}
