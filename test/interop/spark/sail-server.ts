import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface SailServer {
  readonly port: number;
  readonly process: ChildProcess;
}

/** Starts Sail with several workers, as `npx notelake spark` does. */
export async function startSail(python: string, port: number): Promise<SailServer> {
  const flags = ["-m", "pysail", "spark", "server", "--port", String(port)];
  const child = spawn(python, flags, {
    env: { ...process.env, SAIL_MODE: "local-cluster", RUST_LOG: "error" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`Sail ended with ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const isUp = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isUp) return { port, process: child };
    await sleep(200);
  }
  throw new Error("Sail does not come up");
}

/** A line between client and server that can be cut. */
export interface Line {
  readonly port: number;
  /** Cuts the line once, when so many more bytes have come from the server. */
  cutAfter: number;
  readonly cuts: number;
  /** Told when it is cut. */
  onCut?: () => void;
  cut(): void;
  close(): void;
}

export async function openLine(target: number): Promise<Line> {
  const clients = new Set<Socket>();
  let cuts = 0;
  const cut = () => {
    cuts++;
    line.onCut?.();
    for (const client of clients) client.resetAndDestroy();
  };
  const server: Server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    clients.add(client);
    client.pipe(upstream);
    upstream.on("data", (bytes) => {
      line.cutAfter -= bytes.length;
      if (line.cutAfter < 0) {
        line.cutAfter = Number.POSITIVE_INFINITY;
        cut();
      } else if (!client.write(bytes)) {
        upstream.pause();
        client.once("drain", () => upstream.resume());
      }
    });
    upstream.on("end", () => client.end());
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.on("close", () => {
      clients.delete(client);
      upstream.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const line: Line = {
    port,
    cutAfter: Number.POSITIVE_INFINITY,
    get cuts() {
      return cuts;
    },
    cut,
    close() {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
  return line;
}
