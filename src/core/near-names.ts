/** Up to three of `names` that are similar to `requested`, the nearest first. */
export function nearNames(names: readonly string[], requested: string): string[] {
  const limit = Math.max(2, Math.floor(requested.length / 3));
  const low = requested.toLowerCase();
  return names
    .map((name) => {
      const other = name.toLowerCase();
      const part = low.length > 2 && other.includes(low);
      return { name, distance: part ? 1 : editDistance(other, low) };
    })
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Levenshtein distance. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Some of `names`, the most similar to `requested` first. */
export function nameSome(names: readonly string[], requested = ""): string {
  const alike = [...names].sort((a, b) => likeness(b, requested) - likeness(a, requested));
  const shown = alike.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

/** Length of the common prefix and suffix of two names, ignoring case. */
function likeness(name: string, requested: string): number {
  const [a, b] = [name.toLowerCase(), requested.toLowerCase()];
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < most - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  return head + tail;
}
