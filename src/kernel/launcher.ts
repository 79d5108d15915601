import { readFileSync } from "node:fs";
import { keepCompiledCode } from "./compile-cache.ts";
import { Kernel } from "./kernel.ts";
import { EXIT_PORT_TAKEN } from "./kernelspec.ts";
import { KernelServer } from "./server.ts";
import type { ConnectionInfo } from "./wire.ts";

// Started by Jupyter, or by the headless runner, in the folder of the notebook:
//   node launcher.ts CONNECTION_FILE
const [file] = process.argv.slice(2);
if (!file) throw new Error("usage: launcher CONNECTION_FILE");
const connection: ConnectionInfo = JSON.parse(readFileSync(file, "utf8"));
keepCompiledCode();
// Its thread listens and answers while the rest is loaded.
const server = new KernelServer(connection);
const kernel = new Kernel(server, process.cwd());
process.on("SIGINT", () => server.signalled());
process.on("SIGTERM", () => process.exit(143));
server
  .listen(kernel)
  .then(() => kernel.warmUp())
  .catch((error) => {
    if (error?.code === "EADDRINUSE") process.exit(EXIT_PORT_TAKEN);
    throw error;
  });
