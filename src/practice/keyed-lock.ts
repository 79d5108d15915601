/** Serializes work by key. */
export class KeyedLock<K> {
  readonly #last = new Map<K, Promise<void>>();

  /** Runs work after all earlier work of the same key. */
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
