import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { col, danfo, df, frame, lake, list, loadSamples } from "./danfo-samples.ts";

loadSamples();

describe("types", () => {
  it("come from all values", () => {
    const made = frame({
      late: [...Array(30).fill(1), 2.5],
      digits: Array(31).fill("7"),
      dates: [null, ...Array(30).fill(new Date(0))],
      flags: [null, ...Array(30).fill(true)],
    });
    expect(made.dtypes).toEqual(["float32", "string", "datetime", "boolean"]);
    expect(() => made.column("digits").sum()).toThrow(/text, which column digits holds/);
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
