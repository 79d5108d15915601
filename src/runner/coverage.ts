import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { toJavaScript } from "../kernel/run/javascript.ts";
import { ownPath, withoutGeneration } from "../kernel/run/loader.ts";
import { toOwnModule } from "../kernel/run/own-module.ts";
import { parseModule, walk } from "../kernel/run/syntax.ts";
import { readRunOptions } from "../kernel/run/tsconfig.ts";
import { withoutWarnings } from "./without-warnings.ts";

/** Offsets in the text that ran, and how often it did. https://chromedevtools.github.io/devtools-protocol/tot/Profiler/ */
interface CountedRange {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly CountedRange[] }[];
}

interface Place {
  readonly line: number;
  readonly column: number;
}

interface Span {
  readonly start: Place;
  readonly end: Place;
}

/** Coverage of one file in the form of Istanbul, which Vitest's reports are made of. */
interface FileCoverage {
  readonly statementMap: Readonly<Record<string, Span>>;
  readonly fnMap: Readonly<Record<string, { readonly decl: Span; readonly loc: Span }>>;
  readonly branchMap: Readonly<
    Record<
      string,
      { readonly type: string; readonly locations: readonly Partial<Span>[]; readonly loc: Span }
    >
  >;
  readonly s: Record<string, number>;
  readonly f: Record<string, number>;
  readonly b: Record<string, number[]>;
}

/** What is used of Vitest's map of files to their coverage. */
export interface CoverageMap {
  files(): string[];
  fileCoverageFor(file: string): { readonly data: FileCoverage };
  merge(other: unknown): void;
}

/** What is used of Vitest's coverage providers. */
export interface CoverageProvider {
  generateCoverage(context: unknown): Promise<CoverageMap>;
  /** The provider v8 has it: makes the parts of files that no test of its own has loaded. */
  convertCoverage?(
    coverage: { result: unknown[] },
    project?: unknown,
    environment?: string,
  ): Promise<unknown>;
}

/**
 * Adds what kernels have covered to the coverage that Vitest has of its own tests.
 *
 * Each statement, function and branch that Vitest knows of a file gets the count of the innermost of
 * V8's ranges in which it begins: so both count the same parts, whatever was done to the file before
 * it ran.
 *
 * @param folder where kernels wrote their coverage, by NODE_V8_COVERAGE
 */
export async function mergeKernelCoverage(
  provider: CoverageProvider,
  map: CoverageMap,
  folder: string,
): Promise<void> {
  const scripts = await readScripts(folder);
  const known = new Set(map.files());
  const missing = [...scripts.keys()].filter((path) => !known.has(path));
  if (provider.convertCoverage && missing.length > 0) {
    const result = missing.map((path) => {
      return { scriptId: "0", url: pathToFileURL(path).href, functions: [] };
    });
    map.merge(await provider.convertCoverage({ result }, undefined, "ssr"));
  }
  const files = new Set(map.files());
  for (const [path, runs] of scripts) {
    if (!files.has(path)) continue;
    const text = await readFile(path, "utf8");
    const { toSource, ways } = withoutWarnings(() => ranText(path, text));
    const { data } = map.fileCoverageFor(path);
    for (const run of runs) addCounts(data, text, ways, countsOf(run, toSource));
  }
}

/** The project's own files that ran in kernels, and each of their runs. */
async function readScripts(folder: string): Promise<Map<string, ScriptCoverage[]>> {
  const scripts = new Map<string, ScriptCoverage[]>();
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), "utf8");
    const { result = [] } = parse(text);
    for (const script of result) {
      if (!script.url.startsWith("file:") || script.url.includes("/node_modules/")) continue;
      const path = fileURLToPath(withoutGeneration(script.url).split("?")[0] ?? "");
      scripts.set(path, [...(scripts.get(path) ?? []), script]);
    }
  }
  return scripts;
}

/** What a process that was killed has begun to write says nothing. */
function parse(text: string): { result?: ScriptCoverage[] } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Makes counters afresh, as for the next run in watch mode. */
export async function clearKernelCoverage(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
}

type ToSource = (offset: number) => number;

/** What ran in place of a file's text. */
interface RanText {
  /** Leads offsets of the text that ran back to the file. */
  readonly toSource: ToSource;
  /** Where the two ways of each `if` begin, by where it begins itself, in the file. */
  readonly ways: ReadonlyMap<number, readonly (number | undefined)[]>;
}

/** Types are taken out of a file before it runs, or more than that. */
function ranText(path: string, text: string): RanText {
  const isTypeScript = /\.[mc]?tsx?$|\.jsx$/.test(path);
  if (!isTypeScript)
    return { toSource: (offset) => offset, ways: waysOf(text, (offset) => offset) };
  if (ownPath(pathToFileURL(path).href) === undefined) {
    // What is of notelake itself is run by Node, which keeps every place.
    const { code } = toJavaScript(text, { keepImports: false });
    return { toSource: (offset) => offset, ways: waysOf(code, (offset) => offset) };
  }
  const { compilerOptions } = readRunOptions(dirname(path));
  const { source, locate } = toOwnModule(path, text, "module", compilerOptions);
  const ran = lineStarts(source);
  const file = lineStarts(text);
  const toSource: ToSource = (offset) => {
    const line = ran.findLastIndex((start) => start <= offset);
    const place = { line: line + 1, column: offset - (ran[line] ?? 0) + 1 };
    const { line: to, column } = locate(place) ?? place;
    return (file[to - 1] ?? text.length) + column - 1;
  };
  return { toSource, ways: waysOf(source, toSource) };
}

/** Istanbul gives the first way of an `if` the place of the whole statement. */
function waysOf(code: string, toSource: ToSource): RanText["ways"] {
  const branches = new Map<number, (number | undefined)[]>();
  let program: ReturnType<typeof parseModule>;
  try {
    program = parseModule(code);
  } catch {
    return branches; // a script that is no module
  }
  walk(program, (node) => {
    if (node.type === "IfStatement") {
      const { start, consequent, alternate } = node;
      const other = alternate ? toSource(alternate.start) : undefined;
      branches.set(toSource(start), [toSource(consequent.start), other]);
    }
    return true;
  });
  return branches;
}

/** How often what begins at an offset of the file ran. */
function countsOf({ functions }: ScriptCoverage, toSource: ToSource): (offset: number) => number {
  const ranges = functions
    .flatMap((each) => each.ranges)
    .map(({ startOffset, endOffset, count }) => {
      return { start: toSource(startOffset), end: toSource(endOffset), count };
    })
    // The outermost first; of two alike the later one is the inner one.
    .sort((a, b) => b.end - b.start - (a.end - a.start));
  return (offset) =>
    ranges.findLast(({ start, end }) => start <= offset && offset < end)?.count ?? 0;
}

function addCounts(
  data: FileCoverage,
  text: string,
  ways: RanText["ways"],
  count: (offset: number) => number,
): void {
  const starts = lineStarts(text);
  const offset = ({ line, column }: Place) => (starts[line - 1] ?? 0) + column;
  const at = (place: Place) => count(offset(place));
  for (const [key, { start }] of Object.entries(data.statementMap)) {
    data.s[key] = (data.s[key] ?? 0) + at(start);
  }
  for (const [key, { loc }] of Object.entries(data.fnMap)) {
    data.f[key] = (data.f[key] ?? 0) + at(loc.start);
  }
  for (const [key, { type, locations, loc }] of Object.entries(data.branchMap)) {
    const own = type === "if" ? ways.get(offset(loc.start)) : undefined;
    const counts = locations.map(({ start }, way) => {
      if (own) return own[way] === undefined ? undefined : count(own[way]);
      return start?.line ? at(start) : undefined;
    });
    // An `else` that is not written takes what is left.
    const written = counts.reduce<number>((sum, each) => sum + (each ?? 0), 0);
    const remaining = Math.max(0, at(loc.start) - written);
    data.b[key] = counts.map((each, arm) => (data.b[key]?.[arm] ?? 0) + (each ?? remaining));
  }
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
