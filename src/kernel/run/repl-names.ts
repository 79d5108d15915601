import type { CellScript } from "./cell-script.ts";
import type { Repl } from "./repl.ts";

/** A value as it was before a cell declared its name again; objects are not kept alive for it. */
type Before = { readonly value: unknown } | { readonly object: WeakRef<object> };

/** Which names cells have declared so far. */
export class ReplNames {
  /** Those that V8 knows under another name. */
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

  /** Notes the values of names that a cell is about to declare again. */
  async remember({ names }: CellScript): Promise<void> {
    this.#before.clear();
    const again = [...names].filter(([name]) => this.#declared.has(name));
    const values = await this.#values(again.map(([, runtimeName]) => runtimeName));
    for (const [index, [name]] of again.entries()) {
      const match = values[index];
      if (match) this.#before.set(name, before(match[0]));
    }
  }

  /** A cell ran to its end. */
  add({ names }: CellScript): void {
    for (const [name, runtimeName] of names) {
      this.#declared.add(name);
      if (runtimeName === name) this.renamed.delete(name);
      else this.renamed.set(name, runtimeName);
    }
  }

  /**
   * A cell failed: the names of which its declarations were reached. A name that an earlier cell
   * declared keeps the value it had.
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

  /** The values of names, each in a list of its own; undefined for one that is not there yet. */
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
