import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Part } from "./listener.ts";
import type { RequestLog } from "./requests/request-log.ts";
import { route } from "./routes.ts";

const HTTPS_PORT = 443;

/** The proxy's answer for a host that the practice cloud does not serve. */
export function describeStranger(host: string): string {
  return (
    `The practice cloud lets nothing leave this machine, and ${host} is not part of it. ` +
    "Unset HTTPS_PROXY and HTTP_PROXY for programs that are to reach the network.\n"
  );
}

/**
 * An HTTP proxy for programs that use Azure's host names (`HTTPS_PROXY`). Names that the practice
 * cloud serves lead to it; all others are refused, and none is ever resolved: nothing leaves this
 * machine.
 */
export class HostProxy implements Part {
  readonly #port: number;
  readonly #requests: RequestLog;
  readonly #sockets = new Set<Duplex>();
  #isUnreferenced = false;

  /** @param port of the practice cloud for https */
  constructor(port: number, requests: RequestLog) {
    this.#port = port;
    this.#requests = requests;
  }

  /** Answers one `CONNECT`. */
  readonly answer = (request: IncomingMessage, client: Duplex, head: Buffer): void => {
    const target = request.url ?? "";
    // The client may disconnect.
    client.on("error", () => client.destroy());
    if (!this.#isOurs(target)) {
      this.#refuse(target, client);
      return;
    }
    const cloud = connect(this.#port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length > 0) cloud.write(head);
      cloud.pipe(client);
      client.pipe(cloud);
    });
    cloud.setNoDelay();
    cloud.on("error", () => client.destroy());
    for (const [one, other] of [
      [client, cloud],
      [cloud, client],
    ] as const) {
      this.#sockets.add(one);
      one.once("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    if (this.#isUnreferenced) this.unref();
  };

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
  }

  unref(): void {
    this.#isUnreferenced = true;
    for (const socket of this.#sockets) (socket as Socket).unref?.();
  }

  #isOurs(target: string): boolean {
    const [, host = "", port = ""] = /^([a-z0-9.-]+):(\d+)$/i.exec(target) ?? [];
    const { part } = route(host, "/.");
    if (part === "none" || host === "") return false;
    // On loopback only the practice cloud's own port.
    if (part === "storage-by-path") return Number(port) === this.#port;
    return [HTTPS_PORT, this.#port].includes(Number(port));
  }

  #refuse(target: string, client: Duplex): void {
    const host = target.replace(/[^\w.:[\]-]/g, "").slice(0, 300);
    const text = describeStranger(host);
    this.#requests.note("CONNECT", host, 403, { service: "proxy", code: "NotPartOfPracticeCloud" });
    client.end(
      "HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n" +
        `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }
}
