/** How fast something goes, over its last seconds. */
export interface Rate {
  /** @param elapsed milliseconds since the start @param amount all that is done so far */
  add(elapsed: number, amount: number): void;
  /** Amount a second; 0 while too little is known. */
  perSecond(): number;
}

/** Long enough to ride over a pause between two files, short enough to follow a slow line. */
const WINDOW = 3000;
const LEAST = 200;

export function rateOf(): Rate {
  const seen: { elapsed: number; amount: number }[] = [{ elapsed: 0, amount: 0 }];
  return {
    add(elapsed, amount) {
      seen.push({ elapsed, amount });
      while (seen.length > 2 && (seen[1]?.elapsed ?? 0) <= elapsed - WINDOW) seen.shift();
    },
    perSecond() {
      const [first, last] = [seen[0], seen.at(-1)];
      if (!first || !last || last.elapsed - first.elapsed < LEAST) return 0;
      return ((last.amount - first.amount) / (last.elapsed - first.elapsed)) * 1000;
    },
  };
}
