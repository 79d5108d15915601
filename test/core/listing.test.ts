import { deepStrictEqual } from "node:assert/strict";
import { expect, test } from "vitest";
import { type Listing, listingOf } from "../../src/core/listing.ts";
import { collect } from "../../src/index.ts";
import { JUPYTER_DISPLAY } from "../../src/show/display.ts";

const read: number[] = [];

/** Counts up to `end`, and notes what was asked for. */
function numbers(end: number): Listing<{ n: number; even: boolean; by: Date | undefined }> {
  return listingOf({ what: "numbers", noun: "number" }, async function* () {
    read.length = 0;
    for (let n = 1; n <= end; n++) {
      read.push(n);
      yield { n, even: n % 2 === 0, by: n % 3 ? new Date(n) : undefined };
    }
  });
}

const of = async (listing: Listing<{ n: number }>) => (await collect(listing)).map(({ n }) => n);

const shown = async (list: object) =>
  (
    await (list as { [JUPYTER_DISPLAY]: () => Promise<{ "text/plain": string }> })[
      JUPYTER_DISPLAY
    ]()
  )["text/plain"];

test("a listing is filtered, sorted and cut without being read before", async () => {
  const listing = numbers(6)
    .filter(({ even }) => even)
    .sortBy("n", "descending")
    .take(2);
  expect(read).toEqual([]);
  expect(await of(listing)).toEqual([6, 4]);
  expect(await of(listing)).toEqual([6, 4]);
  expect(await of(numbers(9).take(2))).toEqual([1, 2]);
  expect(read).toEqual([1, 2]);
  expect(await of(numbers(3).take(0))).toEqual([]);
});

test("what has nothing to be sorted by comes last, whatever the order", async () => {
  expect(await of(numbers(4).sortBy("by"))).toEqual([1, 2, 4, 3]);
  expect(await of(numbers(4).sortBy(({ by }) => by, "descending"))).toEqual([4, 2, 1, 3]);
});

test("a cell that ends in one shows 50 items, reads no more than it must, and says how to get all", async () => {
  const text = await shown(numbers(1000));
  expect(text.split("\n").at(-1)).toBe(
    "50 numbers · there are more than these 50: await collect(…) has all of them",
  );
  expect(read).toHaveLength(51);
  expect((await shown(numbers(2))).split("\n")).toEqual([
    "n  even  by (UTC)",
    "─  ────  ───────────────────",
    "1  no    1970-01-01 00:00:00",
    "2  yes   1970-01-01 00:00:00",
    "2 numbers",
  ]);
});

test("arrays of a listing stay tables under the methods of arrays", async () => {
  const all = await collect(numbers(4));
  const made = [
    all.filter(({ even }) => even),
    all.toSorted((a, b) => b.n - a.n).slice(0, 2),
    all.toReversed().slice(1, 3),
    all.toSpliced(0, 2),
    all.with(0, all[1] as (typeof all)[0]).slice(0, 2),
  ];
  for (const some of made) expect(await shown(some)).toMatch(/^n {2}even.*\n2 numbers$/s);
  expect(all.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  // To whoever compares, it is an array as any other.
  deepStrictEqual(
    all.filter(({ n }) => n < 1),
    [],
  );
  deepStrictEqual(
    all.map(({ n }) => n),
    [1, 2, 3, 4],
  );
});
