import type { ImportedName, ImportStatement } from "./import-statements.ts";

/** Node's modules, whose declarations are loaded anyway. */
const NODE_MODULES = [
  "assert",
  "assert/strict",
  "buffer",
  "child_process",
  "crypto",
  "dns",
  "events",
  "fs",
  "fs/promises",
  "http",
  "https",
  "module",
  "net",
  "os",
  "path",
  "path/posix",
  "perf_hooks",
  "process",
  "readline",
  "readline/promises",
  "sqlite",
  "stream",
  "stream/promises",
  "test",
  "timers",
  "timers/promises",
  "tls",
  "url",
  "util",
  "v8",
  "vm",
  "worker_threads",
  "zlib",
];

/** Modules that need the prefix `node:`. */
const ONLY_NODE = ["sqlite", "test"];

/** `fs` is `node:fs`, whatever is installed. */
function canonical(specifier: string): string {
  return NODE_MODULES.includes(specifier) && !ONLY_NODE.includes(specifier)
    ? `node:${specifier}`
    : specifier;
}

/**
 * All imports of cells, as one file that exports them.
 *
 * An import statement in a cell would change the set of files of the program, which is then built
 * again. So cells import from this file: a module that is in the table costs nothing more.
 *
 * ```ts
 * import * as m0 from "notelake"; export { m0 }; export { openLake as m0_openLake } from
 * "notelake";
 * ```
 */
export class ImportTable {
  /** Beginning of the line of a module. */
  static line(specifier: string): string {
    return `from ${JSON.stringify(canonical(specifier))};`;
  }

  /** By specifier, what is exported from it: `openLake as m0_openLake`. */
  #modules = new Map<string, ReadonlySet<string>>(
    NODE_MODULES.map((name) => [`node:${name}`, new Set()]),
  );

  /** Adds imports. @returns a function that removes them; undefined when all were there */
  add(statements: readonly ImportStatement[]): (() => void) | undefined {
    const before = this.#modules;
    const after = new Map(before);
    for (const { specifier: written, names } of statements) {
      const specifier = canonical(written);
      const exported = new Set(after.get(specifier));
      after.set(specifier, exported);
      this.#modules = after;
      for (const name of names) {
        if (name.imported !== "*") exported.add(this.#export(specifier, name));
      }
    }
    const size = (modules: ReadonlyMap<string, ReadonlySet<string>>) =>
      [...modules.values()].reduce((sum, names) => sum + 1 + names.size, 0);
    if (size(after) === size(before)) return undefined;
    return () => {
      this.#modules = before;
    };
  }

  /** Name in this file of a module's export. */
  nameOf(specifier: string, { imported, isTypeOnly }: ImportedName): string {
    const module = `m${[...this.#modules.keys()].indexOf(canonical(specifier))}`;
    return imported === "*" ? module : `${module}${isTypeOnly ? "t" : ""}_${imported}`;
  }

  /** The file. A module's line changes with its names, and always refers to it twice. */
  get text(): string {
    const lines = [...this.#modules].map(([specifier, names]) => {
      const from = ImportTable.line(specifier);
      const all = this.nameOf(specifier, { imported: "*", local: "", isTypeOnly: false });
      return `import * as ${all} ${from} export { ${all} }; export { ${[...names].join(", ")} } ${from}`;
    });
    return `${lines.join("\n")}\nexport {};\n`;
  }

  #export(specifier: string, name: ImportedName): string {
    const type = name.isTypeOnly ? "type " : "";
    return `${type}${name.imported} as ${this.nameOf(specifier, name)}`;
  }
}
