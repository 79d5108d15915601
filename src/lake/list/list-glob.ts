import { ignoreForbidden } from "../http/retry.ts";
import type { LakeEntry } from "../lake.ts";
import type { Page, Store } from "../store.ts";
import type { Glob } from "./glob.ts";

/** Directories whose first page is requested before the reader gets there. */
const AHEAD = 16;
/** From this many siblings on, each directory is listed recursively: they are parallel enough. */
const MANY = 8;
/** A tree of up to this many entries is listed by one request. */
const FEW = 1000;

/**
 * What matches `glob`, some at a time, each directory followed by what lies in it. Only directories
 * that can contain a match are listed, a few ahead of where the reader is. A small tree takes one
 * request, however many directories it has.
 */
export async function* listGlob(
  store: Store,
  glob: Glob,
  signal?: AbortSignal,
): AsyncGenerator<readonly LakeEntry[]> {
  const leaving = new AbortController();
  const signals = signal ? [signal, leaving.signal] : [leaving.signal];
  const walk = new Walk(store, glob, AbortSignal.any(signals));
  const matching = (entries: readonly LakeEntry[]) =>
    entries.filter(({ path }) => glob.matches(path));
  try {
    const whole = await walk.smallTree();
    if (whole) yield matching(whole);
    else for await (const some of walk.from(walk.open(glob.base, false))) yield matching(some);
  } finally {
    leaving.abort(); // of the requests ahead
  }
}

/** Everything below `directory`, hidden or not, each directory followed by what lies in it. */
export async function* listBelow(
  store: Store,
  directory: string,
  signal?: AbortSignal,
): AsyncGenerator<LakeEntry> {
  const everything: Glob = { base: directory, matches: () => true, reach: () => "all" };
  for await (const entries of listGlob(store, everything, signal)) {
    for (const entry of entries) yield entry;
  }
}

/** A directory whose first page was requested. */
interface Listing {
  readonly recursive: boolean;
  readonly pages: AsyncIterator<Page>;
  readonly first: Promise<IteratorResult<Page>>;
}

class Walk {
  readonly #store: Store;
  readonly #glob: Glob;
  readonly #signal: AbortSignal;

  constructor(store: Store, glob: Glob, signal: AbortSignal) {
    this.#store = store;
    this.#glob = glob;
    this.#signal = signal;
  }

  open(directory: string, recursive: boolean, more: { pageSize?: number } = {}): Listing {
    const options = { recursive, signal: this.#signal, ...more };
    const pages = this.#store.listPages(directory, options)[Symbol.asyncIterator]();
    const first = pages.next();
    first.catch(() => {}); // thrown when the reader gets there, if ever
    return { recursive, pages, first };
  }

  /** All that lies below the base, if all of it matches and it fits one page. */
  async smallTree(): Promise<readonly LakeEntry[] | undefined> {
    if (!this.#store.listsDeep || this.#glob.reach(this.#glob.base) !== "all") return;
    const { first } = this.open(this.#glob.base, true, { pageSize: FEW });
    // Listing a whole tree is forbidden when one directory in it is.
    const page = await first.catch(ignoreForbidden);
    return page && !page.done && page.value.isLast ? page.value.entries : undefined;
  }

  /** What was found, in path order; a page is cut after a directory to make room for what lies in it. */
  async *from({ recursive, pages, first }: Listing): AsyncGenerator<readonly LakeEntry[]> {
    for (let page = await first; !page.done; page = await pages.next()) {
      if (recursive) yield page.value.entries;
      else yield* this.#descend(page.value.entries);
    }
  }

  async *#descend(entries: readonly LakeEntry[]): AsyncGenerator<readonly LakeEntry[]> {
    const inside = entries.flatMap((entry, at) => {
      const reach = entry.kind === "directory" ? this.#glob.reach(entry.path) : "none";
      return reach === "none" ? [] : [{ at, path: entry.path, reach }];
    });
    const deep = this.#store.listsDeep && inside.length >= MANY;
    const listings: Listing[] = [];
    let done = 0;
    for (const [index, { at }] of inside.entries()) {
      for (const { path, reach } of inside.slice(listings.length, index + AHEAD)) {
        listings.push(this.open(path, deep && reach === "all"));
      }
      yield entries.slice(done, at + 1);
      done = at + 1;
      const listing = listings[index];
      if (listing) yield* this.from(listing);
      delete listings[index]; // a long page need not keep the pages below it
    }
    yield entries.slice(done);
  }
}
