import { createRequire, enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * Keeps V8's code of TypeScript and of the packages for the next kernel, among the other caches
 * of `node_modules`; call it before they are loaded. Where that folder cannot be written, Node
 * goes on without.
 */
export function keepCompiledCode(): void {
  const file = createRequire(import.meta.url).resolve("typescript");
  const name = "node_modules";
  const modules = file.slice(0, file.lastIndexOf(name) + name.length);
  enableCompileCache(join(modules, ".cache", "notelake-kernel"));
}
