import { memoryFor, type ProgramMemory } from "./rows-program.ts";

// New memory costs more than to parse what is put there, most of all in a virtual machine that gives
// what is free back to its host: so one memory is kept for a while.

/** Bytes of the largest file for which there is room in what is kept. */
const LARGEST_KEPT = 2 ** 27;
/** Milliseconds for which it waits for the next file; as long as a thread does. */
const KEPT_MS = 60_000;

let kept: { readonly memory: ProgramMemory; readonly timer: NodeJS.Timeout } | undefined;

/**
 * Memory for a file of so many bytes, in which those of another may still be.
 *
 * @throws RangeError where the process may not have so much
 */
export function takeMemory(size: number): ProgramMemory {
  if (size > LARGEST_KEPT) return memoryFor(size);
  const { memory = memoryFor(LARGEST_KEPT), timer } = kept ?? {};
  clearTimeout(timer);
  kept = undefined;
  return memory;
}

/** Keeps the memory of a file of so many bytes, which nobody reads or writes any more. */
export function giveMemory(memory: ProgramMemory, size: number): void {
  if (size > LARGEST_KEPT) return;
  clearTimeout(kept?.timer);
  const timer = setTimeout(() => {
    kept = undefined;
  }, KEPT_MS);
  kept = { memory, timer: timer.unref() };
}
