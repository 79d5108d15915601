import { expect, test } from "vitest";
import { readRange } from "../../src/lake/read-range.ts";
import type { Store } from "../../src/lake/store.ts";

const FILE = Buffer.from("0123456789");
const VERSION = { size: FILE.length, etag: '"0x1"', modified: new Date(0) };
const retryPolicy = { tries: 3, firstWait: 1, longestWait: 1, idle: 100 };

/** A store that ends each reply after so many bytes, as if that were all of it. */
function storeOf(bytes: number) {
  const asked: number[] = [];
  const fetchRange: Store["fetchRange"] = async (_path, { offset }, sink) => {
    asked.push(offset);
    sink.begin(VERSION);
    await sink.bytes(FILE.subarray(offset, offset + bytes));
  };
  return { asked, store: { fetchRange } as Store };
}

test("a reply that ends early is gone on from where it ended", async () => {
  const { asked, store } = storeOf(4);
  let text = "";
  const sink = (bytes: Uint8Array, position: number) => {
    expect(position).toBe(text.length);
    text += Buffer.from(bytes).toString();
  };
  expect(await readRange(store, "a", { offset: 0 }, sink, { retryPolicy })).toBe(VERSION);
  expect(text).toBe("0123456789");
  expect(asked).toEqual([0, 4, 8]);
});

test("replies that bring nothing are a failure, not an end", async () => {
  const { asked, store } = storeOf(0);
  const read = readRange(store, "a", { offset: 2 }, () => undefined, { retryPolicy });
  await expect(read).rejects.toThrow("the reply ended early");
  expect(asked).toEqual([2, 2, 2]);
});
