import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as notelake from "../../src/index.ts";
import { type RunResult, runNotebook } from "../../src/runner/run.ts";
import { examples } from "./examples.ts";

/** Needs what no test has: a person, Azure, a cluster, Vitest's own run. Checked, and not run. */
const NOT_RUN =
  /\b(connectSpark\(|startSpark\(|spark\.|input\(|getpass\(|notebooks\(|signIn\(\)|cloud: "public")/;

const all = examples();

const PREPARED = `
import { ${Object.keys(notelake).sort().join(", ")} } from "notelake";
import { connectSpark, startSpark } from "notelake/spark";
import { clientSettings, hostSettings, startPractice } from "notelake/practice";
import { notebooks } from "notelake/vitest";
await connect();
await signIn({ method: "client-secret" });
const lake = openLake("raw");
const sales = await loadFrame(openFolder("."), "sales.csv");
await lake.write("sales/2026/east.csv", "region,amount\\neast,1\\n");
await writeFrame(lake, "tables/sales", sales, { format: "delta" });
await openSubscription().createResourceGroup("examples", { location: "westeurope" });
const flights = await loadFrame(lake, "flights/**", { sample: 500 });
const spark = undefined as never as Awaited<ReturnType<typeof connectSpark>>;
`;

let folder: string;
let result: RunResult;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-examples-"));
  for (const name of ["sales", "data"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "east.csv"), "region,year,amount\neast,2025,1\n");
  }
  writeFileSync(join(folder, "sales.csv"), "region,year,amount\neast,2025,1\nwest,2026,2\n");
  const sources = [PREPARED, ...all.map((example) => cellOf(example))];
  const cells = sources.map((source, at) => ({
    cell_type: "code",
    id: `cell-${at}`,
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  }));
  const file = join(folder, "examples.ipynb");
  writeFileSync(file, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  result = await runNotebook(file, {});
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An example that cannot run is a function that nobody calls; its imports stay outside of it. */
function cellOf(example: (typeof all)[number]): string {
  if (!NOT_RUN.test(example.code)) return example.code;
  const lines = example.code.split("\n");
  const imports = lines.filter((line) => line.startsWith("import "));
  const rest = lines.filter((line) => !line.startsWith("import "));
  return `${imports.join("\n")}\n;async () => {\n${rest.join("\n")}\n};`;
}

test("what the examples need is there", () => {
  expect(result.cells[0]?.error?.message).toBeUndefined();
});

test.for(all.map((one, at) => [`${one.of} in ${one.file}`, at] as const))(
  "the example of %s is right",
  ([, at], context) => {
    const report = result.cells[at + 1];
    if (report?.status === "skipped") context.skip("an earlier one has failed");
    expect(report?.error?.message).toBeUndefined();
    expect(report?.status).toBe("passed");
  },
);
