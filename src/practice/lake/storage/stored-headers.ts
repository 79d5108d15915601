import type { ContentHeaders } from "../wire/properties.ts";
import { refuse } from "../wire/refusals.ts";
import type { Node } from "./node.ts";

export type BlobType = "BlockBlob" | "AppendBlob";
export type Tier = "Hot" | "Cool" | "Cold" | "Archive";

/** An archived blob on its way to a tier that it can be read from. */
export interface Rehydration {
  readonly to: Tier;
  readonly priority: "Standard" | "High";
  /** When it is there, in milliseconds since 1970. */
  readonly until: number;
}

/** What the service keeps of a blob beside its bytes, content headers and metadata. */
export interface BlobState {
  /** Undefined for a block blob, which every file is that was not made otherwise. */
  readonly type?: "AppendBlob" | undefined;
  /** Undefined while the account's own tier holds. */
  readonly tier?: Tier | undefined;
  readonly rehydration?: Rehydration | undefined;
  /** Whether nothing can be appended any more. */
  readonly sealed?: true | undefined;
  /** What a client called the request that made or moved the path, to know its own by. */
  readonly transaction?: string | undefined;
  /** The API that made the file, whose pieces the other one does not know; undefined for the seed. */
  readonly madeBy?: "blob" | "dfs" | undefined;
}

/** What is stored as a path's headers. */
interface StoredHeaders extends ContentHeaders, BlobState {}

type Headed = Pick<Node, "headers">;

/** A path's headers taken apart. */
export function readHeaders({ headers }: Headed): { content: ContentHeaders; state: BlobState } {
  const { type, tier, rehydration, sealed, transaction, madeBy, ...content } = JSON.parse(
    headers ?? "{}",
  ) as StoredHeaders;
  return { content, state: { type, tier, rehydration, sealed, transaction, madeBy } };
}

/** Headers as a path stores them. */
export function writeHeaders(content: ContentHeaders, state: BlobState): string {
  return JSON.stringify({ ...content, ...state });
}

/** Other content headers, as JSON, in the place of those that a path has. */
export function replaceContent(node: Headed, given: string | null): string {
  return writeHeaders(JSON.parse(given ?? "{}") as ContentHeaders, readHeaders(node).state);
}

export function typeOf({ type }: BlobState): BlobType {
  return type ?? "BlockBlob";
}

/** Refuses an operation on a blob of another type; a directory is of none. */
export function demandType(node: Headed & Pick<Node, "directory">, type: BlobType): void {
  if (node.directory || typeOf(readHeaders(node).state) === type) return;
  throw refuse("InvalidBlobType");
}

/** Refuses to go on with a file that the other API has made; either may make it anew. */
export function demandMadeBy(node: Headed & Pick<Node, "directory">, api: "blob" | "dfs"): void {
  const { madeBy = api } = readHeaders(node).state;
  if (node.directory || madeBy === api) return;
  throw refuse(api === "blob" ? "BlobOperationNotSupported" : "InvalidAppendOperation");
}
