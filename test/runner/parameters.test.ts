import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient } from "../../src/runner/kernel-client.ts";
import { cellSource, writeNotebook } from "../../src/runner/notebook.ts";
import {
  applyParameters,
  findParameters,
  type ParameterValues,
  parameterTexts,
  parameterValues,
} from "../../src/runner/parameters.ts";
import { runNotebook } from "../../src/runner/run.ts";
import { DEFAULTS, kernelStart } from "../../src/runner/session-options.ts";
import { notelake } from "../cli/notelake.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-parameters-"));
  file = join(folder, "sales.ipynb");
  await writeNotebook(file, SALES);
});
afterAll(() => rm(folder, { recursive: true }));

const DECLARED = `import { sep } from "node:path";
type Mode = "fast" | "full";
let days = 7, label = "all"; // of the year
const mode: Mode = "fast";
const level = "low" as "low" | "high";
let since: Date = new Date("2026-01-01"), big = 1n;
const regions: string[] = ["eu"];
let limit: number | undefined = undefined;
const later = () => days * 2;
const values = () => [days, label, mode, level, since, String(big), regions, limit ?? "none", later(), sep];`;

const notebookOf = (sources: string[], tag = "parameters") => ({
  cells: sources.map((source, index) => ({
    cell_type: "code",
    id: `cell-${index + 1}`,
    metadata: index === 0 ? { tags: [tag] } : {},
    source,
    execution_count: null,
    outputs: [],
  })),
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});

const SALES = notebookOf([DECLARED, "JSON.stringify(values())", "mode === 'fast'"]);

async function run(parameters: ParameterValues) {
  const { error, notebook } = await runNotebook(file, { parameters });
  if (error) throw error;
  const [shown] = notebook.cells[1]?.outputs ?? [];
  const text = shown && "data" in shown ? String(shown.data["text/plain"]) : "";
  const source = notebook.cells[0] ? cellSource(notebook.cells[0]) : "";
  return { values: JSON.parse(text), source };
}

test("values of a command line take the place of defaults, by their types", async () => {
  const { values, source } = await run(
    parameterTexts({
      days: "30",
      label: "30",
      mode: "full",
      level: "high",
      since: "2026-11-01",
      big: "12345678901234567890",
      regions: '["eu", "us"]',
      limit: "5",
    }),
  );
  const since = "2026-11-01T00:00:00.000Z";
  const expected = [
    30,
    "30",
    "full",
    "high",
    since,
    "12345678901234567890",
    ["eu", "us"],
    5,
    60,
    "/",
  ];
  expect(values).toEqual(expected);
  expect(source).toContain(
    'let days = 30, label = "30"; // of the year\nconst mode: Mode = "full";',
  );
  expect(source).toContain('const level = "high";');
});

test("values of a program are what they are", async () => {
  const since = new Date("2026-11-01T12:00:00Z");
  const { values } = await run(
    parameterValues({ days: 1, label: '"quoted"', since, big: 3n, regions: [] }),
  );
  expect(values).toEqual([
    1,
    '"quoted"',
    "fast",
    "low",
    since.toISOString(),
    "3",
    [],
    "none",
    2,
    "/",
  ]);
});

describe("what is of another type is refused before anything runs, with the declaration", () => {
  let client: KernelClient;
  beforeAll(async () => {
    client = await KernelClient.start(kernelStart(file, {}));
  });
  afterAll(() => client.close());
  const apply = async (texts: Record<string, string>) =>
    applyParameters(findParameters(file, SALES, parameterTexts(texts)), {
      check: (code) => client.runSilently(code, DEFAULTS.startLimit),
      clean: (text) => text,
    });

  test.each([
    [
      { days: "soon" },
      `cell 1: the parameter days cannot be "soon": Type 'string' is not assignable to type 'number'.\n  It is declared as: let days = 7, label = "all";`,
    ],
    [
      { mode: "slow" },
      `the parameter mode cannot be "slow": Type '"slow"' is not assignable to type 'Mode'.`,
    ],
    [
      { level: "middle" },
      `the parameter level cannot be "middle": Type '"middle"' is not assignable to type '"high" | "low"'.`,
    ],
    [
      { regions: "[1]" },
      "the parameter regions cannot be [1]: Type 'number' is not assignable to type 'string'.",
    ],
    [
      { dayz: "1" },
      "sales.ipynb, cell 1\n  Did you mean days? The parameters there: days, label, mode, ",
    ],
  ])("%j", async (texts, expected) => {
    await expect(apply(texts)).rejects.toThrow(expected);
  });

  test("in a notebook without parameters", async () => {
    const plain = join(folder, "plain.ipynb");
    await writeNotebook(plain, notebookOf(["1"], "other"));
    const { code, stdout } = await notelake(["run", plain, "-p", "days=3"]);
    expect(stdout).toContain("no cell of");
    expect(stdout).toContain("is tagged parameters");
    expect(code).toBe(1);
  });
});

test("the command takes them, and stores what ran elsewhere only", async () => {
  const { code, stdout } = await notelake([
    "run",
    file,
    "-p",
    "days=3",
    "-p",
    "label=a=b",
    "--output",
    join(folder, "out"),
  ]);
  expect(stdout).toMatch(/^ok .*3 code cells/m);
  expect(code).toBe(0);
  const refused = await notelake(["run", file, "-p", "days=3", "--update"]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("--output DIR");
  expect(await notelake(["run", file, "-p", "days"])).toMatchObject({ code: 2 });
});

describe("the value of a parameter whose name says that it is secret", () => {
  const secret = "Sesame-opens-7";
  const declares =
    'let apiKey = "", pinToken = "", mode: "a" | "b" = "a", accessToken: "x" | "y" = "x";';
  const write = async (...cells: string[]) => {
    const path = join(folder, "secret.ipynb");
    await writeNotebook(path, notebookOf([declares, ...cells]));
    return path;
  };
  const written = async (path: string, ...given: string[]) => {
    const out = join(folder, "secret-out");
    const reports = [`junit=${out}/junit.xml`, `json=${out}/report.json`];
    const ended = await notelake([
      ...["run", path, "--output", out, "--html", ...given.flatMap((each) => ["-p", each])],
      ...reports.flatMap((each) => ["--reporter", each]),
    ]);
    const names = await readdir(out);
    const texts = await Promise.all(names.map((name) => readFile(join(out, name), "utf8")));
    await rm(out, { recursive: true });
    return { ...ended, names, all: [ended.stdout, ended.stderr, ...texts].join("\n") };
  };

  test("is in nothing that is written, long or short", async () => {
    const path = await write("apiKey.length + pinToken.length");
    const { code, names, all } = await written(path, `apiKey=${secret}`, "pinToken=a1b2c3");
    expect(names.sort()).toEqual(["junit.xml", "report.json", "secret.html", "secret.ipynb"]);
    expect(all).toContain('let apiKey = \\"[redacted]\\", pinToken = \\"[redacted]\\", mode');
    expect(all).toContain('"20"');
    expect(all).not.toMatch(/Sesame|a1b2c3/);
    expect(code).toBe(0);
  });

  test("fails the cell that shows it", async () => {
    const path = await write("'the key: ' + apiKey");
    const { code, all } = await written(path, `apiKey=${secret}`);
    expect(all).toContain(
      "SecretInOutput: the cell shows what must stay secret: value of the param",
    );
    expect(all).not.toContain("Sesame");
    expect(code).toBe(1);
  });

  test("is not in what refuses it, nor in an error of its cell", async () => {
    const path = await write();
    const refused = await notelake(["run", path, "-p", `accessToken=${secret}`]);
    expect(refused.stdout).toContain("the parameter accessToken cannot be [redacted], a value of");
    const broken = join(folder, "broken.ipynb");
    await writeNotebook(broken, notebookOf([`${declares} throw new Error(apiKey);`]));
    const failed = await written(broken, `apiKey=${secret}`, "pinToken=a1b2c3");
    expect(failed.all).toContain("Error: [redacted]");
    expect(refused.stdout + refused.stderr + failed.all).not.toMatch(/Sesame|a1b2c3/);
  });

  test("a secret in another parameter is seen by its form", async () => {
    const url = "https://x/y?sig=Ab1cAb1cAb1cAb1cAb1c";
    const { all } = await written(await write(), `mode=${url}`);
    expect(all).toContain("the parameter mode cannot be");
    expect(all).not.toContain("Ab1cAb1c");
  });
});

describe("profiles", () => {
  const connects = 'import { connect } from "notelake";\n(await connect(SETTINGS)).kind';
  const kinds = async (settings: string[], profile?: "azure") => {
    const path = join(folder, "cloud.ipynb");
    const cells = settings.map((each) => connects.replace("SETTINGS", each));
    await writeNotebook(path, notebookOf(cells));
    const env = { NOTELAKE_CLOUD: "public" };
    const saved = process.env.NOTELAKE_CLOUD;
    process.env.NOTELAKE_CLOUD = env.NOTELAKE_CLOUD;
    try {
      const { error, notebook } = await runNotebook(path, profile ? { profile } : {});
      return error?.message ?? notebook.cells.map(({ outputs }) => JSON.stringify(outputs));
    } finally {
      if (saved === undefined) delete process.env.NOTELAKE_CLOUD;
      else process.env.NOTELAKE_CLOUD = saved;
    }
  };

  test("whatever the settings are, a run connects to the practice cloud, unless a cell names another", async () => {
    expect(await kinds(["", '{ cloud: "us-government" }'])).toEqual([
      expect.stringContaining('"practice"'),
      expect.stringContaining('"azure"'),
    ]);
  });

  test("Azure itself is there for who asks for it", async () => {
    expect(await kinds([""], "azure")).toEqual([expect.stringContaining('"azure"')]);
  });
});
