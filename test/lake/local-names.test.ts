import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative, sep } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkLocalNames, type NamedEntry, nameRulesIn } from "../../src/lake/local/local-names.ts";

const file = (path: string): NamedEntry => ({ kind: "file", path });
const check = (paths: string[], rules: Partial<Parameters<typeof checkLocalNames>[2]> = {}) =>
  checkLocalNames("/folder", paths.map(file), { platform: "linux", folds: false, ...rules });

test.each([
  ["a capital", ["a/X.txt", "a/x.txt"]],
  ["a capital in a folder", ["A/x.txt", "a/x.txt"]],
  ["a form of Unicode", ["\u00e9.txt", "e\u0301.txt"]],
  ["both", ["\u00c9.txt", "e\u0301.txt"]],
])("names that differ in %s are refused where they are one, and only there", (_what, paths) => {
  if (paths[0]?.startsWith("A/")) paths.push("A/X.txt");
  expect(() => check(paths)).not.toThrow();
  expect(() => check(paths, { folds: true })).toThrow("would be the same file as");
});

test.each(["con", "a/NUL.txt", "com1.tar.gz", "x.", "x ", "a/b./c", "a:b", "what?", "a|b", "<x>"])(
  "%j is refused on Windows, and only there",
  (path) => {
    expect(() => check([path])).not.toThrow();
    expect(() => check([path], { platform: "win32" })).toThrow("Windows has no such names");
  },
);

test.each(["console", "nulls.txt", "a.con", ".x", "x..y"])("%j is fine anywhere", (path) => {
  for (const platform of ["linux", "darwin", "win32"] as const) {
    expect(() => check([path], { platform, folds: true })).not.toThrow();
  }
});

test("a file that is a directory, too, is refused whichever comes first", () => {
  expect(() => check(["a", "a/b"])).toThrow("there is a directory of its name");
  expect(() => check(["a/b/c", "a"])).toThrow("there is a directory of its name");
  expect(() => check(["a/b", "A"], { folds: true })).toThrow("there is a directory of its name");
});

test("a path that is too long is refused", () => {
  const path = Array.from({ length: 200 }, () => "😀😀").join("/");
  expect(() => check([path], { platform: "darwin" })).toThrow("too long");
  expect(() => check([path])).not.toThrow();
});

test("whatever passes lies in the folder, and each name is another file", () => {
  const name = fc.oneof(
    fc.constantFrom(".", "..", "", "a", "A", "a.", "é", "e\u0301", "x\\y", "..\\x", "/x", "con"),
    fc.string({ unit: "binary", maxLength: 4 }),
  );
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
  const rules = fc.record({
    platform: fc.constantFrom("linux" as const, "win32" as const),
    folds: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(path, { maxLength: 6 }), rules, (paths, given) => {
      try {
        check(paths, given);
      } catch (error) {
        expect(error).toMatchObject({ code: "BAD_PATH" });
        return;
      }
      const places = paths.map((each) => relative("/folder", join("/folder", each)));
      for (const [at, place] of places.entries()) {
        expect(place).toBe(paths[at]);
        expect(isAbsolute(place) || place.split(sep).includes("..")).toBe(false);
      }
      const folded = places.map((each) =>
        given.folds ? each.normalize("NFC").toLowerCase().normalize("NFC") : each,
      );
      expect(new Set(folded).size).toBe(places.length);
    }),
    { numRuns: 2000 },
  );
});

test("what a file system does to names is seen from a file, which does not stay", async () => {
  const folder = await mkdtemp(join(tmpdir(), "notelake-names-"));
  const { platform, folds } = await nameRulesIn(folder);
  expect(platform).toBe(process.platform);
  if (process.platform === "linux") expect(folds).toBe(false);
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});
