/**
 * `limit` of `items`, evenly spread: one out of each of `limit` equal stretches, at a place that a
 * fixed sequence of random numbers gives, so that no rhythm of the data is mistaken for its shape
 * and every run picks the same.
 */
export function sample<Item>(items: readonly Item[], limit: number): Item[] {
  if (items.length <= limit) return [...items];
  const random = mulberry32(1);
  const stretch = items.length / limit;
  return Array.from({ length: limit }, (_, k) => Math.floor((k + random()) * stretch))
    .map((i) => items[Math.min(i, items.length - 1)])
    .filter((item) => item !== undefined) as Item[];
}

/** Tommy Ettinger's 32-bit generator; public domain. Numbers from 0 to below 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
