import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { showFramesWith } from "../../src/frames/danfo/display-hook.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

beforeAll(() => lake.write("t.csv", "k,v,shape\na,1,x\na,,y\nb,3,z\nc,,z\n"));

const load = () => loadFrame(lake, "t.csv");

describe("a loaded frame", () => {
  it("is a Danfo DataFrame whose methods work", async () => {
    const frame = await load();
    expect(frame.query(frame.column("k").eq("a" as never)).values).toEqual([
      ["a", 1, "x"],
      ["a", null, "y"],
    ]);
    expect(frame.loc({ columns: ["v"] }).values).toEqual([[1], [null], [3], [null]]);
    expect(frame.iloc({ rows: [2] }).values).toEqual([["b", 3, "z"]]);
    expect(frame.head(2).values).toEqual(frame.iloc({ rows: ["0:2"] }).values);
    expect(frame.tail(1).values).toEqual([["c", null, "z"]]);
    expect(frame.column("v").sum()).toBe(4);
    expect(frame.dropNa().shape).toEqual([2, 3]);
  });

  it("keeps its members when a column has the name of one", async () => {
    const frame = await load();
    expect(frame.shape).toEqual([4, 3]);
    expect(frame.column("shape").values).toEqual(["x", "y", "z", "z"]);
  });

  it("can be added to and changed", async () => {
    const frame = await load();
    frame.addColumn("w", [1, 2, 3, 4], { inplace: true });
    expect(frame.shape).toEqual([4, 4]);
    expect(frame.head(1).values).toEqual([["a", 1, "x", 1]]);
    const other = await load();
    const columns = other as unknown as Record<string, unknown>;
    columns.v = [9, 8, 7, 6];
    expect(other.column("v").values).toEqual([9, 8, 7, 6]);
    expect(other.head(1).values).toEqual([["a", 9, "x"]]);
  });

  it("passes over nulls in groups and in describe", async () => {
    const frame = await load();
    expect(frame.groupby(["k"]).col(["v"]).mean().values).toEqual([
      ["a", 1],
      ["b", 3],
      ["c", null],
    ]);
    expect(frame.groupby(["k"]).col(["v"]).count().values).toEqual([
      ["a", 1],
      ["b", 1],
      ["c", 0],
    ]);
    const described = frame.describe();
    expect(described.columns).toEqual(["v"]);
    expect(described.column("v").values).toEqual([2, 2, Math.SQRT2, 1, 2, 3, 2]);
  });

  it("is grouped and sorted in moments when it is large", async () => {
    await lake.write(
      "large.csv",
      `a,b\n${Array.from({ length: 200_000 }, (_, row) => `${(row * 7919) % 200_003},1\n`).join("")}`,
    );
    const frame = await loadFrame(lake, "large.csv");
    // In time squared, as Danfo has it, either of them outlives the test.
    expect(frame.sortValues("a").head(2).values).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(frame.groupby(["a"]).sum().shape).toEqual([200_000, 2]);
  });

  it("shows its first rows, types and nulls, and so do its series", async () => {
    showFramesWith((view) => ({ "text/plain": JSON.stringify(view) }));
    const frame = await load();
    const shown = (value: object) => {
      const method = (value as Record<symbol, () => { "text/plain": string }>)[
        Symbol.for("Jupyter.display")
      ];
      return JSON.parse(method?.call(value)["text/plain"] ?? "");
    };
    expect(shown(frame)).toEqual({
      rows: 4,
      columns: [
        { name: "k", type: "text", nulls: 0 },
        { name: "v", type: "integer", nulls: 2 },
        { name: "shape", type: "text", nulls: 0 },
      ],
      head: [
        ["a", 1, "x"],
        ["a", null, "y"],
        ["b", 3, "z"],
        ["c", null, "z"],
      ],
    });
    expect(shown(frame.column("v"))).toEqual({
      rows: 4,
      columns: [{ name: "v", type: "integer", nulls: 2 }],
      head: [[1], [null], [3], [null]],
    });
    expect(shown(frame.iloc({ rows: [2] })).index).toEqual([2]);
    // What console.log prints.
    expect(JSON.parse(inspect(frame))).toEqual(shown(frame));
    expect(JSON.parse(inspect(frame.column("v")))).toEqual(shown(frame.column("v")));
  });
});
