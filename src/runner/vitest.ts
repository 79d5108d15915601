/**
 * Vitest plug-in that runs notebooks, each code cell as a test.
 *
 * @module notelake/vitest
 */
import "../core/refuse-old-node.ts";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
// Declares the hook `configureVitest`.
import type {} from "vitest/config";
import type { InlineConfig, Reporter, TestProject, Vite } from "vitest/node";
import { makeTemporaryFolder } from "../core/temporary-folder.ts";
import { cellName } from "./cell-name.ts";
import { codeCells } from "./cell-tags.ts";
import { type CoverageProvider, clearKernelCoverage, mergeKernelCoverage } from "./coverage.ts";
import { importedFiles } from "./imported-files.ts";
import { KernelLender } from "./kernel-lender.ts";
import type { Normalization } from "./normalize.ts";
import { readNotebook } from "./notebook.ts";
import { parameterNames, parameterValues, unknownParameter } from "./parameters.ts";
import type { SessionOptions } from "./session-options.ts";
import { sourceLines } from "./source-lines.ts";
import { PROVIDED } from "./vitest-options.ts";

export type { Normalization } from "./normalize.ts";

/** How notebooks are tested. All times in milliseconds. */
export interface NotebooksOptions
  extends Omit<SessionOptions, "signal" | "parameters" | "kernels"> {
  /**
   * Values of parameters, for the notebooks whose cell tagged `parameters` declares them. A
   * parameter that none declares fails them all: it must be misspelt.
   */
  parameters?: Readonly<Record<string, unknown>>;
  /**
   * Returns why a notebook cannot run here, such as `there is no GPU`: it is reported as skipped
   * with that reason. Called for each notebook before it runs.
   */
  skip?: (file: string) => string | undefined | Promise<string | undefined>;
  /** Fail when outputs are not those stored in the notebooks. Default true without parameters. */
  compare?: boolean;
  /**
   * As `notelake run --strict`: outputs are compared exactly, and a notebook that left something
   * running fails. Default false.
   */
  strict?: boolean;
  /** Further patterns that differ from run to run. */
  normalize?: readonly Normalization[];
}

/**
 * A plug-in for Vitest with which `.ipynb` files are test files, and each of their code cells a test.
 * Each notebook runs in a kernel of its own.
 *
 * @param options values of parameters, what is compared, and how long things may take
 * @example
 * import { defineConfig } from "vitest/config";
 *
 * const config = defineConfig({
 *   plugins: [notebooks()],
 *   test: { include: ["notebooks/**\/*.ipynb"] },
 * });
 */
export function notebooks(options: NotebooksOptions = {}): Vite.Plugin {
  const projects: TestProject[] = [];
  const given = Object.keys(options.parameters ?? {});
  let declared: Promise<void> | undefined;
  return {
    name: "notelake:notebooks",
    enforce: "pre",
    config({ test = {} }) {
      return test.isolate === undefined && hasOnlyNotebooks(test)
        ? { test: { isolate: false } }
        : undefined;
    },
    configureVitest({ project, vitest, defineCacheKeyGenerator }) {
      projects.push(project);
      // The result of `skip` may change, and so may the parameters that notebooks declare.
      const varies = options.skip !== undefined || given.length > 0;
      defineCacheKeyGenerator?.(({ id }) => (varies && /\.ipynb(\?|$)/.test(id) ? false : null));
      const folder = vitest.config.coverage.enabled ? makeTemporaryFolder("coverage") : undefined;
      if (folder) vitest.config.reporters.push(coverageReporter(folder) as never);
      const lender = process.platform === "win32" ? undefined : new KernelLender();
      if (lender) vitest.config.reporters.push(lendingReporter(lender, project) as never);
      const { parameters, skip: _, compare = !parameters, ...others } = options;
      const values = parameters && { parameters: parameterValues(parameters) };
      project.provide(
        PROVIDED as never,
        {
          ...others,
          ...(folder && { env: { ...options.env, NODE_V8_COVERAGE: folder } }),
          compare,
          ...(lender && { lender: lender.path }),
          ...values,
        } as never,
      );
    },
    watchChange() {
      declared = undefined;
    },
    async load(id) {
      const [file = ""] = id.split("?");
      if (!file.endsWith(".ipynb")) return undefined;
      declared ??= refuseUndeclared(given, projects);
      await declared;
      const reason = await options.skip?.(file);
      if (reason !== undefined) return { code: skippedModule(file, reason), map: null };
      const notebook = await readNotebook(file);
      const resolve = async (specifier: string, importer: string) => {
        const match = await this.resolve(specifier, importer);
        return match && !match.external ? match.id.split("?")[0] : undefined;
      };
      for (const each of await importedFiles(file, notebook, resolve)) this.addWatchFile(each);
      const tests = codeCells(notebook).map((index) => ({
        index,
        name: cellName(notebook, index),
      }));
      return { code: testModule(file, await readFile(file, "utf8"), tests), map: null };
    },
  };
}

/** Then what runs in Vitest's processes is ours alone, and needs no other one for each notebook. */
function hasOnlyNotebooks({ include = [], setupFiles = [] }: InlineConfig): boolean {
  const others = include.filter((pattern) => !pattern.endsWith(".ipynb"));
  return include.length > 0 && others.length + setupFiles.length === 0;
}

/** Also prints the reason: Vitest's default reporter does not list skipped tests. */
function skippedModule(file: string, reason: string): string {
  const text = `skipped: ${reason}`;
  process.stderr.write(`${basename(file)} ${text}\n`);
  return `import { test } from "vitest"; test.skip(${JSON.stringify(text)}, () => undefined);\n`;
}

/** Lends kernels while tests run, to the notebooks of a project. */
function lendingReporter(lender: KernelLender, project: TestProject): Reporter {
  return {
    onTestRunStart(specifications) {
      const own = specifications.filter(
        (each) => each.project === project && each.moduleId.endsWith(".ipynb"),
      );
      return lender.begin(own.length);
    },
    onTestRunEnd: () => lender.end(),
  };
}

/** Adds the coverage of kernels to the report of any provider. */
function coverageReporter(folder: string): Reporter {
  const wrapped = new WeakSet<CoverageProvider>();
  let vitest: { readonly coverageProvider?: unknown } | undefined;
  return {
    onInit(started) {
      vitest = started as never;
    },
    async onTestRunStart() {
      await clearKernelCoverage(folder);
      const provider = vitest?.coverageProvider as CoverageProvider | null | undefined;
      if (!provider || wrapped.has(provider)) return;
      wrapped.add(provider);
      const generate = provider.generateCoverage.bind(provider);
      provider.generateCoverage = async (context) => {
        const map = await generate(context);
        await mergeKernelCoverage(provider, map, folder);
        return map;
      };
    },
  };
}

/** The generated module has each test on its cell's line in the notebook's file. */
function testModule(
  file: string,
  text: string,
  tests: readonly { index: number; name: string }[],
): string {
  const places = sourceLines(text);
  const lines: string[] = [
    `import { test } from "vitest"; import { openNotebook } from ${JSON.stringify(RUNTIME)}; ` +
      `const cell = openNotebook(${JSON.stringify(file)}); `,
  ];
  for (const { index, name } of tests) {
    const line = (places[index]?.[0] ?? 1) - 1;
    while (lines.length <= line) lines.push("");
    lines[line] +=
      `test(${JSON.stringify(name)}, { timeout: 0, concurrent: false }, cell(${index}));`;
  }
  return `${lines.join("\n")}\n`;
}

const RUNTIME = fileURLToPath(
  new URL(
    import.meta.url.endsWith(".ts") ? "./vitest-cells.ts" : "./vitest-cells.js",
    import.meta.url,
  ),
);

/**
 * Refuses a parameter that no notebook of these projects declares: it must be misspelt.
 *
 * @throws ParameterError `PARAMETER`
 */
async function refuseUndeclared(
  names: readonly string[],
  projects: readonly TestProject[],
): Promise<void> {
  const matches = await Promise.all(projects.map((project) => project.globTestFiles()));
  const files = matches.flatMap(({ testFiles }) => testFiles);
  const notebooks = [...new Set(files)].filter((file) => file.endsWith(".ipynb"));
  const declared = await Promise.all(
    // An unreadable notebook is reported by its own test; it might declare any parameter.
    notebooks.map((file) =>
      readNotebook(file)
        .then(parameterNames)
        .catch(() => names),
    ),
  );
  const known = [...new Set(declared.flat())].sort();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw unknownParameter("the notebooks of this project", unknown, known);
}
