import { expect, it } from "vitest";
import { brief, briefColumn, tick } from "../../src/show/number-text.ts";

it.each([
  [0, "0"],
  [2013, "2013"],
  [2012.25, "2012.25"],
  [0.05, "0.05"],
  [15_000, "15K"],
  [-1_250_000, "-1.25M"],
  // Ticks close together on a scale of large numbers stay apart.
  [1_000_020, "1.00002M"],
  [0.00002, "2e-5"],
])("%d at an axis is %s", (value, text) => {
  expect(tick(value)).toBe(text);
});

it.each([
  [2013, "2013"],
  [58_665, "58,665"],
  [1 / 3, "0.333333"],
  [-1234.5678, "-1234.57"],
  [1e-9, "1.00e-9"],
])("%d in a text is %s", (value, text) => {
  expect(brief(value)).toBe(text);
});

it("gives numbers below each other as many decimals", () => {
  expect(briefColumn([4716.0175, 3712.9, 20])).toEqual(["4716.02", "3712.90", "20.00"]);
  expect(briefColumn([1, 2])).toEqual(["1", "2"]);
});
