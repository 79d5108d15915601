import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataFrame, Series } from "danfojs-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DanfoModule, loadDanfo } from "../../src/frames/danfo/danfo.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";

// What pandas 3.0 answers to the same calls on the same rows, with null for its NaN, NaT and NA.
// Where Danfo means something else on purpose, the test says so.

const MIXED = `k,j,n,f,t,d,when,big,flag
a-b,c,1,1.5,x,2020-01-02,2020-01-02T23:30:00Z,9007199254740993,true
a,b-c,2,,y,2019-12-31,2019-12-31T00:15:00Z,2,false
a-b,c,,2.5,,,2020-06-01T10:00:00Z,3,
,c,10,-0.5,X y,2020-02-29,,4,true
a,d,9,0,z,2021-01-01,2021-01-01T00:00:00Z,5,false
`;
const NUMBERS = "g,v,w\n1,1,2\n1,2,\n2,3,4\n2,,5\n10,4,7\n";

let folder: string;
let danfo: DanfoModule;
let df: DataFrame;
let numbers: DataFrame;
const zone = process.env.TZ;

beforeAll(async () => {
  // Where it is still the day before in the evening.
  process.env.TZ = "America/New_York";
  folder = await mkdtemp(join(tmpdir(), "notelake-danfo-"));
  process.env.NOTELAKE_CACHE = join(folder, "cache");
  const lake = new FolderLake(folder);
  await lake.write("mixed.csv", MIXED);
  await lake.write("numbers.csv", NUMBERS);
  danfo = await loadDanfo();
  df = await loadFrame(lake, "mixed.csv");
  numbers = await loadFrame(lake, "numbers.csv");
});
afterAll(async () => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
  await rm(folder, { recursive: true, force: true });
});

const list = (series: unknown) =>
  ((series as Series).values as unknown[]).map((value) => (Number.isNaN(value) ? null : value));
const rows = (frame: unknown) =>
  ((frame as DataFrame).values as unknown[][]).map((row) =>
    row.map((value) => (Number.isNaN(value) ? null : value)),
  );
const col = (name: string) => df.column(name);
const frame = (columns: object) => new danfo.DataFrame(columns);

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
    expect(() => df.groupby(["nope"])).toThrow("no column nope to group by; there are k, j");
    expect(() => numbers.groupby(["g"]).getGroup([5])).toThrow("no group 5");
  });
});

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

  it("scales what is there", () => {
    const scaled = new danfo.MinMaxScaler().fitTransform(numbers.loc({ columns: ["v"] }));
    expect(rows(scaled)).toEqual([[0], [1 / 3], [2 / 3], [null], [1]]);
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

describe("types", () => {
  it("come from all values", () => {
    const made = frame({
      late: [...Array(30).fill(1), 2.5],
      digits: Array(31).fill("7"),
      dates: [null, ...Array(30).fill(new Date(0))],
      flags: [null, ...Array(30).fill(true)],
    });
    expect(made.dtypes).toEqual(["float32", "string", "datetime", "boolean"]);
    expect(() => made.column("digits").sum()).toThrow(/String data type/);
    expect(df.fillNa(0.5, { columns: ["n"] }).dtypes[2]).toBe("float32");
    expect(df.addColumn("e", col("d")).dtypes.at(-1)).toBe("datetime");
    const filled = df.copy();
    filled.fillNa(0, { columns: ["n"], inplace: true });
    expect(filled.dtypes[5]).toBe("datetime");
  });

  it("are changed without a change of null, or of what they were made from", () => {
    expect(list(col("n").asType("string"))).toEqual(["1", "2", null, "10", "9"]);
    expect(list(col("f").asType("int32"))).toEqual([1, null, 2, 0, 0]);
    expect(list(new danfo.Series(["1e3", " 7 "]).asType("int32"))).toEqual([1000, 7]);
    expect(list(col("flag").asType("int32"))).toEqual([1, 0, null, 1, 0]);
    expect(list(col("n").asType("boolean"))).toEqual([true, true, null, true, true]);
    expect(() => col("t").asType("float32")).toThrow('"x" is no number');
    const changed = df.asType("f", "int32");
    expect([list(changed.column("f")), changed.dtypes[3]]).toEqual([[1, null, 2, 0, 0], "int32"]);
    expect(list(col("f"))).toEqual([1.5, null, 2.5, -0.5, 0]);
    expect((df.values as unknown[][])[0]?.[3]).toBe(1.5);
  });
});

describe("a change of one frame", () => {
  const parts = {
    copy: () => df.copy(),
    iloc: () => df.iloc({ rows: ["0:5"] }),
    loc: () => df.loc({ rows: [0, 1, 2, 3, 4] }),
    query: () => df.query(Array(5).fill(true)),
    head: () => df.head(5),
    sorted: () => df.sortValues("n"),
    renamed: () => df.rename({ k: "kk" }),
  };
  const changes: Record<string, (part: DataFrame) => unknown> = {
    "fillNa in place": (part) => part.fillNa(7, { columns: ["n"], inplace: true }),
    fillNa: (part) => part.fillNa(7, { columns: ["n"] }),
    replace: (part) => part.replace(10, 7, { columns: ["n"], inplace: true }),
    asType: (part) => part.asType("n", "string", { inplace: true }),
    addColumn: (part) => part.addColumn("n", [7, 7, 7, 7, 7], { inplace: true }),
    "the column's fillNa": (part) => part.column("n").fillNa(7, { inplace: true }),
    "the column's sortValues": (part) => part.column("n").sortValues({ inplace: true }),
  };
  const pairs = Object.keys(parts).flatMap((part) =>
    Object.keys(changes).map((change) => [part, change] as const),
  );
  it.each(pairs)("%s, by %s, is none of another", (part, change) => {
    const before = JSON.stringify([df.values, df.column("n").values]);
    const made = (parts[part as keyof typeof parts]() ?? df) as DataFrame;
    changes[change]?.(made);
    expect(JSON.stringify([df.values, df.column("n").values])).toBe(before);
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

describe("dates and texts", () => {
  it("are read in UTC whatever this machine's time zone", () => {
    const at = col("when").dt;
    expect(new Date("2020-01-02T02:00:00Z").getDate()).toBe(1);
    expect(list(at.year())).toEqual([2020, 2019, 2020, null, 2021]);
    // In Danfo, months count from 0 and Sunday is 0.
    expect(list(at.month())).toEqual([0, 11, 5, null, 0]);
    expect(list(at.dayOfWeek())).toEqual([4, 2, 1, null, 5]);
    expect(list(at.dayOfMonth())).toEqual([2, 31, 1, null, 1]);
    expect(list(at.hours())).toEqual([23, 0, 10, null, 0]);
    expect([list(at.minutes()), list(at.seconds())]).toEqual([
      [30, 15, 0, null, 0],
      [0, 0, 0, null, 0],
    ]);
    expect(list(at.dayOfWeekName())).toEqual(["Thursday", "Tuesday", "Monday", null, "Friday"]);
    expect(list(at.monthName()).slice(0, 2)).toEqual(["January", "December"]);
    const texts = new danfo.Series(["2020-01-02 23:30:00.123456", "2020-01-02T23:30:00+02:00"]);
    expect(list(texts.dt.hours())).toEqual([23, 21]);
    expect(() => new danfo.Series(["soon"]).dt).toThrow('"soon" is no date');
  });

  it("are written as CSV that reads back the same", async () => {
    const csv = danfo.toCSV(df) as string;
    expect(csv.split("\n").slice(0, 3)).toEqual([
      "k,j,n,f,t,d,when,big,flag",
      "a-b,c,1,1.5,x,2020-01-02,2020-01-02T23:30:00Z,9007199254740993,true",
      "a,b-c,2,,y,2019-12-31,2019-12-31T00:15:00Z,2,false",
    ]);
    const lake = new FolderLake(folder);
    const odd = frame({
      a: ['x,"y"', null, "l\n2", ""],
      d: [new Date(1), null, new Date(0), null],
    });
    await lake.write("odd.csv", danfo.toCSV(odd) as string);
    const types = { a: "VARCHAR", d: "TIMESTAMP WITH TIME ZONE" };
    expect((await loadFrame(lake, "odd.csv", { types })).values).toEqual(odd.values);
  });

  it("are printed in UTC", () => {
    expect(df.toString()).toContain("2019-12-31T00:1…");
    expect(col("d").toString()).toContain("2020-01-02");
    expect(col("d").toString()).not.toContain("GMT");
  });

  it("of which a null is null, and no NaN among texts", () => {
    expect(col("t").str.toUpperCase().values).toEqual(["X", "Y", null, "X Y", "Z"]);
    expect(col("t").str.len().values).toEqual([1, 1, null, 3, 1]);
  });
});

describe("what was right stays so", () => {
  it("selects, fills, drops, renames and applies", () => {
    expect(df.loc({ rows: [1, 3], columns: ["n"] }).values).toEqual([[2], [10]]);
    expect(df.iloc({ rows: ["1:3"], columns: [2] }).values).toEqual([[2], [null]]);
    expect(() => df.loc({ columns: ["nope"] })).toThrow("no column nope; there are k, j");
    expect(df.dropNa().index).toEqual([0, 4]);
    expect(list(col("n").fillNa(5.5))).toEqual([1, 2, 5.5, 10, 9]);
    expect(df.isNa().column("n").values).toEqual([false, false, true, false, false]);
    expect(df.rename({ n: "m" }).columns[2]).toBe("m");
    expect(list(numbers.apply((row: number[]) => (row[0] ?? 0) * 2))).toEqual([2, 2, 4, 4, 20]);
    expect(df.ctypes.values).toEqual(df.dtypes);
    const both = danfo.concat({ dfList: [numbers, numbers], axis: 0 }) as DataFrame;
    expect(both.shape).toEqual([10, 3]);
    expect([...col("n").mode()].sort()).toEqual([1, 10, 2, 9]);
    expect(col("n").sum()).toBe(22);
    expect(col("f").mean()).toBe(0.875);
  });
});
