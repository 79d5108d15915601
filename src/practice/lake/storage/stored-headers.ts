import type { Node } from "./node.ts";

// Content headers that are stored with a path.
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

/** A pending rehydration of an archived blob. */
export interface Rehydration {
  readonly to: Tier;
  readonly priority: "Standard" | "High";
  /** When it completes, in milliseconds since 1970. */
  readonly until: number;
}

/** State of a blob beside its bytes, content headers and metadata. */
export interface BlobState {
  /** Undefined for a block blob, the default. */
  readonly type?: "AppendBlob" | undefined;
  /** Undefined for the account's default tier. */
  readonly tier?: Tier | undefined;
  readonly rehydration?: Rehydration | undefined;
  /** Whether nothing can be appended any more. */
  readonly sealed?: true | undefined;
  /** `x-ms-client-transaction-id` of the request that created or moved the path. */
  readonly transaction?: string | undefined;
  /** The API that created the file, as the other one cannot append to it; undefined for seeds. */
  readonly madeBy?: "blob" | "dfs" | undefined;
}

/** What is stored as a path's headers. */
interface StoredHeaders extends ContentHeaders, BlobState {}

type Headed = Pick<Node, "headers">;

/** The parsed headers of a path. */
interface ReadHeaders {
  readonly content: Readonly<ContentHeaders>;
  readonly state: BlobState;
}

// Cached, as one request reads them several times.
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

/** Replaces the content headers of a path, as JSON. */
export function replaceContent(node: Headed, given: string | null): string {
  return writeHeaders(JSON.parse(given ?? "{}") as ContentHeaders, readHeaders(node).state);
}

export function typeOf({ type }: BlobState): BlobType {
  return type ?? "BlockBlob";
}

/** The current tier of a blob that was given one. */
export function tierNow({ tier, rehydration }: BlobState): Tier | undefined {
  return rehydration && rehydration.until <= Date.now() ? rehydration.to : tier;
}
