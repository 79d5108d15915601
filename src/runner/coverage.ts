import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { toJavaScript } from "../kernel/run/javascript.ts";
import { ownPath, withoutGeneration } from "../kernel/run/loader.ts";
import { toOwnModule } from "../kernel/run/own-module.ts";
import { parseModule, walk } from "../kernel/run/syntax.ts";
import { readRunOptions } from "../kernel/run/tsconfig.ts";
import { withoutWarnings } from "./without-warnings.ts";

/** A range of offsets in the script and its execution count. */
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

/** Coverage of one file in Istanbul's format, which Vitest's reports are made from. */
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

/** The part used here of Istanbul's coverage map. */
export interface CoverageMap {
  files(): string[];
  fileCoverageFor(file: string): { readonly data: FileCoverage };
  merge(other: unknown): void;
}

/** The part used here of Vitest's coverage providers. */
export interface CoverageProvider {
  generateCoverage(context: unknown): Promise<CoverageMap>;
  /** Only in provider v8: makes the coverage of files that no test loaded. */
  convertCoverage?(
    coverage: { result: unknown[] },
    project?: unknown,
    environment?: string,
  ): Promise<unknown>;
}

/**
 * Adds the coverage of kernels to that of Vitest's own tests.
 *
 * Each statement, function and branch that Vitest knows gets the count of the innermost V8 range in
 * which it begins, so that both count the same parts however the file was transformed.
 *
 * @param folder where kernels wrote their coverage (NODE_V8_COVERAGE)
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

/** Coverage of the project's own files, one entry for each kernel that ran them. */
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

/** A file that a killed process left incomplete is ignored. */
function parse(text: string): { result?: ScriptCoverage[] } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Deletes the collected coverage, as before the next run in watch mode. */
export async function clearKernelCoverage(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
}

type ToSource = (offset: number) => number;

/** The JavaScript that ran for a TypeScript file. */
interface RanText {
  /** Maps offsets in the JavaScript to offsets in the file. */
  readonly toSource: ToSource;
  /** Offsets in the file: for each `if`, by its own, those of its two branches. */
  readonly ways: ReadonlyMap<number, readonly (number | undefined)[]>;
}

function ranText(path: string, text: string): RanText {
  const isTypeScript = /\.[mc]?tsx?$|\.jsx$/.test(path);
  if (!isTypeScript)
    return { toSource: (offset) => offset, ways: waysOf(text, (offset) => offset) };
  if (ownPath(pathToFileURL(path).href) === undefined) {
    // Node runs notelake's own files, and its type stripping keeps every offset.
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

/** Istanbul gives the first branch of an `if` the location of the whole statement. */
function waysOf(code: string, toSource: ToSource): RanText["ways"] {
  const branches = new Map<number, (number | undefined)[]>();
  let program: ReturnType<typeof parseModule>;
  try {
    program = parseModule(code);
  } catch {
    return branches; // a script, not a module
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

/** A function from an offset in the file to the execution count there. */
function countsOf({ functions }: ScriptCoverage, toSource: ToSource): (offset: number) => number {
  const ranges = functions
    .flatMap((each) => each.ranges)
    .map(({ startOffset, endOffset, count }) => {
      return { start: toSource(startOffset), end: toSource(endOffset), count };
    })
    // Outermost first; of two equal ranges the later one is the inner one.
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
    // An implicit `else` ran as often as the rest.
    const written = counts.reduce<number>((sum, each) => sum + (each ?? 0), 0);
    const remaining = Math.max(0, at(loc.start) - written);
    data.b[key] = counts.map((each, arm) => (data.b[key]?.[arm] ?? 0) + (each ?? remaining));
  }
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
