import { nameSome } from "../core/near-names.ts";
import { nameOf, parentOf } from "./location.ts";
import type { Store } from "./store.ts";

/** Directories above a missing path that are looked into. */
const LEVELS = 4;

/** What is there where `path` is not, for the hint of an error; nothing when it cannot be told. */
export async function describeNearby(store: Store, path: string): Promise<string | undefined> {
  let missing = path;
  for (let level = 0; level < LEVELS && missing; level++) {
    const directory = parentOf(missing);
    try {
      const names = await firstNames(store, directory);
      const where = directory || "The lake";
      if (names.length === 0) return `${where} is empty.`;
      return `${where} has: ${nameSome(names, nameOf(missing))}.`;
    } catch {
      missing = directory; // not there either, or not to be listed
    }
  }
  return;
}

async function firstNames(store: Store, directory: string): Promise<string[]> {
  for await (const { entries } of store.listPages(directory, { recursive: false })) {
    return entries.map(({ path }) => nameOf(path));
  }
  return [];
}
