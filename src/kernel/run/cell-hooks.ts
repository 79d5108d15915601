import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HOOKS } from "./cell-rewriter.ts";
import type { ModuleLoader } from "./loader.ts";
import { errorStack, placeError } from "./stack.ts";

/** Functions of the kernel that cells' rewritten code calls, at `globalThis[HOOKS]`. */
export interface CellHooks {
  /** Values that the running cell's imports bind, in order. */
  imported: readonly unknown[];
  readonly meta: ImportMeta;
  import(specifier: unknown, options?: { with?: Record<string, string> }): Promise<unknown>;
  use<T>(resource: T): T;
  useAsync<T>(resource: T): T;
}

/** Resources that a cell declared with `using`; disposed of in reverse order. */
export class Resources {
  readonly #dispose: (() => unknown)[] = [];

  use<T>(resource: T, keys: readonly symbol[]): T {
    if (resource === null || resource === undefined) return resource;
    const methods = resource as Record<symbol, unknown>;
    const dispose = keys.map((key) => methods[key]).find((method) => typeof method === "function");
    if (typeof dispose !== "function") throw new TypeError("`using` needs a disposable object");
    this.#dispose.push(() => dispose.call(resource));
    return resource;
  }

  /** @throws what a disposal throws, after all have been disposed of */
  async dispose(): Promise<void> {
    const errors: unknown[] = [];
    for (const dispose of this.#dispose.splice(0).reverse()) {
      try {
        await dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** Installs the hooks, and the globals of CommonJS that cells may expect. */
export function installCellHooks(
  folder: string,
  loader: ModuleLoader,
  resources: () => Resources | undefined,
): CellHooks {
  const use = <T>(resource: T, keys: readonly symbol[]): T =>
    resources()?.use(resource, keys) ?? resource;
  const hooks: CellHooks = {
    imported: [],
    meta: cellMeta(folder, loader),
    import: async (specifier, options) => {
      const called = new Error();
      try {
        return await loader.import(String(specifier), options?.with);
      } catch (error) {
        placeError(error, errorStack(called).places[0]);
        throw error;
      }
    },
    use: (resource) => use(resource, [Symbol.dispose]),
    useAsync: (resource) => use(resource, [Symbol.asyncDispose, Symbol.dispose]),
  };
  const { require } = loader;
  const values = { [HOOKS]: hooks, require, __dirname: folder };
  for (const key of Reflect.ownKeys(values)) {
    const value = Reflect.get(values, key);
    Object.defineProperty(globalThis, key, { value, writable: true, configurable: true });
  }
  return hooks;
}

/** `import.meta` of cells: that of the notebook's file, whose name Jupyter Server passes on. */
function cellMeta(folder: string, loader: ModuleLoader): ImportMeta {
  const session = process.env.JPY_SESSION_NAME ?? "";
  const filename = session.startsWith(folder) ? session : join(folder, "notebook.ipynb");
  const url = pathToFileURL(filename).href;
  const resolve = (specifier: string) => loader.resolve(specifier);
  const meta = { url, dirname: folder, filename, main: false, resolve };
  return Object.setPrototypeOf(meta, null);
}
