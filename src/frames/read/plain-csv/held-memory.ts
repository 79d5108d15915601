// Memory that threads share is not counted by the garbage collector. Each time that it is told of 64 MiB
// it goes through all of the heap, which for a file of 80 MB takes as long as to parse it: so it hears of
// them only when frames that nobody has any more may be holding much.

/** Bytes that may be held before the collector is told. */
const LIMIT = 256 * 2 ** 20;

let held = 0;
const owners = new FinalizationRegistry<number>((bytes) => {
  held -= bytes;
});

/**
 * Notes what holds shared memory until it is collected.
 *
 * @param bytes of each that holds some
 */
export function holdMemory(bytes: ReadonlyMap<object, number>): void {
  for (const [owner, own] of bytes) {
    owners.register(owner, own);
    held += own;
  }
  if (held > LIMIT) collectSoon();
}

/** Gives this thread's collector a reason to look for what nobody has any more. */
export function collectSoon(): void {
  // Nothing is written there: it takes no room.
  new ArrayBuffer(128 * 2 ** 20);
}
