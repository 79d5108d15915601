import type { ImportedName, ImportStatement } from "./import-statements.ts";

/**
 * Everything that cells import, as one file that exports it again.
 *
 * A cell with an import statement of its own would change what files the program is made of, at
 * the cost of building it anew. Cells therefore take what they import from here: a module that is
 * in the table already costs nothing more.
 *
 * ```ts
 * export * as m0 from "notelake"; export { openLake as m0_openLake } from "notelake";
 * ```
 */
export class ImportTable {
  /** By specifier, what is exported from it: `openLake as m0_openLake`. */
  #modules = new Map<string, ReadonlySet<string>>();

  /** Adds what statements import. @returns takes it out again; undefined when all was there */
  add(statements: readonly ImportStatement[]): (() => void) | undefined {
    const before = this.#modules;
    const after = new Map(before);
    for (const { specifier, names } of statements) {
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
    const module = `m${[...this.#modules.keys()].indexOf(specifier)}`;
    return imported === "*" ? module : `${module}${isTypeOnly ? "t" : ""}_${imported}`;
  }

  /** The file. A module's line changes with its names, and always refers to it twice. */
  get text(): string {
    const lines = [...this.#modules].map(([specifier, names]) => {
      const from = `from ${JSON.stringify(specifier)}`;
      const all = this.nameOf(specifier, { imported: "*", local: "", isTypeOnly: false });
      return `export * as ${all} ${from}; export { ${[...names].join(", ")} } ${from};`;
    });
    return `${lines.join("\n")}\nexport {};\n`;
  }

  #export(specifier: string, name: ImportedName): string {
    const type = name.isTypeOnly ? "type " : "";
    return `${type}${name.imported} as ${this.nameOf(specifier, name)}`;
  }
}
