import { readFileSync } from "node:fs";
import { reportIssuedSecrets } from "./issued-secrets.ts";
import { EXIT_PORT_TAKEN } from "./kernelspec.ts";
import { startCheckerThread } from "./run/checker-thread.ts";
import { KernelServer } from "./server.ts";
import type { ConnectionInfo } from "./wire.ts";

/**
 * Starts the kernel in this process, in the notebook's folder, with Jupyter's connection file.
 *
 * @param threadsStarted called when its threads have been started
 */
export async function startKernel(
  connectionFile: string,
  threadsStarted: () => void,
): Promise<void> {
  const connection: ConnectionInfo = JSON.parse(readFileSync(connectionFile, "utf8"));
  reportIssuedSecrets();
  const headless = Boolean(process.env.NOTELAKE_HEADLESS);
  // One listens and replies, the other loads the compiler, while the rest is loaded here.
  const server = new KernelServer(connection);
  const checker = startCheckerThread({ folder: process.cwd(), imports: !headless });
  threadsStarted();
  process.on("SIGINT", () => server.signalled());
  process.on("SIGTERM", () => process.exit(143));
  const { Kernel } = await import("./kernel.ts");
  const kernel = new Kernel(server, checker, { folder: process.cwd(), headless });
  try {
    await server.listen(kernel);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") process.exit(EXIT_PORT_TAKEN);
    throw error;
  }
  kernel.warmUp();
}
