import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { Converter, IsCompleteResult } from "tslab/dist/converter.js";
import { cellOptions } from "./compiler-host.ts";
import { createProgramSource, type WatchHost } from "./program.ts";
import { type CellMaps, withoutMapComment } from "./source-maps.ts";

/** The parts of tslab that the kernel stands on. */
export interface CellCompiler {
  readonly converter: Converter;
  readonly isCompleteCode: (code: string) => IsCompleteResult;
  readonly printQuickInfo: (info: TypeScript.QuickInfo) => string;
  /** Makes the `display` of `import { display } from "tslab"` send what it shows. */
  showThrough(send: (content: Record<string, unknown>, update: boolean) => void): void;
  /** Source maps of the last conversion. */
  readonly maps: CellMaps;
}

const require = createRequire(import.meta.url);

/**
 * Loads tslab's converter over a copy of its TypeScript whose watch program is ours: strict,
 * package `exports` honoured, one program a cell instead of two, no file watchers.
 *
 * tslab hard-wires its compiler options, and its TypeScript exports getters that cannot be
 * assigned, so the copy takes the module's place in the cache before tslab loads.
 */
export function loadCompiler(): CellCompiler {
  const tslab = require.resolve("tslab");
  const name = require.resolve("@tslab/typescript-for-tslab");
  const original: typeof TypeScript = require(name);
  const maps: CellMaps = { cell: "", module: "" };
  const replacement = {
    createWatchCompilerHost: (
      rootNames: string[],
      options: TypeScript.CompilerOptions,
      system: TypeScript.System,
    ): WatchHost => ({ rootNames, options: cellOptions(original, options), system }),
    createWatchProgram: (host: WatchHost) => createProgramSource(original, host, maps),
    getPreEmitDiagnosticsOfFiles: (program: TypeScript.Program, files: TypeScript.SourceFile[]) =>
      files.flatMap((file) => [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
        ...topLevelForAwait(original, file),
      ]),
    transpileModule(text: string, options: TypeScript.TranspileOptions) {
      const compilerOptions = { ...options.compilerOptions, sourceMap: true };
      const result = original.transpileModule(text, { ...options, compilerOptions });
      maps.module = result.sourceMapText ?? "";
      return { ...result, outputText: withoutMapComment(result.outputText) };
    },
  };
  const inherited = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap;
  for (const key of Object.keys(replacement)) {
    if (!(key in inherited)) throw new Error(`tslab's TypeScript has no ${key} any more`);
    delete inherited[key];
  }
  const cached = require.cache[name];
  if (!cached) throw new Error(`tslab's TypeScript is not where it was: ${name}`);
  cached.exports = Object.defineProperties(replacement, inherited);
  const { createConverter, isCompleteCode } = require(join(dirname(tslab), "converter.js"));
  const { printQuickInfo } = require(join(dirname(tslab), "inspect.js"));
  const converter = createConverter({ isJS: false, isBrowser: false });
  const jupyter: Record<string, unknown> = require(join(dirname(tslab), "jupyter.js"));
  const showThrough: CellCompiler["showThrough"] = (send) => {
    jupyter.lastWriteDisplayData = send;
  };
  return { converter, isCompleteCode, printQuickInfo, showThrough, maps };
}

/** tslab knows a cell that has to run as an async function by this diagnostic. */
const AWAIT_OUTSIDE_ASYNC = 1308;

/**
 * tslab overlooks `for await` outside of functions, which its TypeScript lets pass: so the
 * diagnostic that it expects of a top-level await is added, at the `await`.
 */
function topLevelForAwait(
  ts: typeof TypeScript,
  file: TypeScript.SourceFile,
): TypeScript.Diagnostic[] {
  const found: TypeScript.Diagnostic[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isForOfStatement(node) && node.awaitModifier) {
      const start = node.awaitModifier.getStart(file);
      const category = ts.DiagnosticCategory.Error;
      const place = { file, start, length: "await".length };
      found.push({ ...place, category, code: AWAIT_OUTSIDE_ASYNC, messageText: "for await" });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
