import { createRequire, enableCompileCache } from "node:module";
import { join } from "node:path";

const VARIABLE = "NODE_COMPILE_CACHE";

// Started by Jupyter, or by the headless runner, in the folder of the notebook:
//   node launcher.ts CONNECTION_FILE
const [file] = process.argv.slice(2);
if (!file) throw new Error("usage: launcher CONNECTION_FILE");
const threadsStarted = keepCompiledCode();
// Loaded behind the cache that it is kept in.
const { startKernel } = await import("./start-kernel.ts");
startKernel(file);
threadsStarted();

/**
 * Keeps V8's code of the kernel and of the packages for the next kernel, and with it the sources
 * without their types, among the other caches of `node_modules`; call it before they are loaded.
 * Where that folder cannot be written, Node goes on without.
 *
 * @returns to be called when the kernel's threads have been started: these look into the environment,
 *   which processes that cells start are not to inherit
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
