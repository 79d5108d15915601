/** Runs work on one thing at a time, in the order in which it was handed in. */
export class KeyedLock<K> {
  readonly #last = new Map<K, Promise<void>>();

  /** Runs work once all that was handed in before it under the same key is done or has failed. */
  async run(key: K, work: () => Promise<void>): Promise<void> {
    const own = (this.#last.get(key) ?? Promise.resolve()).then(work, work);
    this.#last.set(key, own);
    try {
      await own;
    } finally {
      if (this.#last.get(key) === own) this.#last.delete(key);
    }
  }
}
