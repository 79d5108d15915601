import type { CellScript } from "./cell-script.ts";
import type { Repl } from "./repl.ts";

/** A value before a cell redeclared its name; objects are held weakly. */
type Before = { readonly value: unknown } | { readonly object: WeakRef<object> };

/** The names that cells have declared so far. */
export class ReplNames {
  /** Those that are declared in V8 under another name. */
  readonly renamed = new Map<string, string>();
  readonly #declared = new Set<string>();
  readonly #before = new Map<string, Before>();
  readonly #repl: Repl;

  constructor(repl: Repl) {
    this.#repl = repl;
  }

  has(name: string): boolean {
    return this.#declared.has(name);
  }

  /** The value of a name that a cell declared; undefined when none did. */
  async lookUp(name: string): Promise<unknown> {
    if (!this.#declared.has(name)) return undefined;
    const [match] = await this.#values([this.renamed.get(name) ?? name]);
    return match?.[0];
  }

  /** Records the values of names that a cell is about to redeclare. */
  async remember({ names }: CellScript): Promise<void> {
    this.#before.clear();
    const again = [...names].filter(([name]) => this.#declared.has(name));
    const values = await this.#values(again.map(([, runtimeName]) => runtimeName));
    for (const [index, [name]] of again.entries()) {
      const match = values[index];
      if (match) this.#before.set(name, before(match[0]));
    }
  }

  add({ names }: CellScript): void {
    for (const [name, runtimeName] of names) {
      this.#declared.add(name);
      if (runtimeName === name) this.renamed.delete(name);
      else this.renamed.set(name, runtimeName);
    }
  }

  /**
   * The names that a failed cell declared before it failed. A redeclared name that it did not reach
   * keeps its value.
   */
  async reached(script: CellScript): Promise<ReadonlySet<string>> {
    const names = [...script.names];
    const values = await this.#values(names.map(([, runtimeName]) => runtimeName));
    const reached = new Map<string, string>();
    for (const [index, [name, runtimeName]] of names.entries()) {
      const match = values[index];
      const earlier = this.#before.get(name);
      if (match && !(earlier && isSame(earlier, match[0]))) reached.set(name, runtimeName);
    }
    this.add({ ...script, names: reached });
    return new Set(reached.keys());
  }

  /** The values of names, each wrapped in an array; undefined for one in its temporal dead zone. */
  async #values(names: readonly string[]): Promise<readonly (readonly [unknown] | undefined)[]> {
    if (names.length === 0) return [];
    const readers = names.map((name) => `()=>${name}`);
    const code = `[${readers}].map((read)=>{try{return [read()]}catch{}})`;
    const { value } = await this.#repl.evaluate(code, "names");
    return value as (readonly [unknown] | undefined)[];
  }
}

function before(value: unknown): Before {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  return isObject ? { object: new WeakRef(value as object) } : { value };
}

function isSame(earlier: Before, value: unknown): boolean {
  return "object" in earlier ? earlier.object.deref() === value : Object.is(earlier.value, value);
}
