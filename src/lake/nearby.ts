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

/** Some of `names`, those most like `wanted` first. */
export function nameSome(names: readonly string[], wanted = ""): string {
  const alike = [...names].sort((a, b) => likeness(b, wanted) - likeness(a, wanted));
  const shown = alike.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

async function firstNames(store: Store, directory: string): Promise<string[]> {
  for await (const { entries } of store.listPages(directory, { recursive: false })) {
    return entries.map(({ path }) => nameOf(path));
  }
  return [];
}

/** Characters that two names have in common at their beginnings and ends, capitals aside. */
function likeness(name: string, wanted: string): number {
  const [a, b] = [name.toLowerCase(), wanted.toLowerCase()];
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < most - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  return head + tail;
}
