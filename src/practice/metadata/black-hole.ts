import { type AddressInfo, createServer, type Socket } from "node:net";
import { open, type Part } from "../listener.ts";

/** A server that takes connections and never says a word. */
export interface BlackHole extends Part {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
}

/**
 * Opens what a laptop has in the place of the instance metadata service: nothing that answers. On
 * most networks the service's address swallows packets, so a client waits until it gives up.
 *
 * @param preferredPort is used unless somebody else has it
 */
export async function openBlackHole(preferredPort?: number): Promise<BlackHole> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // What a client sends, and that it goes away, is of no interest.
    socket.on("error", () => undefined).resume();
  });
  await open(server, undefined, preferredPort);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    unref: () => server.unref().on("connection", (socket: Socket) => socket.unref()),
  };
}
