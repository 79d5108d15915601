import type { DataFrame, Series } from "danfojs-node";
import { describe, expect, it } from "vitest";
import { col, danfo, df, frame, list, loadSamples, numbers, rows } from "./danfo-samples.ts";

loadSamples();

describe("groups", () => {
  it("are told apart by several keys, and by null", () => {
    expect(rows(df.groupby(["k", "j"]).col(["n"]).sum())).toEqual([
      ["a-b", "c", 1],
      ["a", "b-c", 2],
      [null, "c", 10],
      ["a", "d", 9],
    ]);
    expect(df.groupby(["k", "j"]).ngroups).toBe(4);
    expect(
      rows(
        df
          .groupby(["k", "j"])
          .getGroup(["a", "b-c"])
          .loc({ columns: ["n"] }),
      ),
    ).toEqual([[2]]);
    const texts = frame({ k: [null, "", "null"], n: [1, 2, 4] });
    expect(rows(texts.groupby(["k"]).sum())).toEqual([
      [null, 1],
      ["", 2],
      ["null", 4],
    ]);
  });

  it("are told apart by dates to the millisecond", () => {
    const at = [new Date(1), new Date(2), new Date(1), null];
    const made = frame({ at, n: [1, 2, 4, 8] })
      .groupby(["at"])
      .sum();
    expect(rows(made)).toEqual([
      [new Date(1), 5],
      [new Date(2), 2],
      [null, 8],
    ]);
    expect(made.dtypes).toEqual(["datetime", "int32"]);
  });

  it("have the statistics of pandas", () => {
    const ops = ["mean", "count", "sum", "median", "std", "var", "min", "max"];
    expect(rows(numbers.groupby(["g"]).agg({ v: ops }))).toEqual([
      [1, 1.5, 2, 3, 1.5, Math.SQRT1_2, 0.5, 1, 2],
      [2, 3, 1, 3, 3, null, null, 3, 3],
      [10, 4, 1, 4, 4, null, null, 4, 4],
    ]);
    expect(list(numbers.groupby(["g"]).col(["v"]).cumSum().column("v_cumsum"))).toEqual([
      1,
      3,
      3,
      null,
      4,
    ]);
    expect(rows(df.groupby(["j"]).col(["flag"]).sum())).toEqual([
      ["c", 2],
      ["b-c", 0],
      ["d", 0],
    ]);
    expect(rows(df.groupby(["j"]).col(["when"]).max())[0]).toEqual([
      "c",
      new Date("2020-06-01T10:00:00Z"),
    ]);
  });

  it("refuse what they cannot do", () => {
    const dates = df.groupby(["j"]).col(["when"]);
    expect(() => dates.mean()).toThrow(/not defined for dates.*await query\(lake/);
    const mixed = df.loc({ columns: ["j", "n", "t"] }).groupby(["j"]);
    const hint = /sum.*column t holds\. Of the others: df\.groupby\(\["j"\]\)\.col\(\["n"\]\)\./;
    expect(() => mixed.sum()).toThrow(hint);
    expect(() =>
      df
        .loc({ columns: ["j", "n", "d"] })
        .groupby(["j"])
        .mean(),
    ).toThrow(
      /dates, which column d holds\. Of the others: df\.groupby\(\["j"\]\)\.col\(\["n"\]\)/,
    );
    expect(() => mixed.agg({ t: ["sum"] })).toThrow(
      /sum is not defined for text, which column t holds/,
    );
    expect(list(mixed.col(["t"]).count().column("t_count"))).toEqual([2, 1, 1]);
    expect(() => df.groupby(["nope"])).toThrow("no column nope to group by; there are k, j");
    expect(() => numbers.groupby(["g"]).getGroup([5])).toThrow("no group 5");
  });
});

describe("different values", () => {
  it("are counted without nulls, the most frequent first", () => {
    const counts = (series: Series) => [series.valueCounts().index, list(series.valueCounts())];
    expect(counts(col("k"))).toEqual([
      ["a-b", "a"],
      [2, 2],
    ]);
    const fractions = new danfo.Series([1.5, 1.2, 1.2, 0]);
    expect(counts(fractions)).toEqual([
      [1.2, 1.5, 0],
      [2, 1, 1],
    ]);
    expect(col("d").valueCounts().index).toEqual([
      "2020-01-02",
      "2019-12-31",
      "2020-02-29",
      "2021-01-01",
    ]);
    expect(col("when").valueCounts().index[0]).toBe("2020-01-02T23:30:00Z");
    expect([col("d").nUnique(), col("n").nUnique()]).toEqual([4, 4]);
    expect(list(df.nUnique(0))).toEqual([2, 3, 4, 4, 4, 4, 4, 5, 2]);
  });

  it("are dates that are equal, and leave the series as it was", () => {
    const twice = danfo.concat({ dfList: [df, df], axis: 0 }) as DataFrame;
    expect(twice.dtypes[5]).toBe("datetime");
    expect(twice.column("d").unique().values).toEqual(col("d").values);
    expect(twice.column("d").dropDuplicates().index).toEqual([0, 1, 2, 3, 4]);
    const last = twice.column("k").dropDuplicates({ keep: "last" });
    expect([list(last), last.index]).toEqual([
      ["a-b", null, "a"],
      [7, 8, 9],
    ]);
    expect(list(twice.column("k")).slice(0, 3)).toEqual(["a-b", "a", "a-b"]);
    expect(df.shape).toEqual([5, 9]);
    expect(list(col("n"))).toEqual([1, 2, null, 10, 9]);
  });
});

describe("joining", () => {
  const left = () => frame({ k: ["a_b", "a", "a-b"], j: ["c", "b_c", "c"], y: [1, 2, 3] });
  const right = () => frame({ k: ["a_b", "a", "a"], j: ["c", "b_c", "b-c"], z: [1, 3, 9] });
  it.each([
    [
      "inner",
      [
        ["a_b", "c", 1, 1],
        ["a", "b_c", 2, 3],
      ],
    ],
    [
      "left",
      [
        ["a_b", "c", 1, 1],
        ["a", "b_c", 2, 3],
        ["a-b", "c", 3, null],
      ],
    ],
    [
      "right",
      [
        ["a_b", "c", 1, 1],
        ["a", "b_c", 2, 3],
        ["a", "b-c", null, 9],
      ],
    ],
    [
      // pandas sorts the keys of an outer join.
      "outer",
      [
        ["a_b", "c", 1, 1],
        ["a", "b_c", 2, 3],
        ["a-b", "c", 3, null],
        ["a", "b-c", null, 9],
      ],
    ],
  ] as const)("%s tells apart keys whose texts run together", (how, expected) => {
    const made = danfo.merge({ left: left(), right: right(), on: ["k", "j"], how });
    expect(made.columns).toEqual(["k", "j", "y", "z"]);
    expect(rows(made)).toEqual(expected);
  });

  it("compares keys by value and type", () => {
    const dates = (n: string) => frame({ at: [new Date(1), new Date(2)], [n]: [1, 2] });
    const options = { on: ["at"], how: "inner" as const };
    expect(rows(danfo.merge({ left: dates("y"), right: dates("z"), ...options }))).toEqual([
      [new Date(1), 1, 1],
      [new Date(2), 2, 2],
    ]);
    const texts = frame({ at: ["1", "2"], z: [1, 2] });
    const ints = frame({ at: [1, 2], y: [1, 2] });
    const merge = (on: string[]) => danfo.merge({ left: ints, right: texts, on, how: "inner" });
    expect(() => merge(["at"])).toThrow("column at is int32 on the left and string on the right");
    expect(() => merge(["y"])).toThrow("no column y to join on; there are at, z");
    const same = danfo.merge({ left: ints, right: ints, on: ["at"], how: "inner" });
    expect(same.columns).toEqual(["at", "y", "y_1"]);
  });
});
