import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** What may be published; the rest of a checkout may not, whatever it is. */
const PUBLISHED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/,
  /^dist\/(?:[\w-]+\/)*[\w.-]+\.(js|d\.ts)$/,
  /^dist\/frames\/read\/plain-csv\/rows\.wasm$/,
  /^dist\/node_modules\/(esbuild|zeromq)\/[\w./-]+$/,
  /^dist\/THIRD-PARTY-LICENSES\.txt$/,
  /^docs\/guide\/[\w-]+\.md$/,
  /^notebooks\/\d\d-[\w-]+\.ipynb$/,
  /^data\/README\.md$/,
  /^data\/(raw|curated|Archive\/backup)\/(?:[\w=-]+\/)*[\w-][\w.-]*\.(csv|ndjson|parquet)$/,
  /^data\/OneLake\/[\w ]+\/\w+\.Lakehouse\/(Files|Tables)\/(?:\w+\/)*[\w-]+\.(csv|json|parquet)$/,
  /^src\/notelake\.js$/,
  /^src\/kernel\/(jupyter-requirements\.txt|logo\/[\w-]+\.(png|svg))$/,
  /^template\/(README\.md|gitignore|tsconfig\.json|workflow\.yml|vitest\.config\.ts)$/,
  /^template\/notebooks\/[\w-]+\.(ipynb|ts)$/,
  /^template\/test\/[\w-]+\.test\.ts$/,
];

/** Of all kinds that the build makes. */
const MADE = ["dist/index.js", "dist/index.d.ts", "dist/frames/read/plain-csv/rows.wasm"];

/** What work in a checkout leaves behind. */
const LEFTOVERS = [
  ".env",
  ".jupyter/practice-17.json",
  ".notelake/settings.json",
  "notebooks/.notelake/sign-ins.db",
  "notebooks/.notelake/sign-ins.key",
  "notebooks/.ipynb_checkpoints/00-start-here-checkpoint.ipynb",
  "notebooks/mine/notes.ipynb",
  "notebooks/export.csv",
  "data/.notelake/sign-ins.db",
  "template/notebooks/.notelake/sign-ins.db",
  "template/notebooks/.ipynb_checkpoints/00-start-here.ipynb",
  "data/raw/.ipynb_checkpoints/people.csv",
  "data/raw/.DS_Store",
  "data/raw/sales.csv.part",
  "docs/guide/.ipynb_checkpoints/ci.md",
  "docs/build.ts",
  "docs/node_modules/typedoc/README.md",
  "site/index.html",
  "src/frames/discover/missing-during-replace.ts",
  "coverage/index.html",
  "notelake-0.1.0.tgz",
];

let checkout: string;
beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), "notelake-files-"));
  const copied = [
    "package.json",
    "README.md",
    "LICENSE",
    ".gitignore",
    "notebooks",
    "data",
    "docs/guide",
  ];
  const parts = ["src/notelake.js", "src/kernel", "template"];
  for (const name of [...copied, ...parts]) {
    await cp(join(root, name), join(checkout, name), { recursive: true });
  }
  for (const name of [...MADE, ...LEFTOVERS]) {
    await mkdir(dirname(join(checkout, name)), { recursive: true });
    await writeFile(join(checkout, name), "");
  }
});
afterAll(() => rm(checkout, { recursive: true, force: true }));

async function packed(): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    "npm",
    ["pack", "--dry-run", "--json", "--ignore-scripts"],
    { cwd: checkout },
  );
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(stdout);
  return files.map(({ path }) => path);
}

test("the package holds what belongs to it, and nothing that work in the checkout has left", async () => {
  const files = await packed();
  expect(files.filter((path) => LEFTOVERS.includes(path))).toEqual([]);
  expect(files.filter((path) => !PUBLISHED.some((rule) => rule.test(path)))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining([
      "dist/index.js",
      "dist/index.d.ts",
      "dist/frames/read/plain-csv/rows.wasm",
      "LICENSE",
    ]),
  );
  expect(files.filter((path) => /^(data|notebooks)\//.test(path)).sort()).toEqual(seeds());
});

/** What the practice lake is seeded with, and the notebooks. */
function seeds(): string[] {
  const names = globSync(["data/**/*.*", "notebooks/*.ipynb"], { cwd: root });
  return names.filter((name) => !/\.(part|Lakehouse)$/.test(name)).sort();
}

test("esbuild and its binaries are of one version", async () => {
  const { optionalDependencies, devDependencies } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  const versions = new Set(Object.values(optionalDependencies));
  expect([...versions]).toEqual([devDependencies.esbuild]);
});
