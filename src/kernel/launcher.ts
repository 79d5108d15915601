import { keepCompiledCode } from "./compile-cache.ts";

// Started by Jupyter, or by the headless runner, in the folder of the notebook:
//   node launcher.ts CONNECTION_FILE
const [file] = process.argv.slice(2);
if (!file) throw new Error("usage: launcher CONNECTION_FILE");
const threadsStarted = keepCompiledCode();
// Loaded behind the cache that it is kept in.
const { startKernel } = await import("./start-kernel.ts");
startKernel(file);
threadsStarted();
