import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { col, danfo, df, frame, lake, list, loadSamples, numbers, rows } from "./danfo-samples.ts";

loadSamples();

describe("sorting", () => {
  it.each([
    ["n", [0, 1, 4, 3, 2], [3, 4, 1, 0, 2]],
    ["f", [3, 4, 0, 2, 1], [2, 0, 4, 3, 1]],
    ["t", [3, 0, 1, 4, 2], [4, 1, 0, 3, 2]],
    ["d", [1, 0, 3, 4, 2], [4, 3, 0, 1, 2]],
    ["when", [1, 0, 2, 4, 3], [4, 2, 0, 1, 3]],
    ["big", [1, 2, 3, 4, 0], [0, 4, 3, 2, 1]],
    ["flag", [1, 4, 0, 3, 2], [0, 3, 1, 4, 2]],
  ])("by %s puts nulls last and keeps equal rows as they came", (name, up, down) => {
    expect(df.sortValues(name).index).toEqual(up);
    expect(df.sortValues(name, { ascending: false }).index).toEqual(down);
    expect(col(name).sortValues().index).toEqual(up);
    expect(col(name).sortValues({ ascending: false }).index).toEqual(down);
    expect(list(col(name).argSort())).toEqual(up);
  });

  it("keeps types and names, in place too", () => {
    const sorted = df.sortValues("d");
    expect([sorted.columns, sorted.dtypes]).toEqual([df.columns, df.dtypes]);
    const same = df.copy();
    same.sortValues("n", { inplace: true });
    expect([same.index, same.dtypes[5]]).toEqual([[0, 1, 4, 3, 2], "datetime"]);
    expect(() => df.sortValues("nope")).toThrow("no column nope; there are k, j");
  });

  it("finds the place of the largest and the smallest", () => {
    expect([col("f").argMax(), col("f").argMin(), col("n").argMax()]).toEqual([2, 3, 3]);
  });
});

describe("comparing", () => {
  it.each([
    ["lt", [false, false, false, true, false]],
    ["le", [false, false, false, true, true]],
    ["gt", [true, false, true, false, false]],
    ["ge", [true, false, true, false, true]],
    ["eq", [false, false, false, false, true]],
    ["ne", [true, true, true, true, false]],
  ] as const)("%s takes null for no number", (test, expected) => {
    expect(list(col("f")[test](0))).toEqual(expected);
  });

  it("takes dates and texts, of one type only", () => {
    const day = new Date("2020-01-02") as never;
    expect(list(col("d").eq(day))).toEqual([true, false, false, false, false]);
    expect(list(col("d").gt(day))).toEqual([false, false, false, true, true]);
    expect(list(col("t").gt("x" as never))).toEqual([false, true, false, false, true]);
    expect(list(col("n").eq(col("n")))).toEqual([true, true, false, true, true]);
    expect(() => col("t").gt(1)).toThrow(/gt is not defined for string and number/);
    expect(df.query(col("n").gt(1)).index).toEqual([1, 3, 4]);
    expect(numbers.gt(2).dtypes).toEqual(["boolean", "boolean", "boolean"]);
  });
});

describe("arithmetic", () => {
  it("passes null on", () => {
    expect(list(col("n").add(1))).toEqual([2, 3, null, 11, 10]);
    expect(list(col("n").add(col("f")))).toEqual([2.5, null, null, 9.5, 9]);
    expect(list(col("f").pow(2))).toEqual([2.25, null, 6.25, 0.25, 0]);
    expect(list(col("f").mod(2))).toEqual([1.5, null, 0.5, 1.5, 0]);
    expect(rows(numbers.add(1))[1]).toEqual([2, 3, null]);
    expect(col("n").add(col("f")).dtypes).toEqual(["float32"]);
    expect(numbers.div(3).dtypes).toEqual(["float32", "float32", "float32"]);
  });

  it.each([
    [0.5, 0.1, 0.5 % 0.1],
    [-0.5, 0.1, (-0.5 % 0.1) + 0.1],
    [5, Number.POSITIVE_INFINITY, 5],
    [-5, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [5, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    [-7, -3, -1],
    [7, -3, -2],
    [6, -3, 0],
  ])("finds the remainder of %d by %d exactly, as pandas does", (a, b, rest) => {
    expect(list(new danfo.Series([a]).mod(b))).toEqual([rest]);
  });

  it("passes over null in running totals", () => {
    expect(list(col("n").cumSum())).toEqual([1, 3, null, 13, 22]);
    expect(list(col("f").cumMax())).toEqual([1.5, null, 2.5, 2.5, 2.5]);
    expect(rows(numbers.cumSum({ axis: 1 }))).toEqual([
      [1, 2, 4],
      [1, 3, null],
      [2, 5, 9],
      [2, null, 7],
      [10, 14, 21],
    ]);
    expect(rows(numbers.cumSum({ axis: 0 }))).toEqual([
      [1, 1, 2],
      [2, 3, null],
      [4, 6, 6],
      [6, null, 11],
      [16, 10, 18],
    ]);
  });

  it("refuses dates, which are no numbers", () => {
    for (const work of [
      () => col("d").add(1),
      () => col("d").sub(col("when")),
      () => col("when").mean(),
      () => df.loc({ columns: ["d"] }).sum(),
      () => df.loc({ columns: ["d"] }).add(1),
    ]) {
      expect(work).toThrow(/not defined for dates.*await query\(lake/);
    }
    expect(col("d").max()).toEqual(new Date("2021-01-01"));
  });

  it("names the column of texts that is in the way, and what works", async () => {
    const both = df.loc({ columns: ["n", "t"] });
    for (const work of [() => both.mean(), () => both.sum(), () => both.abs(), () => both.add(1)]) {
      expect(work).toThrow(
        /text, which column t holds\. Of the others: df\.loc\({ columns: \["n"\] }\)/,
      );
    }
    for (const work of [() => col("t").sum(), () => col("t").std(), () => col("t").describe()]) {
      expect(work).toThrow(/text, which column t holds\. valueCounts\(\) counts texts/);
    }
  });

  it("says how texts are read that are numbers to people", async () => {
    const mixed = frame({ "the t": ["5,25", "x", "7,5", "1"] });
    const told = messageOf(() => mixed.mean());
    expect(told).toContain('Load the file with { decimal: ",", nulls: ["x"] }');
    const sql = /`(.+?)`/.exec(told)?.[1] ?? "";
    const made = await query(lake, sql, { frames: { df: mixed } });
    expect(rows(made)).toEqual([[5.25], [null], [7.5], [1]]);
    const loaded = await loadFrame(lake, "commas.csv", { decimal: ",", nulls: ["x"] });
    expect(loaded.column("amount").sum()).toBe(12.75);
    const words = messageOf(() => frame({ t: ["north", "south", "7"] }).mean());
    expect(words).toBe("Error: Danfo's mean is not defined for text, which column t holds.");
  });

  it("leads from Danfo's plot to what draws in a notebook", () => {
    expect(() => (df as unknown as { plot(): void }).plot()).toThrow(
      /plotLine\(df, {.*of notelake/,
    );
    expect(() => (col("n") as unknown as { plot(): void }).plot()).toThrow(/plotLine/);
  });

  it("scales what is there", () => {
    const scaled = new danfo.MinMaxScaler().fitTransform(numbers.loc({ columns: ["v"] }));
    expect(rows(scaled)).toEqual([[0], [1 / 3], [2 / 3], [null], [1]]);
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return String(error);
  }
  return "";
}
