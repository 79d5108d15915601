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
 * @returns the JSON of the page
 */
export type AskPage = (
  continuation: string,
  onNext: (continuation: string) => void,
  signal: AbortSignal,
) => Promise<string>;

/**
 * The pages of a listing, in order. The head of a reply says where the next page begins, so that
 * is asked for while the body is still on its way. Never more than one page waits for the reader.
 */
export async function* pagesAhead(
  ask: AskPage,
  outer: AbortSignal | undefined,
): AsyncGenerator<Page> {
  const leaving = new AbortController();
  const signal = AbortSignal.any(outer ? [outer, leaving.signal] : [leaving.signal]);
  try {
    let page: ExpectedPage | undefined = expectPage(ask, "", signal);
    while (page) {
      const continuation: string = await Promise.race([page.continuation, page.json]);
      const next: ExpectedPage | undefined = continuation
        ? expectPage(ask, continuation, signal)
        : undefined;
      const { paths } = JSON.parse(await page.json) as { paths: ListedPath[] };
      page = next;
      yield { entries: paths.map(entryOfListed), isLast: !next };
    }
  } finally {
    leaving.abort(); // a page that nobody waits for any more
  }
}

/** A page that was asked for. */
interface ExpectedPage {
  /** Where the next page begins. Settles before `json` does, or never when that fails. */
  readonly continuation: Promise<string>;
  readonly json: Promise<string>;
}

function expectPage(ask: AskPage, from: string, signal: AbortSignal): ExpectedPage {
  let tell = (_continuation: string) => {};
  const continuation = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const json = ask(from, tell, signal);
  json.catch(() => {}); // thrown when the reader gets there, if ever
  return { continuation, json };
}

function entryOfListed(listed: ListedPath): LakeEntry {
  const directory = listed.isDirectory === "true";
  const entry: LakeEntry = {
    path: listed.name,
    kind: directory ? "directory" : "file",
    size: directory ? 0 : Number(listed.contentLength ?? 0),
    modified: new Date(listed.lastModified),
    etag: listed.etag.startsWith('"') ? listed.etag : `"${listed.etag}"`,
  };
  const { expiryTime } = listed;
  if (!expiryTime || expiryTime === "0") return entry;
  return { ...entry, expires: new Date(Math.round(Number(expiryTime) / 10_000) + YEAR_1601) };
}
