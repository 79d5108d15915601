import { expect, describe as group, it } from "vitest";
import { JUPYTER_DISPLAY } from "../../src/show/display.ts";
import { describe } from "../../src/show/table/describe-table.ts";

const day = (n: number) => new Date(Date.UTC(2026, 0, n));

group("describe", () => {
  it("shows a line a column", () => {
    const rows = [
      { day: day(2), shop: "north", total: 1 },
      { day: day(1), shop: "north", total: 2 },
      { day: day(3), shop: null, total: 4.5 },
    ];
    expect(describe(rows)[JUPYTER_DISPLAY]()["text/plain"]).toBe(
      [
        "column  type    nulls  distinct         min  25%  median   75%         max  mean      std  most frequent",
        "──────  ──────  ─────  ────────  ──────────  ───  ──────  ────  ──────────  ────  ───────  ─────────────",
        "day     date                  3  2026-01-01                     2026-01-03",
        "shop    text        1         1                                                            north (2)",
        "total   number                3           1  1.5       2  3.25         4.5   2.5  1.80278",
        "3 rows × 3 columns",
      ].join("\n"),
    );
  });

  it("answers with numbers to compute with, gaps left out", () => {
    const [summary] = describe({ n: [4, null, 1, Number.NaN, 3, 2] });
    expect(summary).toMatchObject({ name: "n", count: 4, nulls: 2, distinct: 4, top: undefined });
    expect(summary?.numbers).toEqual({
      mean: 2.5,
      std: Math.sqrt(5 / 3),
      min: 1,
      q1: 1.75,
      median: 2.5,
      q3: 3.25,
      max: 4,
    });
  });

  it("takes big integers, one value, no value, and values of several kinds", () => {
    const [big, one, none, mixed] = describe({
      big: [1n, 3n],
      one: [7],
      none: [null, undefined],
      mixed: [1, "a"],
    });
    expect(big?.numbers?.median).toBe(2);
    expect(one?.numbers).toMatchObject({ min: 7, max: 7, std: undefined });
    expect(none).toMatchObject({ count: 0, nulls: 2, distinct: 0, numbers: undefined });
    expect(mixed).toMatchObject({ distinct: 2, numbers: undefined, dates: undefined });
  });

  it("gives up counting different values where that would fill the memory", () => {
    const [summary] = describe({ id: Array.from({ length: 100_001 }, (_, i) => `id ${i}`) });
    expect(summary).toMatchObject({ count: 100_001, distinct: undefined, top: undefined });
  });

  it("escapes names and values", () => {
    const html = describe([{ "<b>": "<i>" }, { "<b>": "<i>" }])[JUPYTER_DISPLAY]()["text/html"];
    expect(html).toContain("&lt;i&gt; (2)");
    expect(html).not.toMatch(/<b>|<i>/);
  });
});
