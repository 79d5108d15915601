import { basename } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import { createHost } from "./compiler-host.ts";
import { expandShorthand, resolveShorthand } from "./shorthand.ts";
import { type CellMaps, withoutMapComment } from "./source-maps.ts";

/** What tslab hands from its `createWatchCompilerHost` call to its `createWatchProgram` call. */
export interface WatchHost {
  rootNames: string[];
  options: TypeScript.CompilerOptions;
  system: TypeScript.System;
  /** Set by tslab: receives each new program. */
  afterProgramCreate?: (builder: Builder) => void;
}

/** The part of TypeScript's builder program that tslab uses. */
interface Builder {
  getProgram(): TypeScript.Program;
  getSourceFile(name: string): TypeScript.SourceFile | undefined;
  getAllDependencies(file: TypeScript.SourceFile): string[];
  emit(
    file: TypeScript.SourceFile,
    write: (name: string, text: string) => void,
    token?: undefined,
    declarationsOnly?: undefined,
    transformers?: TypeScript.CustomTransformers,
  ): void;
}

/** TypeScript's binder, which its declarations keep to themselves. */
interface Binder {
  bindSourceFile(file: TypeScript.SourceFile, options: TypeScript.CompilerOptions): void;
}

/**
 * Stands in for TypeScript's watch program. tslab asks for a new program twice a cell, the first
 * time only for the names that the cell declares: so a program is made when it is looked at, and
 * names come from binding the one file. Nothing on the disk is watched.
 */
export function createProgramSource(
  ts: typeof TypeScript & Partial<Binder>,
  host: WatchHost,
  maps: CellMaps,
) {
  const { system, options } = host;
  const { setTimeout, watchFile } = system;
  if (!ts.bindSourceFile || !setTimeout || !watchFile) {
    throw new Error("tslab's TypeScript no longer has what the kernel needs");
  }
  const bind = ts.bindSourceFile;
  const compilerHost = createHost(ts, options, system);
  const { rootNames } = host;
  let previous: TypeScript.Program | undefined;
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setTimeout?.(() => {
      scheduled = false;
      rebuild();
    }, 0);
  }

  function rebuild(): void {
    const own = new Map<string, TypeScript.SourceFile>();
    const readOwn = (name: string): TypeScript.SourceFile => {
      const file =
        own.get(name) ??
        ts.createSourceFile(name, system.readFile(name) ?? "", options.target ?? 99);
      own.set(name, file);
      return file;
    };
    const isOwn = (name: string) => rootNames.includes(name);
    let program: TypeScript.Program | undefined;
    const getProgram = (): TypeScript.Program => {
      program ??= ts.createProgram({
        rootNames,
        options,
        host: {
          ...compilerHost,
          getSourceFile: (name, version) =>
            isOwn(name) ? readOwn(name) : compilerHost.getSourceFile(name, version),
        },
        ...(previous ? { oldProgram: previous } : {}),
      });
      if (previous !== program) resolveShorthand(ts, program.getTypeChecker());
      previous = program;
      return program;
    };
    host.afterProgramCreate?.({
      getProgram,
      getSourceFile(name) {
        if (!isOwn(name)) return getProgram().getSourceFile(name);
        const file = readOwn(name);
        bind(file, options);
        return file;
      },
      // What a cell imports is not converted: Node runs it as it is.
      getAllDependencies: (file) => [file.fileName],
      emit(file, write, _token, _declarationsOnly, transformers) {
        const take = (name: string, text: string) => {
          if (name.endsWith(".js.map")) maps.cell = text;
          else write(`outDir/${basename(name)}`, withoutMapComment(text));
        };
        // What a cell declares must reach the next one, even where a type has no portable name.
        const forceDeclarations = true;
        const all = { ...transformers, before: [expandShorthand(ts)] };
        const emitter: { emit(...args: unknown[]): void } = getProgram();
        emitter.emit(file, take, undefined, undefined, all, forceDeclarations);
      },
    });
  }

  for (const name of rootNames) watchFile(name, schedule);
  rebuild();
  return { close() {} };
}
