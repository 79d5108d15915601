import type { Glob } from "./glob.ts";
import type { LakeEntry } from "./lake.ts";
import type { Store } from "./store.ts";

/** Directories whose first page is asked for before the reader gets there. */
const AHEAD = 16;
/** With this many siblings, a directory is asked for with all below it: they are parallel enough. */
const MANY = 8;

/**
 * What matches `glob`, page by page, each directory followed by what lies in it. Directories are
 * asked for a few ahead of where the reader is, and only those that a match can lie in.
 */
export async function* listGlob(
  store: Store,
  glob: Glob,
  signal?: AbortSignal,
): AsyncGenerator<LakeEntry[]> {
  const leaving = new AbortController();
  const signals = signal ? [signal, leaving.signal] : [leaving.signal];
  const walk = new Walk(store, glob, AbortSignal.any(signals));
  try {
    for await (const page of walk.from(walk.open(glob.base, false))) {
      yield page.filter(({ path }) => glob.matches(path));
    }
  } finally {
    leaving.abort(); // what was asked for ahead is not wanted any more
  }
}

/** Everything below `directory`, hidden or not, each directory followed by what lies in it. */
export async function* listBelow(
  store: Store,
  directory: string,
  signal?: AbortSignal,
): AsyncGenerator<LakeEntry> {
  const everything: Glob = { base: directory, matches: () => true, reach: () => "all" };
  for await (const page of listGlob(store, everything, signal)) {
    for (const entry of page) yield entry;
  }
}

/** A directory that was asked for. */
interface Listing {
  readonly recursive: boolean;
  readonly pages: AsyncIterator<LakeEntry[]>;
  readonly first: Promise<IteratorResult<LakeEntry[]>>;
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

  open(directory: string, recursive: boolean): Listing {
    const options = { recursive, signal: this.#signal };
    const pages = this.#store.listPages(directory, options)[Symbol.asyncIterator]();
    const first = pages.next();
    first.catch(() => {}); // thrown when the reader gets there, if ever
    return { recursive, pages, first };
  }

  /** Pages in path order; a page is cut after a directory to make room for what lies in it. */
  async *from({ recursive, pages, first }: Listing): AsyncGenerator<LakeEntry[]> {
    for (let page = await first; !page.done; page = await pages.next()) {
      if (recursive) yield page.value;
      else yield* this.#descend(page.value);
    }
  }

  async *#descend(page: LakeEntry[]): AsyncGenerator<LakeEntry[]> {
    const inside = page.flatMap((entry, at) => {
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
      yield page.slice(done, at + 1);
      done = at + 1;
      const listing = listings[index];
      if (listing) yield* this.from(listing);
      delete listings[index]; // a long page need not keep the pages below it
    }
    yield page.slice(done);
  }
}
