import { createRequire, enableCompileCache } from "node:module";
import { join } from "node:path";

const VARIABLE = "NODE_COMPILE_CACHE";

// Started by Jupyter, or by the headless runner, in the folder of the notebook:
//   node launcher.ts CONNECTION_FILE
const [file] = process.argv.slice(2);
if (!file) throw new Error("usage: launcher CONNECTION_FILE");
const forgetCache = keepCompiledCode();
// Loaded after the cache is enabled.
const { startKernel } = await import("./start-kernel.ts");
await startKernel(file, forgetCache);

/**
 * Caches V8's code of the kernel and of packages, and the stripped sources, in `node_modules`; call
 * it before they are loaded. Without write access Node runs without a cache.
 *
 * @returns call it when the kernel's threads have started: they read the variables, which child
 *   processes of cells must not inherit
 */
function keepCompiledCode(): () => void {
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
