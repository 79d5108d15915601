import { describe, expect, test } from "vitest";
import { coverFiles } from "../../src/spark/sql/cover-files.ts";

const cover = (wanted: string[], others: string[] = []) =>
  coverFiles(
    wanted.map((path) => ({ path })),
    [...wanted, ...others].map((path) => ({ path })),
  ).map(({ path, isFolder }) => (isFolder ? `${path}/` : path));

describe("the fewest folders and files", () => {
  test.each([
    ["a folder with nothing else", ["a/1.csv", "a/2.csv"], [], ["a/"]],
    ["beside notes", ["a/1.csv"], ["a/_SUCCESS", "a/.x/y"], ["a/"]],
    ["beside something else", ["a/1.csv"], ["a/README.md"], ["a/1.csv"]],
    ["partitions", ["a/m=1/x", "a/m=2/x"], [], ["a/"]],
    ["some partitions", ["a/m=1/x", "a/m=2/x"], ["a/m=3/x"], ["a/m=1/", "a/m=2/"]],
    ["partitions of two keys", ["a/y=1/m=1/x", "a/y=2/m=1/x"], [], ["a/"]],
    ["keys that differ", ["a/y=1/x", "a/m=1/x"], [], ["a/y=1/", "a/m=1/"]],
    ["plain folders, into which not every engine looks", ["a/b/x", "a/c/x"], [], ["a/b/", "a/c/"]],
    ["files at several depths", ["a/x", "a/b/x"], [], ["a/x", "a/b/"]],
    ["the root, which is never one", ["x.csv"], [], ["x.csv"]],
    ["a name that begins like another", ["ab/x"], ["a/x"], ["ab/"]],
  ])("%s", (_, wanted, others, expected) => {
    expect(cover(wanted, others)).toEqual(expected);
  });
});
