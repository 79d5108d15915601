import { type AddressInfo, createServer, type Socket } from "node:net";
import { open, type Part } from "../listener.ts";

/** A server that accepts connections and never answers. */
export interface BlackHole extends Part {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
}

/**
 * Stands in for the instance metadata service on a laptop: on most networks its address drops
 * packets, so clients wait until they give up.
 *
 * @param preferredPort used unless it is in use
 */
export async function openBlackHole(preferredPort?: number): Promise<BlackHole> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Ignores data and disconnects.
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
