import type { DataFrame } from "danfojs-node";
import { describe, expect, it } from "vitest";
import { col, danfo, df, list, loadSamples, numbers } from "./danfo-samples.ts";

loadSamples();

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
