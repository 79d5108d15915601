import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { LakeEntry } from "./lake.ts";
import type { LocalEntry } from "./local-folder.ts";
import { nameOf, parentOf } from "./location.ts";
import { ignoreMissing } from "./retry.ts";
import type { Store } from "./store.ts";
import { partStart, type Resumption } from "./upload.ts";

/** Hidden names come first in a listing, and there are few of them. */
const PAGE_SIZE = 100;

/** What uploads that were killed have left in the directories of a lake, each listed once. */
export class Leftovers {
  readonly #store: Store;
  readonly #found = new Map<string, Promise<readonly LakeEntry[] | undefined>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * How the upload of a local file to `path` goes on. What one of the same file left goes, if the
   * file was another version of it then, as far as size and time tell.
   */
  async resume(local: LocalEntry, path: string, signal?: AbortSignal): Promise<Resumption> {
    const start = partStart(path, hash(resolve(local.localPath)));
    const part = `${start}${hash(`${local.size} ${local.modified}`)}.part`;
    const hidden = await this.#hiddenIn(parentOf(path), signal);
    if (!hidden) {
      const remaining = await this.#store.stat(part, signal).catch(ignoreMissing);
      return { part, sent: remaining?.size };
    }
    const remaining = hidden.filter((entry) => entry.path.startsWith(start));
    for (const entry of remaining) {
      // The upload does not depend on it.
      if (entry.path !== part) await this.#store.remove(entry.path, false, signal).catch(() => {});
    }
    return { part, sent: remaining.find((entry) => entry.path === part)?.size };
  }

  #hiddenIn(directory: string, signal?: AbortSignal): Promise<readonly LakeEntry[] | undefined> {
    const known = this.#found.get(directory);
    if (known) return known;
    const finding = listHidden(this.#store, directory, signal).catch(unlessRefused);
    this.#found.set(directory, finding);
    return finding;
  }
}

async function listHidden(
  store: Store,
  directory: string,
  signal?: AbortSignal,
): Promise<LakeEntry[]> {
  const hidden: LakeEntry[] = [];
  const options = { recursive: false, pageSize: PAGE_SIZE, signal };
  try {
    for await (const { entries } of store.listPages(directory, options)) {
      hidden.push(...entries.filter(({ path }) => nameOf(path).startsWith(".")));
      const last = entries.at(-1);
      if (last && nameOf(last.path) >= "/") break; // the sign after the dot
    }
  } catch (error) {
    ignoreMissing(error);
  }
  return hidden;
}

/** Nothing where this user may write, but not list. */
function unlessRefused(error: unknown): undefined {
  if ((error as { statusCode?: number }).statusCode === 403) return;
  throw error;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
