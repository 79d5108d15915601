import { deepStrictEqual } from "node:assert";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { loadedColumns } from "../../src/frames/danfo/lazy-frame.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import type { FrameColumn } from "../../src/frames/read/values/frame-column.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const lake = new FolderLake(scratchFolder());
const DAYS = ["2024-02-29", "1969-12-31", "", "2024-02-29"];
// More than the strict reading takes.
const ROWS = 200_000;

const READERS = {
  "the own reader": () => loadFrame(lake, "days.csv"),
  "the strict reading": () => loadFrame(lake, "days.csv", { where: "true" }),
  "a statement": () => query(lake, "select day from 'days.csv'"),
};

describe.each(Object.entries(READERS))("a column of days, by %s", (_, load) => {
  let column: FrameColumn;
  beforeAll(async () => {
    const lines = Array.from({ length: ROWS }, (_, row) => `${DAYS[row % 4]},${row}`);
    await lake.write("days.csv", `day,id\n${lines.join("\n")}\n`);
    column = loadedColumns(await load())?.columns[0] as FrameColumn;
  });

  it("has one Date a day, in whatever part of it", () => {
    const [some] = column.slice(ROWS - 1, ROWS);
    const { values } = column;
    expect(values.length).toBe(ROWS);
    expect(new Set(values).size).toBe(3);
    expect(values.slice(0, 4)).toEqual([
      new Date("2024-02-29"),
      new Date("1969-12-31"),
      null,
      new Date("2024-02-29"),
    ]);
    expect(values[ROWS - 1]).toBe(some);
  });

  it("has Dates as any other, but that nobody changes them", () => {
    const date = column.values[0] as Date;
    const same = new Date("2024-02-29");
    deepStrictEqual(date, same);
    expect(inspect(date)).toBe(inspect(same));
    expect(structuredClone(date)).toEqual(same);
    const setters = Object.getOwnPropertyNames(Date.prototype).filter((name) => /^set/.test(name));
    expect(setters.length).toBeGreaterThan(14);
    for (const name of setters) {
      const change = () => Reflect.apply(Reflect.get(date, name), date, [7]);
      expect(change).toThrow(
        "all rows of the column that have 2024-02-29 share this Date: change a copy of it, new Date(date)",
      );
      expect(change).toThrow(TypeError);
    }
    const copy = new Date(date);
    copy.setFullYear(2000);
    expect(column.values[3]).toEqual(same);
  });
});
