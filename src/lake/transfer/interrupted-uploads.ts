import { hash } from "node:crypto";
import { resolve } from "node:path";
import { ignoreForbidden, ignoreMissing } from "../http/retry.ts";
import type { LakeEntry } from "../lake.ts";
import type { LocalEntry } from "../local/local-entries.ts";
import type { Store } from "../store.ts";
import { nameOf, parentOf } from "../url/location.ts";
import { partStart, type Resumption } from "./upload.ts";

/** Few names begin with a dot, and they come first in a listing. */
const PAGE_SIZE = 100;

/** Temporary files of interrupted uploads in the directories of a lake, each listed once. */
export class InterruptedUploads {
  readonly #store: Store;
  readonly #found = new Map<string, Promise<readonly LakeEntry[] | undefined>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * How the upload of a local file to `path` continues. What was uploaded of an earlier version of
   * the file, by its size and time, is removed.
   */
  async resume(local: LocalEntry, path: string, signal?: AbortSignal): Promise<Resumption> {
    const start = partStart(path, shortHash(resolve(local.localPath)));
    const part = `${start}${shortHash(`${local.size} ${local.modified}`)}.part`;
    const hidden = await this.#hiddenIn(parentOf(path), signal);
    if (!hidden) {
      const remaining = await this.#store.stat(part, signal).catch(ignoreMissing);
      return { part, sent: remaining?.size };
    }
    const remaining = hidden.filter((entry) => entry.path.startsWith(start));
    for (const entry of remaining) {
      if (entry.path === part) continue;
      await this.#store.remove(entry.path, false, signal).catch(() => {}); // it is only tidying
    }
    return { part, sent: remaining.find((entry) => entry.path === part)?.size };
  }

  #hiddenIn(directory: string, signal?: AbortSignal): Promise<readonly LakeEntry[] | undefined> {
    const known = this.#found.get(directory);
    if (known) return known;
    const finding = listHidden(this.#store, directory, signal).catch(ignoreForbidden);
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
      if (last && nameOf(last.path) >= "/") break; // "/" follows "." in ASCII
    }
  } catch (error) {
    ignoreMissing(error);
  }
  return hidden;
}

/** Twelve hexadecimal digits, as a part of a file's name. */
function shortHash(text: string): string {
  return hash("sha256", text).slice(0, 12);
}
