import type { Node } from "./node.ts";

// Content headers that a path keeps, as they are answered.
export const CONTENT_HEADERS = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "content-md5",
] as const;

/** Content headers of a path by their names in lower case. */
export type ContentHeaders = Partial<Record<(typeof CONTENT_HEADERS)[number], string>>;

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
interface ReadHeaders {
  readonly content: Readonly<ContentHeaders>;
  readonly state: BlobState;
}

// One request asks several times.
let last: ReadHeaders & Headed = { headers: null, content: {}, state: {} };

export function readHeaders({ headers }: Headed): ReadHeaders {
  if (last.headers === headers) return last;
  const { type, tier, rehydration, sealed, transaction, madeBy, ...content } = JSON.parse(
    headers ?? "{}",
  ) as StoredHeaders;
  const state = { type, tier, rehydration, sealed, transaction, madeBy };
  last = { headers, content, state };
  return last;
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

/** The tier that a blob is in by now, once it was given one. */
export function tierNow({ tier, rehydration }: BlobState): Tier | undefined {
  return rehydration && rehydration.until <= Date.now() ? rehydration.to : tier;
}
