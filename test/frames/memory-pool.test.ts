import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { giveMemory, takeMemory } from "../../src/frames/read/plain-csv/memory-pool.ts";

const MINUTE = 60_000;
const LARGE = 2 ** 27 + 1;

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
});

it("gives the memory of a file to the next one, and to no other", () => {
  const first = takeMemory(1000);
  expect(takeMemory(1000)).not.toBe(first);
  giveMemory(first, 1000);
  const next = takeMemory(2 ** 27);
  expect(next).toBe(first);
  expect(takeMemory(1000)).not.toBe(first);
});

it("keeps one for a minute, counted from the last time", () => {
  const memory = takeMemory(1000);
  giveMemory(memory, 1000);
  vi.advanceTimersByTime(MINUTE - 1);
  expect(takeMemory(1)).toBe(memory);
  vi.advanceTimersByTime(MINUTE);
  giveMemory(memory, 1000);
  vi.advanceTimersByTime(MINUTE);
  expect(takeMemory(1000)).not.toBe(memory);
});

it("keeps none of a large file, and has room for all of that", () => {
  const memory = takeMemory(LARGE);
  expect(memory.buffer.byteLength).toBeGreaterThan(LARGE);
  giveMemory(memory, LARGE);
  expect(takeMemory(1000)).not.toBe(memory);
});
