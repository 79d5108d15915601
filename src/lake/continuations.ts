/**
 * Where the pages of one answer went on so far. A service goes on somewhere new each time; whatever
 * repeats a page, a cache in between for one, would otherwise be followed for ever.
 */
export class Continuations {
  readonly #before = new Set<string>();

  /**
   * Whether a page is one that did not come before.
   *
   * @param continuation where it says to go on; nothing for the last
   * @param first the name at its beginning, where it has one
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
