/**
 * Runs `work` on each item, at most `parallel` at a time, in order. At the first failure `signal`
 * aborts the others; the failure is thrown once they have ended.
 *
 *     await runAll(files, 4, (file, signal) => upload(file, { signal }));
 */
export async function runAll<T>(
  items: Iterable<T> | AsyncIterable<T>,
  parallel: number,
  work: (item: T, signal: AbortSignal) => Promise<unknown>,
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
