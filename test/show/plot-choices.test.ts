import { describe, expect, it } from "vitest";
import { FrameError } from "../../src/core/errors.ts";
import { plotBar } from "../../src/show/plot/bar.ts";
import { plotHistogram } from "../../src/show/plot/histogram.ts";
import { plotLine } from "../../src/show/plot/line.ts";
import { plotScatter } from "../../src/show/plot/scatter.ts";

const at = (text: string) => new Date(`${text}Z`);
const HOUR = 3_600_000;

/** Text and number of rows of each line of a histogram's text. */
function counted(text: string): [string, number][] {
  return text
    .split("\n")
    .slice(1, -1)
    .map((line) => {
      const [, label = "", rows] = /^(.*?) {2,}(\d[\d,]*)/.exec(line) ?? [];
      return [label, Number(rows?.replaceAll(",", ""))];
    });
}

/** Where the bars of a picture are, in pixels. */
function bars(svg: string): { x: number; y: number; height: number }[] {
  return Array.from(svg.matchAll(/<rect ([^>]*)><title>/g), ([, attributes = ""]) => {
    const number = (name: string) =>
      Number(new RegExp(`\\b${name}="([\\d.]+)"`).exec(attributes)?.[1]);
    return { x: number("x"), y: number("y"), height: number("height") };
  });
}

describe("a histogram of dates", () => {
  it("has a bin a month, whatever its length, and its rows in it", () => {
    const days = Array.from({ length: 366 }, (_, day) => new Date(Date.UTC(2024, 0, 1 + day)));
    const { text } = plotHistogram({ day: days }, { x: "day", bins: 12 });
    const lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    expect(counted(text)).toEqual(
      lengths.map((rows, month) => [`2024-${String(month + 1).padStart(2, "0")}`, rows]),
    );
    expect(text).toContain("366 rows in bins of 1 month.");
  });

  it.each([
    ["1 second", 1000, 20],
    ["1 minute", 60_000, 20],
    ["1 hour", HOUR, 20],
    ["1 day", 24 * HOUR, 20],
    ["1 week", 7 * 24 * HOUR, 20],
    ["1 year", 365.25 * 24 * HOUR, 20],
    ["10 years", 3652.5 * 24 * HOUR, 20],
  ])("has bins of %s", (name, step, bins) => {
    const rows = Array.from({ length: 20 }, (_, i) => new Date(Date.UTC(2024, 0, 1) + i * step));
    const { text } = plotHistogram({ at: rows }, { x: "at", bins });
    expect(text).toMatch(new RegExp(`20 rows in bins of ${name}( \\(|\\.)`));
    expect(counted(text).reduce((sum, [, found]) => sum + found, 0)).toBe(20);
  });

  it("begins its bins in UTC, and says how many rows have no date", () => {
    const rows = [
      at("2024-03-10T23:59:59"),
      at("2024-03-11T00:00:00"),
      at("2024-03-13T12:00"),
      null,
    ];
    const { text, svg } = plotHistogram({ day: rows }, { x: "day", bins: 4 });
    expect(counted(text)).toEqual([
      ["2024-03-10", 1],
      ["2024-03-11", 1],
      ["2024-03-12", 0],
      ["2024-03-13", 1],
    ]);
    expect(text).toContain("3 rows in bins of 1 day. 1 row without day left out.");
    expect(svg).toContain("<title>2024-03-11: 1 row</title>");
  });

  it("takes one date, and dates as text", () => {
    expect(plotHistogram({ day: [at("2024-03-10T00:00")] }, { x: "day" }).text).toContain(
      "1 row in",
    );
    expect(plotHistogram({ day: ["2024-03-10", "2024-05-10"] }, { x: "day" }).text).toContain(
      "2 rows in bins of 1 week.",
    );
  });
});

describe("grouped bars", () => {
  const rows = [
    { shop: "north", kind: "tea", price: 2 },
    { shop: "north", kind: "tea", price: 4 },
    { shop: "north", kind: "coffee", price: 5 },
    { shop: "south", kind: "tea", price: 1 },
  ];
  const options = { x: "shop", y: "price", color: "kind", reduce: "mean" } as const;

  it("stand side by side, so that means are allowed", () => {
    const chart = plotBar(rows, { ...options, layout: "grouped" });
    expect(chart.text.split("\n").slice(1)).toEqual([
      `north coffee  5  ${"█".repeat(40)}`,
      `north tea     3  ${"█".repeat(24)}`,
      `south tea     1  ${"█".repeat(8)}`,
    ]);
    for (const title of ["north, tea: 3", "north, coffee: 5", "south, tea: 1"]) {
      expect(chart.svg).toContain(`<title>${title}</title>`);
    }
    // All begin at the same line.
    const bottoms = bars(chart.svg).map(({ y, height }) => Math.round(y + height));
    expect(bottoms).toHaveLength(3);
    expect(new Set(bottoms).size).toBe(1);
  });

  it("lie side by side, too", () => {
    const chart = plotBar(rows, { ...options, layout: "grouped", horizontal: true });
    const lefts = bars(chart.svg).map(({ x }) => x);
    expect(lefts).toHaveLength(3);
    expect(new Set(lefts).size).toBe(1);
  });

  it("are what the refusal to stack means points to", () => {
    expect(() => plotBar(rows, options)).toThrow(/layout: "grouped"/);
    const many = Array.from({ length: 24 }, (_, i) => ({ shop: "s", kind: `k${i}`, price: i }));
    expect(() => plotBar(many, { ...options, layout: "grouped" })).toThrow(FrameError);
  });
});

describe("colours of numbers", () => {
  const rows = Array.from({ length: 50 }, (_, i) => ({ x: i, y: i, heat: i === 7 ? null : i * 2 }));

  it("run from the smallest to the largest, with a legend, and grey where there is none", () => {
    const chart = plotScatter(rows, { x: "x", y: "y", color: "heat" });
    const fills = Array.from(chart.svg.matchAll(/<circle [^>]*fill="(#\w+)"/g), ([, fill]) => fill);
    expect(fills).toHaveLength(50);
    expect(new Set(fills).size).toBeGreaterThan(40);
    expect([fills[0], fills[49], fills[7]]).toEqual(["#3f6fd8", "#b98600", "#868a92"]);
    expect(chart.svg).toMatch(/>heat<\/text><text[^>]*>0<\/text>.*>98<\/text>/s);
    expect(chart.text).toContain("50 points. 1 point without heat in grey.");
    expect(chart.svg).not.toMatch(/ id=|url\(/);
  });

  it("are apart where there are few, and of dates in UTC", () => {
    const few = rows.map((row) => ({ ...row, heat: row.x % 3 }));
    const apart = plotScatter(few, { x: "x", y: "y", color: "heat" });
    expect(new Set(apart.svg.match(/fill="#\w{6}"/g)).size).toBe(3);
    const days = rows.map((row) => ({ ...row, heat: new Date(Date.UTC(2024, 0, 1 + row.x)) }));
    const dated = plotScatter(days, { x: "x", y: "y", color: "heat" });
    expect(dated.svg).toMatch(/>2024-01-01<\/text>.*>2024-02-19<\/text>/s);
  });
});

describe("labels", () => {
  it("of lying bars are long before they are cut, and stay in the picture", () => {
    const name = "Southwest Airlines Company of Dallas, Texas";
    const made = plotBar(
      [
        { name, n: 2 },
        { name: "x".repeat(90), n: 1 },
      ],
      { x: "name", y: "n" },
    );
    expect(made.svg).toContain(`>${name}</text>`);
    expect(made.svg).toContain(`>${"x".repeat(42)}…</text>`);
  });

  it("of few rows are whole numbers", () => {
    const rows = [{ shop: "a" }, { shop: "a" }, { shop: "b" }];
    const days = [{ day: "2024-01-01" }, { day: "2024-01-02" }];
    for (const { svg } of [plotBar(rows, { x: "shop" }), plotHistogram(days, { x: "day" })]) {
      expect(svg).not.toMatch(/>0\.\d<\/text>/);
    }
  });
});

describe("what is left out is said", () => {
  it("of lines", () => {
    const rows = [
      { day: "2024-01-01", n: 1 },
      { day: null, n: 2 },
      { day: "2024-01-03", n: null },
      { day: "2024-01-04", n: 4 },
    ];
    expect(plotLine(rows, { x: "day", y: "n" }).text).toContain(
      "2 points. 1 row without day left out. 1 row without n.",
    );
  });

  it("of a hundred thousand points", () => {
    const many = {
      x: Float64Array.from({ length: 100_000 }, (_, i) => i),
      y: new Float64Array(100_000),
    };
    const chart = plotScatter(many, { x: "x", y: "y", color: "x" });
    expect(chart.text).toContain("An even sample of 1,200 of 100,000 points.");
    expect(chart.svg.length).toBeLessThan(200_000);
  });
});
