import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = "src/core/error-codes";

/** Each code, with the classes that it is said to come with. That none is missing is for the compiler. */
const documented = new Map(
  globSync(`${folder}/*-codes.ts`, { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return [...text.matchAll(/^ {2}([A-Z_]+): ([^;]+);/gm)].map(
      ([, code = "", classes = ""]) => [code, classes.replaceAll('"', "").split(" | ")] as const,
    );
  }),
);
const sources = globSync("src/**/*.ts", { cwd: root })
  .filter((file) => !/^src\/(practice|core\/error-codes)\//.test(file))
  .map((file) => readFileSync(join(root, file), "utf8"));
const all = sources.join("\n");

test("each code of an error is one that something can fail with", () => {
  expect(documented.size).toBeGreaterThan(100);
  const unused = [...documented.keys()].filter((code) => !all.includes(`"${code}"`));
  expect(unused).toEqual([]);
});

test("each code is said to come with the classes of errors that are thrown with it", () => {
  const exported = /^(Account|Cloud|Frame|Lake|SignIn|Spark)Error$/;
  const thrown = [...all.matchAll(/\bnew (\w+Error)\(\s*"([A-Z_]+)"/g)];
  expect(thrown.length).toBeGreaterThan(100);
  const missing = thrown
    .map(([, name = "", code = ""]) => [code, exported.test(name) ? name : "NotelakeError"])
    .filter(([code = "", name = ""]) => !documented.get(code)?.includes(name));
  expect(missing).toEqual([]);
});
