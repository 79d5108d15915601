import { DataFrame } from "danfojs-node";
import { describe, expect, it } from "vitest";
import { plotBar } from "../../src/show/plot/bar.ts";
import { plotHistogram } from "../../src/show/plot/histogram.ts";
import { plotLine } from "../../src/show/plot/line.ts";
import { plotScatter } from "../../src/show/plot/scatter.ts";
import { html, MILLION, refusal, SALES } from "./plot-samples.ts";

describe("plotBar", () => {
  it("counts rows when there is no y", () => {
    expect(plotBar(SALES, { x: "shop" }).text).toBe(
      [
        "count by shop",
        `north  2  ${"█".repeat(40)}`,
        `south  1  ${"█".repeat(20)}`,
        `west   1  ${"█".repeat(20)}`,
      ].join("\n"),
    );
  });

  it("combines rows only when told how", () => {
    const options = { x: "shop", y: "total" };
    const refused = refusal(() => plotBar(SALES, options));
    expect(refused.code).toBe("SEVERAL_ROWS");
    expect(refused.message).toMatch(/^2 rows have shop "north"\n.*reduce: "sum"/);
    expect(plotBar(SALES, { ...options, reduce: "mean", order: "value" }).text).toBe(
      [
        "mean of total by shop",
        `south  30.0  ${"█".repeat(40)}`,
        `north   7.5  ${"█".repeat(10)}`,
        "1 row without total left out.",
      ].join("\n"),
    );
  });

  it.each([
    ["sum", "15"],
    ["mean", "7.5"],
    ["median", "7.5"],
    ["min", "5"],
    ["max", "10"],
    ["count", "2"],
  ] as const)("takes the %s of the rows of a bar", (reduce, value) => {
    const north = SALES.filter(({ shop }) => shop === "north");
    expect(plotBar(north, { x: "shop", y: "total", reduce }).text).toContain(`north  ${value}  `);
  });

  it("stacks colours, and names them in a legend", () => {
    const { svg } = plotBar(SALES, { x: "shop", color: "kind" });
    expect(svg).toContain(">coffee</text>");
    expect(svg).toContain("<title>north, tea: 1</title>");
    const refused = refusal(() =>
      plotBar(SALES, { x: "shop", y: "total", color: "kind", reduce: "mean" }),
    );
    expect(refused.code).toBe("NOT_ADDITIVE");
  });

  it("draws the longest of many bars, and says so", () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ name: `n${i}`, size: i }));
    const { text } = plotBar(rows, { x: "name", y: "size", limit: 3 });
    expect(text).toContain("The 3 longest of 60 bars.");
    expect(
      text
        .split("\n")
        .slice(1, 4)
        .map((line) => line.slice(0, 3)),
    ).toEqual(["n57", "n58", "n59"]);
  });

  it("puts dates and numbers in order, and keeps missing labels", () => {
    const rows = [{ at: 10 }, { at: 9 }, { at: null }].map((row) => ({ ...row, n: 1 }));
    const { text } = plotBar(rows, { x: "at", y: "n" });
    expect(
      text
        .split("\n")
        .slice(1)
        .map((line) => line.split(" ")[0]),
    ).toEqual(["9", "10", "null"]);
  });

  it("draws negative numbers to the other side", () => {
    const rows = [
      { name: "a", n: -5 },
      { name: "b", n: 5 },
    ];
    expect(plotBar(rows, { x: "name", y: "n" }).text).toBe(
      `n by name\na  -5  ${"█".repeat(20)}\nb   5  ${" ".repeat(20)}${"█".repeat(20)}`,
    );
  });
});

describe("plotLine", () => {
  it("puts rows in the order of x and breaks at gaps", () => {
    expect(plotLine(SALES, { x: "day", y: "total" }).text).toBe(
      [
        "total by day",
        "total  █▂▁  5 to 30",
        "day: 2026-01-01 to 2026-01-04",
        "3 points. 1 row without total.",
      ].join("\n"),
    );
  });

  it("draws several columns, or one line a colour", () => {
    const rows = [1, 2, 3].map((x) => ({ x, low: x, high: x * 2 }));
    expect(plotLine(rows, { x: "x", y: ["low", "high"] }).text).toContain(
      "low   ▁▅█  1 to 3\nhigh  ▁▅█  2 to 6",
    );
    expect(plotLine(SALES, { x: "day", y: "total", color: "kind" }).text).toContain(
      "coffee  ▁  5 to 5",
    );
    const refused = refusal(() =>
      plotLine(SALES, { x: "day", y: ["total", "total"], color: "kind" }),
    );
    expect(refused.code).toBe("BAD_OPTIONS");
  });

  it("refuses two values at one place", () => {
    const rows = [
      { x: 1, y: 1 },
      { x: 1, y: 3 },
    ];
    expect(refusal(() => plotLine(rows, { x: "x", y: "y" })).code).toBe("SEVERAL_ROWS");
    expect(plotLine(rows, { x: "x", y: "y", reduce: "mean" }).text).toContain("2 to 2");
  });

  it("keeps the one outlier of a million points", () => {
    const chart = plotLine(MILLION, { x: "n", y: "wave" });
    expect(chart.text).toContain(
      "1,000,000 points, drawn as the smallest and largest of every step.",
    );
    expect(html(chart).length).toBeLessThan(200_000);
    // The outlier alone is at the top of the plot: all else is squeezed to the bottom.
    const [line = ""] = chart.svg.match(/d="M[^"]{1000,}"/) ?? [];
    const heights = Array.from(line.matchAll(/,([\d.]+)/g), ([, y]) => Number(y));
    expect(heights.length).toBeGreaterThan(1000);
    expect(heights.filter((y) => y < 100)).toHaveLength(1);
  });
});

describe("plotScatter", () => {
  it("draws rows with both values and counts the others", () => {
    const chart = plotScatter(SALES, { x: "day", y: "total", color: "shop" });
    expect(chart.svg.match(/<circle/g)).toHaveLength(3);
    expect(chart.text).toContain("day: 2026-01-01 to 2026-01-03; total: 5 to 30");
    expect(chart.text).toContain("3 points. 1 row without day or total left out.");
  });

  it("draws an even sample of a million points, and says so", () => {
    const chart = plotScatter(MILLION, { x: "n", y: "wave" });
    expect(chart.text).toContain("An even sample of 1,200 of 1,000,000 points.");
    expect(html(chart).length).toBeLessThan(200_000);
  });

  it("folds rare colours into one", () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ x: i, y: i, group: `g${i % 12}` }));
    expect(plotScatter(rows, { x: "x", y: "y", color: "group" }).text).toContain(
      '"other" stands for 3 values of group.',
    );
  });
});

describe("plotHistogram", () => {
  it("counts every value once, edges included", () => {
    const chart = plotHistogram({ n: [0, 1, 2, 3, 4, 10, null] }, { x: "n", bins: 5 });
    expect(chart.text).toBe(
      [
        "Distribution of n",
        `0 to 2   2  ${"█".repeat(40)}`,
        `2 to 4   2  ${"█".repeat(40)}`,
        `4 to 6   1  ${"█".repeat(20)}`,
        "6 to 8   0",
        `8 to 10  1  ${"█".repeat(20)}`,
        "6 rows in bins of 2. 1 row without n left out.",
      ].join("\n"),
    );
  });

  it("takes decimals, one value, and big integers", () => {
    const tenths = plotHistogram({ n: [0.1, 0.2, 0.3, 0.7] }, { x: "n", bins: 6 }).text;
    expect(tenths).toContain("0.3 to 0.4  1");
    const fine = plotHistogram({ n: [0, 1] }, { x: "n", bins: 1e9 });
    expect(fine.text).toContain("2 rows in bins of 0.002 (500, not 1,000,000,000: at most 500");
    expect(plotHistogram({ n: [7, 7] }, { x: "n" }).text).toContain("2 rows in bins");
    expect(plotHistogram({ n: [1n, 2n] }, { x: "n" }).text).toContain("2 rows in bins");
  });
});

describe("what cannot be plotted is refused with a way out", () => {
  it.each([
    [
      "UNKNOWN_COLUMN",
      { x: "shop", y: "totl" },
      'y: the frame has no column "totl"\n  Did you mean "total"?',
    ],
    ["UNKNOWN_COLUMN", { x: "Shop" }, 'x: the frame has no column "Shop"\n  Did you mean "shop"?'],
    ["UNKNOWN_COLUMN", { x: "qqqqqq" }, "Its columns: shop, kind, total, day"],
    ["NOT_NUMERIC", { x: "shop", y: "kind" }, 'does not hold numbers: "tea" in row 1'],
    ["NOT_NUMERIC", { x: "shop", y: "day" }, "does not hold numbers: dates"],
  ])("%s %j", (code, options, message) => {
    const refused = refusal(() => plotBar(SALES, options));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(message);
  });

  it("no rows, no values", () => {
    expect(refusal(() => plotBar([], { x: "a" })).code).toBe("NOTHING_TO_PLOT");
    const empty = new DataFrame([], { columns: ["a"] });
    expect(refusal(() => plotHistogram(empty, { x: "a" })).code).toBe("NOTHING_TO_PLOT");
    const gaps = { a: [null, Number.NaN] };
    expect(refusal(() => plotHistogram(gaps, { x: "a" })).code).toBe("NOTHING_TO_PLOT");
  });
});
