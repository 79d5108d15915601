import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { generated } from "./generate.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

test.each(generated().map((one) => [relative(root, one.file), one] as const))(
  "%s is as `npm run fix` would write it",
  (_name, { actual, expected }) => {
    expect(actual).toBe(expected);
  },
);

test("CONTRIBUTING.md gives a reason for each dependency, and for nothing else", () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read("package.json"));
  const rows = read("CONTRIBUTING.md").split("## Dependencies")[1] ?? "";
  const named = [...rows.matchAll(/^\| ([^|]+) \|/gm)]
    .flatMap(([, names = ""]) => names.split(", "))
    .filter((name) => name !== "package" && !name.startsWith("-"));
  const all = { ...dependencies, ...optionalDependencies, ...devDependencies };
  expect(named.sort()).toEqual(Object.keys(all).sort());
});

test("CONTRIBUTING.md names every room of src/", () => {
  const table = read("CONTRIBUTING.md");
  const rules = [...read("biome.json").matchAll(/"src\/(\w+)\/\*\.ts"/g)].map(([, room]) => room);
  for (const room of rules.filter((name) => name !== "spark")) {
    expect(table).toContain(`| src/${room} |`);
  }
});

test("the README's comparison rests on tests and benches that are there, and counts right", () => {
  const rows = (read("README.md").split("| instead of |")[1] ?? "").split("\n\n")[0] ?? "";
  const named = [...rows.matchAll(/`(test\/[^`]+)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const faults = read("docs/guide/ci.md").match(/\| fails \| passes \| passes \| passes \|/g);
  expect(rows).toContain(`fails for ${faults?.length} kinds of fault`);
});

test("ARCHITECTURE.md leads to files that are there", () => {
  const paths = [...read("ARCHITECTURE.md").matchAll(/`((?:src|test)\/[^`\s]+)`/g)];
  const named = paths.map(([, path = ""]) => path).filter((path) => !path.includes("NAME"));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(globSync("{notebooks,template/notebooks}/*.ipynb", { cwd: root }))(
  "the cells of %s have ids of their own, as nbformat wants them",
  (file) => {
    const { cells } = JSON.parse(read(file)) as { cells: { id: string }[] };
    const ids = cells.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  },
);

test.each(globSync("notebooks/*.ipynb", { cwd: root }))(
  "%s hides the answer to its exercise, and what that shows",
  (file) => {
    const { cells } = JSON.parse(read(file)) as {
      cells: { id: string; metadata: object; source: string[] }[];
    };
    const answer = cells.find(({ id }) => id === "answer");
    const jupyter = { outputs_hidden: true, source_hidden: true };
    expect(answer?.metadata).toEqual({ jupyter });
    // JupyterLab shows the first line of what is hidden.
    expect(answer?.source[0]).toBe("// The answer\n");
  },
);

test("notebooks differ in their first words, which is all that a narrow list of files shows", () => {
  const names = globSync("notebooks/*.ipynb", { cwd: root });
  const words = names.map((name) => /\/\d\d-([a-z]+)/.exec(name)?.[1]);
  expect(words).not.toContain(undefined);
  expect(words.length).toBe(new Set(words).size);
});
