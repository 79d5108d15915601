import { expect, test } from "vitest";
import { type Glob, parseGlob } from "../../src/lake/list/glob.ts";

function glob(pattern: string): Glob {
  const parsed = parseGlob(pattern);
  if (typeof parsed === "string") throw new Error(`${pattern} is plain`);
  return parsed;
}

test.each([
  ["sales/*.csv", "sales", ["sales/a.csv"], ["sales/b/a.csv", "sales/.a.csv", "a.csv", "sales"]],
  ["sales/**", "sales", ["sales/a", "sales/a/b"], ["sales", "sale/a"]],
  ["**/*.csv", "", ["a.csv", "x/a.csv", "x/y/a.csv"], ["x/.hidden/a.csv", "a.csvx"]],
  ["a/{b,c}/d?.txt", "a", ["a/b/d1.txt", "a/c/dx.txt"], ["a/d/d1.txt", "a/b/d12.txt"]],
  ["a/{b,c/d}/e", "a", ["a/b/e", "a/c/d/e"], ["a/c/e"]],
  ["a/[0-9][!x].csv", "a", ["a/1y.csv"], ["a/1x.csv", "a/xy.csv"]],
  ["a\\[1]/*", "a[1]", ["a[1]/x"], ["a1/x"]],
])("%s", (pattern, base, matching, others) => {
  const { matches, ...rest } = glob(pattern);
  expect(rest.base).toBe(base);
  expect(matching.filter((path) => !matches(path))).toEqual([]);
  expect(others.filter(matches)).toEqual([]);
});

test.each([
  ["sales/2026", "sales/2026"],
  ["/sales/", "sales"],
  ["a\\[1\\].csv", "a[1].csv"],
])("%s holds no wildcard", (pattern, path) => {
  expect(parseGlob(pattern)).toBe(path);
});

test.each([
  ["sales/*/*.csv", "sales", "some"],
  ["sales/*/*.csv", "sales/2026", "some"],
  ["sales/*/*.csv", "sales/2026/01", "none"],
  ["sales/20*/*.csv", "sales/1999", "none"],
  ["sales/*/**/x", "sales", "some"],
  ["sales/*/**/x", "sales/a", "all"],
  ["sales/*/**/x", "sales/a/b/c", "all"],
  ["sales/**", "sales/.hidden", "none"],
  ["sales/**/.hidden/*", "sales/a/.hidden", "all"],
  ["a/{b,c/d}/e", "a/z", "all"],
])("%s below %s: %s", (pattern, directory, reach) => {
  expect(glob(pattern).reach(directory)).toBe(reach);
});
