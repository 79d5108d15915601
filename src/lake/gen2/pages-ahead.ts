import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { ForeignReply, jsonOf } from "../../core/azure-reply.ts";
import { Continuations } from "../continuations.ts";
import type { LakeEntry } from "../lake.ts";
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
 * Asks for the page that begins at `continuation`, which is empty for the first.
 *
 * @param onNext is told where the next page begins, or nothing for the last, once the head of the
 *   reply is there; told again when the page had to be asked for again
 * @returns the whole reply, whose body is the JSON of the page
 */
export type AskPage = (
  continuation: string,
  onNext: (continuation: string) => void,
  signal: AbortSignal,
) => Promise<PipelineResponse>;

/**
 * The pages of what lies in `directory`, in order. The head of a reply says where the next page begins, so that
 * is asked for while the body is still on its way. Never more than one page waits for the reader.
 *
 * @param nameOf the path that a listed name stands for, where that is not the name
 *
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
      // Of a page that cannot be had there is no continuation: its failure is what comes first.
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
    leaving.abort(); // a page that nobody waits for any more
  }
}

/** A page that was asked for. */
interface ExpectedPage {
  /** Where the next page begins. Settles before `reply` does, or never when that fails. */
  readonly continuation: Promise<string>;
  readonly reply: Promise<PipelineResponse>;
}

function expectPage(ask: AskPage, from: string, signal: AbortSignal): ExpectedPage {
  let tell = (_continuation: string) => {};
  const continuation = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const reply = ask(from, tell, signal);
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
