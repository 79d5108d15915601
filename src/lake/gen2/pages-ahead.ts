import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { ForeignReply, jsonOf } from "../../core/azure-reply.ts";
import type { LakeEntry } from "../lake.ts";
import { Continuations } from "../list/continuations.ts";
import type { Page } from "../store.ts";

const YEAR_1601 = Date.UTC(1601, 0);

/** A path as a listing has it; every value is a string. */
interface ListedPath {
  readonly name: string;
  readonly isDirectory?: string;
  readonly contentLength?: string;
  readonly lastModified: string;
  readonly etag: string;
  /** In tenths of a microsecond since 1601. */
  readonly expiryTime?: string;
}

/**
 * Requests the page of a continuation token, which is empty for the first.
 *
 * @param onNext called with the token of the next page, empty for the last, before the body arrives;
 *   again when the request is repeated
 * @returns the reply with its body, the JSON of the page
 */
export type AskPage = (
  continuation: string,
  onNext: (continuation: string) => void,
  signal: AbortSignal,
) => Promise<PipelineResponse>;

/**
 * The pages of a listing of `directory`, in order. The next page is requested as soon as the head of a
 * reply has its token, while the body is still arriving. At most one page waits for the reader.
 *
 * @param nameOf from a listed name to the path, where they differ
 * @throws ForeignReply when a page is none, or one that came before
 */
export async function* pagesAhead(
  ask: AskPage,
  directory: string,
  outer: AbortSignal | undefined,
  nameOf = (listed: string) => listed,
): AsyncGenerator<Page> {
  const continuations = new Continuations();
  const leaving = new AbortController();
  const signal = AbortSignal.any(outer ? [outer, leaving.signal] : [leaving.signal]);
  try {
    let page: ExpectedPage | undefined = expectPage(ask, "", signal);
    while (page) {
      // When a page fails, no token comes: `reply` rejects.
      const continuation: string = await Promise.race([
        page.continuation,
        page.reply.then(() => ""),
      ]);
      const next: ExpectedPage | undefined = continuation
        ? expectPage(ask, continuation, signal)
        : undefined;
      const entries = entriesIn(await page.reply, directory, nameOf);
      if (!continuations.isNew(continuation, entries[0]?.path)) {
        throw new ForeignReply(await page.reply, "it is a page that came before");
      }
      page = next;
      yield { entries, isLast: !next };
    }
  } finally {
    leaving.abort(); // the request ahead
  }
}

/** A page that was requested. */
interface ExpectedPage {
  /** Token of the next page. Settles before `reply` does, or never when that fails. */
  readonly continuation: Promise<string>;
  readonly reply: Promise<PipelineResponse>;
}

function expectPage(ask: AskPage, from: string, signal: AbortSignal): ExpectedPage {
  const { promise: continuation, resolve } = Promise.withResolvers<string>();
  const reply = ask(from, resolve, signal);
  reply.catch(() => {}); // thrown when the reader gets there, if ever
  return { continuation, reply };
}

/** @throws ForeignReply where an entry is none, or does not lie in `directory` */
function entriesIn(
  reply: PipelineResponse,
  directory: string,
  nameOf: (listed: string) => string,
): LakeEntry[] {
  const { paths } = jsonOf(reply) as { paths?: unknown };
  const start = directory && `${directory}/`;
  const fail = () => new ForeignReply(reply, "its JSON is no list of paths in what was asked for");
  if (!Array.isArray(paths)) throw fail();
  return paths.map((listed: Partial<ListedPath> | null) => {
    if (typeof listed?.name !== "string" || typeof listed.etag !== "string") throw fail();
    const entry = entryOfListed(listed as ListedPath, nameOf(listed.name));
    const isInside = entry.path.length > start.length && entry.path.startsWith(start);
    if (!isInside || !(entry.size >= 0) || Number.isNaN(entry.modified.getTime())) throw fail();
    return entry;
  });
}

function entryOfListed(listed: ListedPath, path: string): LakeEntry {
  const directory = listed.isDirectory === "true";
  const entry: LakeEntry = {
    path,
    kind: directory ? "directory" : "file",
    size: directory ? 0 : Number(listed.contentLength ?? 0),
    modified: new Date(listed.lastModified),
    etag: listed.etag.startsWith('"') ? listed.etag : `"${listed.etag}"`,
  };
  const { expiryTime } = listed;
  if (!expiryTime || expiryTime === "0") return entry;
  return { ...entry, expires: new Date(Math.round(Number(expiryTime) / 10_000) + YEAR_1601) };
}
