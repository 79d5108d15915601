import type { ImportedName, ImportStatement } from "./import-statements.ts";

/** Modules of Node that a first import of costs nothing, since their declarations are there. */
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

/** Modules that are Node's only with `node:` before their name. */
const ONLY_NODE = ["sqlite", "test"];

/** `fs` is `node:fs`, whatever is installed. */
function canonical(specifier: string): string {
  return NODE_MODULES.includes(specifier) && !ONLY_NODE.includes(specifier)
    ? `node:${specifier}`
    : specifier;
}

/**
 * Everything that cells import, as one file that exports it again.
 *
 * A cell with an import statement of its own would change what files the program is made of, at
 * the cost of building it anew. Cells therefore take what they import from here: a module that is
 * in the table already costs nothing more.
 *
 * ```ts
 * import * as m0 from "notelake"; export { m0 }; export { openLake as m0_openLake } from "notelake";
 * ```
 */
export class ImportTable {
  /** The line of each module is found by this. */
  static line(specifier: string): string {
    return `from ${JSON.stringify(canonical(specifier))};`;
  }

  /** By specifier, what is exported from it: `openLake as m0_openLake`. */
  #modules = new Map<string, ReadonlySet<string>>(
    NODE_MODULES.map((name) => [`node:${name}`, new Set()]),
  );

  /** Adds what statements import. @returns takes it out again; undefined when all was there */
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

  /** What the file calls a name of a module. */
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
