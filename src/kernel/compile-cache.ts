import { createRequire, enableCompileCache } from "node:module";
import { join } from "node:path";

const VARIABLE = "NODE_COMPILE_CACHE";

/**
 * Keeps V8's code of the kernel and of the packages for the next kernel, and with it the sources
 * without their types, among the other caches of `node_modules`; call it before they are loaded.
 * Where that folder cannot be written, Node goes on without.
 *
 * @returns to be called when the kernel's threads have been started: these look into the environment,
 *   which processes that cells start are not to inherit
 */
export function keepCompiledCode(): () => void {
  if (process.env[VARIABLE]) return () => {};
  const file = createRequire(import.meta.url).resolve("typescript");
  const name = "node_modules";
  const modules = file.slice(0, file.lastIndexOf(name) + name.length);
  const folder = join(modules, ".cache", "notelake-kernel");
  enableCompileCache(folder);
  process.env[VARIABLE] = folder;
  return () => {
    delete process.env[VARIABLE];
  };
}
