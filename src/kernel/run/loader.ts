import { readFileSync } from "node:fs";
// The whole module: see refuse-old-node.ts.
import module, {
  createRequire,
  type LoadFnOutput,
  type LoadHookContext,
  type ResolveFnOutput,
  type ResolveHookContext,
} from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OwnFiles } from "./own-files.ts";
import { type OwnModule, toOwnModule } from "./own-module.ts";
import { resolveOwn } from "./resolve-own.ts";
import type { Position } from "./text-edits.ts";
import { watchRunOptions } from "./tsconfig.ts";

type Namespace = Readonly<Record<string, unknown>>;

export interface LoaderOptions {
  /** The notebook's folder, from which cells import. */
  readonly folder: string;
  /** Called with the paths of edited files before they are reloaded. */
  readonly onChanged: (paths: readonly string[]) => void;
}

/** Prefix for specifiers imported by cells, by which the loader hooks tell them from others. */
const FROM_CELL = "notelake-cell:";
const GENERATION = "notelake";
/** The package's own code: `src` or `dist`. */
const packageFolder = new URL("../../", import.meta.url).href;

/**
 * Loads modules for cells by Node's loader with hooks: the user's own modules are compiled from
 * TypeScript, resolved leniently, and reloaded after edits.
 */
export class ModuleLoader {
  /** `require` of the notebook's folder. */
  readonly require: NodeJS.Require;
  readonly compilerOptions: () => Readonly<Record<string, unknown>>;
  readonly #folder: string;
  readonly #cellUrl: string;
  readonly #files = new OwnFiles();
  readonly #modules = new Map<string, OwnModule>();
  readonly #onChanged: LoaderOptions["onChanged"];
  readonly #options: ReturnType<typeof watchRunOptions>;

  constructor({ folder, onChanged }: LoaderOptions) {
    this.#folder = folder;
    this.#cellUrl = pathToFileURL(join(folder, "cell.mjs")).href;
    this.#onChanged = onChanged;
    this.#options = watchRunOptions(folder);
    this.compilerOptions = () => this.#options().compilerOptions;
    this.require = createRequire(join(folder, "cell.cjs"));
    module.registerHooks({
      resolve: (specifier, context, next) => this.#resolve(specifier, context, next),
      load: (url, context, next) => this.#load(url, context, next),
    });
  }

  /** Imports a module as from a cell. */
  async import(
    specifier: string,
    attributes: Readonly<Record<string, string>> = {},
  ): Promise<Namespace> {
    const path = ownPath(this.#tryResolve(specifier));
    if (path) this.#refresh(path);
    try {
      return await import(FROM_CELL + specifier, { with: attributes });
    } catch (error) {
      if (path) this.#files.failed(path);
      throw this.#explain(error, specifier);
    }
  }

  /** Resolves a specifier as in a cell, without loading it. */
  resolve(specifier: string): string {
    return withoutGeneration(import.meta.resolve(FROM_CELL + specifier));
  }

  /** Paths of the user's files that were edited since they were loaded. */
  changedFiles(): string[] {
    return this.#files.changed();
  }

  /** Maps a position in compiled code to the user's file. */
  locate(url: string, place: Position): Position {
    return this.#modules.get(url)?.locate(place) ?? place;
  }

  /** For a module not found: names the cell as the importer, and adds how to install a package. */
  #explain(error: unknown, specifier: string): unknown {
    const from = ` imported from ${fileURLToPath(this.#cellUrl)}`;
    if (!(error instanceof Error) || !error.message.includes(from)) return error;
    error.message = error.message.replace(from, "");
    if (error.message.startsWith("Cannot find package")) {
      const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
      error.message += `\n  Install it in the notebook's folder: npm install ${name}`;
    }
    return error;
  }

  #tryResolve(specifier: string): string | undefined {
    try {
      return this.resolve(specifier);
    } catch {
      return undefined; // the import itself reports the error
    }
  }

  #refresh(path: string): void {
    const { changed, stale } = this.#files.refresh(path);
    for (const each of stale) delete this.require.cache[each];
    if (changed.length > 0) this.#onChanged(changed);
  }

  #resolve(
    specifier: string,
    context: ResolveHookContext,
    next: (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput,
  ): ResolveFnOutput {
    const fromCell = specifier.startsWith(FROM_CELL);
    const parentURL = fromCell ? this.#cellUrl : context.parentURL;
    const parent = ownPath(parentURL);
    if (!parent) return next(specifier, context);
    const name = fromCell ? specifier.slice(FROM_CELL.length) : specifier;
    const own = { ...context, ...(parentURL ? { parentURL: withoutGeneration(parentURL) } : {}) };
    const resolved = resolveOwn(name, own, next, this.#options().paths);
    const path = ownPath(resolved.url);
    if (!path) return resolved;
    const generation = this.#files.imported(path, fromCell ? undefined : parent);
    const json = path.endsWith(".json") ? { importAttributes: { type: "json" } } : {};
    if (context.conditions.includes("require")) return resolved;
    return { ...resolved, ...json, url: withGeneration(resolved.url, generation) };
  }

  #load(
    url: string,
    context: LoadHookContext,
    next: (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput,
  ): LoadFnOutput {
    const path = ownPath(url);
    if (!path) return next(url, context);
    const bytes = readFileSync(path);
    this.#files.read(path, bytes);
    const format = context.format ?? "module";
    const isTypeScript = /\.[mc]?tsx?$|\.jsx$/.test(path);
    if (!isTypeScript && !(path.endsWith(".js") && format === "commonjs"))
      return next(url, context);
    const module = this.#convert(path, bytes.toString(), format);
    this.#modules.set(url, module);
    return { format: module.format, source: module.source, shortCircuit: true };
  }

  #convert(path: string, text: string, format: string): OwnModule {
    try {
      return toOwnModule(path, text, format, this.compilerOptions());
    } catch (error) {
      const { position, message } = error as SyntaxError & { position?: Position };
      if (!position) throw error;
      const { line, column } = position;
      throw new SyntaxError(`${relative(this.#folder, path)}:${line}:${column}: ${message}`);
    }
  }
}

/** Path of one of the user's own modules; undefined for packages, Node's modules and notelake. */
export function ownPath(url: string | undefined): string | undefined {
  if (!url?.startsWith("file:") || url.includes("/node_modules/")) return undefined;
  if (url.startsWith(packageFolder)) return undefined;
  return fileURLToPath(withoutGeneration(url));
}

function withGeneration(url: string, generation: number): string {
  if (generation === 0) return url;
  return `${url}${url.includes("?") ? "&" : "?"}${GENERATION}=${generation}`;
}

export function withoutGeneration(url: string): string {
  return url.replace(new RegExp(`[?&]${GENERATION}=\\d+$`), "");
}
