import { expect, it } from "vitest";
import { columnTypeOf } from "../../src/frames/sql/frame-types.ts";

const day = new Date("2026-01-31");

it.each([
  ["text", [null, undefined]],
  ["text", ["a", null, ""]],
  ["boolean", [true, null]],
  ["int", [1, null, -(2 ** 31)]],
  ["bigint", [1, 2 ** 31]],
  ["bigint", [1n]],
  ["double", [1, 2 ** 53]],
  ["double", [1, -0]],
  ["double", [Number.NaN, 1]],
  ["date", [day, null]],
  ["timestamp", [day, new Date("2026-01-31T00:00:00.001Z")]],
])("is %s, in case %#", (type, values) => {
  expect(columnTypeOf(values, "c")).toBe(type);
});

it.each([
  ["number and string", [1, "a", 2]],
  ["number and bigint", [1, 1n]],
  ["object and string", [day, "a"]],
  ["object", [day, new Date(Number.NaN)]],
  ["object", [{}]],
])("refuses %s values, in case %#", (told, values) => {
  const type = () => columnTypeOf(values, "c");
  expect(type).toThrow(`column c holds ${told} values`);
});
