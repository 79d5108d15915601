import { readFileSync } from "node:fs";
import { reportIssuedSecrets } from "./issued-secrets.ts";
import { Kernel } from "./kernel.ts";
import { EXIT_PORT_TAKEN } from "./kernelspec.ts";
import { KernelServer } from "./server.ts";
import type { ConnectionInfo } from "./wire.ts";

/** Starts the kernel in this process, in the notebook's folder, with Jupyter's connection file. */
export function startKernel(connectionFile: string): void {
  const connection: ConnectionInfo = JSON.parse(readFileSync(connectionFile, "utf8"));
  reportIssuedSecrets();
  // Its thread listens and replies while the rest is loaded.
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
}
