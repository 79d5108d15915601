/** Lets so many through at once; the others wait their turn. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/**
 * Runs `work` on each item, some at a time, and drops what it returns. The first failure ends it:
 * `signal` then fires for the work under way, and the failure is thrown once that has ended.
 */
export async function runAll<T>(
  items: Iterable<T> | AsyncIterable<T>,
  parallel: number,
  work: (item: T, signal: AbortSignal) => Promise<void>,
  outer?: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const signal = outer ? AbortSignal.any([outer, failed.signal]) : failed.signal;
  const queue = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : iterate(items);
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    try {
      while (!failure) {
        const next = await queue.next();
        if (next.done) return;
        await work(next.value, signal);
      }
    } catch (error) {
      failure ??= { error };
      failed.abort(error);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  await queue.return?.(undefined);
  if (failure) throw failure.error;
}

async function* iterate<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield item;
}
