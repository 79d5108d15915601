/**
 * Continuation tokens of one listing so far. A service gives a new one each time; a proxy that
 * serves the same page again would otherwise be followed forever.
 */
export class Continuations {
  readonly #before = new Set<string>();

  /**
   * Whether a page was not seen before.
   *
   * @param continuation token of the next page; nothing for the last
   * @param first the first name on the page, if any
   */
  isNew(continuation: string | undefined, first?: string): boolean {
    const signs = [continuation && `at ${continuation}`, first && `from ${first}`];
    for (const sign of signs) {
      if (!sign) continue;
      if (this.#before.has(sign)) return false;
      this.#before.add(sign);
    }
    return true;
  }
}
