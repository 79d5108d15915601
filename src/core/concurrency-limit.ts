/**
 * A function that runs tasks, at most `most` at a time and the others in the order they came.
 *
 * @example
 * const limit = limitConcurrency(4);
 * await Promise.all([limit(first), limit(second)]);
 */
export function limitConcurrency(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

/**
 * Does `work` for each item, at most `most` at a time. Once one fails no further one begins, and
 * those that run are left to end.
 *
 * @example
 * await forEachLimited(4, files, (file) => upload(file));
 */
export async function forEachLimited<T>(
  most: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  const waiting = items.entries();
  let hasFailed = false;
  const worker = async () => {
    for (const [index, item] of waiting) {
      if (hasFailed) return;
      await work(item, index).catch((error) => {
        hasFailed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
}
