import { createServer as createPlainServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import {
  type AddressInfo,
  createServer as createPortServer,
  type Server as NetServer,
  type Socket,
} from "node:net";
import type { Duplex } from "node:stream";
import type { KeyedCertificate } from "./certificates.ts";
import type { Clock } from "./clock.ts";
import { BodyTooLarge, type Exchange, type Handler, sendJson } from "./exchange.ts";
import { PracticeError } from "./practice-error.ts";
import { reportFailure } from "./requests/report-failure.ts";

/** Milliseconds for which a connection may idle: Azure's front ends close one after some minutes. */
const IDLE_MS = 240_000;

/** A server on 127.0.0.1. */
export interface Listener {
  readonly port: number;
  /** `https://127.0.0.1:PORT` or `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** Uses another certificate for new connections. */
  present(tls: KeyedCertificate): void;
  /** Stops listening and closes all connections. */
  close(): Promise<void>;
  /** Lets the process end although this still listens. */
  unref(): unknown;
}

interface ListenOptions {
  /** Required port. */
  readonly port?: number | undefined;
  /** Preferred port, unless in use. */
  readonly preferredPort?: number | undefined;
  readonly tls?: KeyedCertificate;
  /** For the `Date` header. */
  readonly clock?: Clock;
  /** Handles `CONNECT`, which otherwise closes the connection. */
  readonly onConnect?: (request: IncomingMessage, client: Duplex, head: Buffer) => void;
}

/**
 * Listens, with TLS when there is a certificate, on any free port by default.
 *
 * @throws PracticeError `PORT_TAKEN`
 */
export async function listen(
  handler: Handler,
  { port, preferredPort, tls, clock, onConnect }: ListenOptions = {},
): Promise<Listener> {
  const server = tls ? createTlsServer(secureContext(tls)) : createPlainServer();
  server.keepAliveTimeout = IDLE_MS;
  const scheme = tls ? "https" : "http";
  server.on("request", (request, response) => {
    const url = readUrl(scheme, request.headers.host, request.url);
    if (!url) {
      sendJson(response, 400, { error: "bad_request" });
      return;
    }
    if (clock) response.setHeader("date", new Date(clock() * 1000).toUTCString());
    const exchange = { request, response, url, notes: {} };
    handler(exchange).catch((error: unknown) => answerFailure(exchange, error));
  });
  if (onConnect) server.on("connect", onConnect);
  await open(server, port, preferredPort);
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    origin: originOf(scheme, address.port),
    present: (other) => {
      if (!("setSecureContext" in server)) throw new TypeError("there is no TLS here");
      server.setSecureContext(secureContext(other));
      server.closeIdleConnections();
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
    unref: () => server.unref().on("connection", (socket: Socket) => socket.unref()),
  };
}

/** Origin, without the scheme's default port. */
export function originOf(scheme: "http" | "https", port: number): string {
  return new URL(`${scheme}://127.0.0.1:${port}`).origin;
}

function secureContext({ certificate, key }: KeyedCertificate) {
  return { cert: certificate, key };
}

/** Listens on 127.0.0.1; see `ListenOptions`. */
export async function open(server: NetServer, port = 0, preferredPort = 0): Promise<void> {
  try {
    await listenOn(server, port || preferredPort);
  } catch (error) {
    if (port) throw explainPort(error, port);
    await listenOn(server, 0);
  }
}

/** @throws PracticeError `PORT_TAKEN` */
export async function refuseTakenPort(port: number): Promise<void> {
  const server = createPortServer();
  await open(server, port);
  await new Promise((resolve) => server.close(resolve));
}

function listenOn(server: NetServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function explainPort(error: unknown, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "EADDRINUSE" && code !== "EACCES") return error;
  const why = code === "EACCES" ? "may not be used by this user" : "is taken by another program";
  const hint = "Choose another port (--port), or none to let the system pick one.";
  return new PracticeError("PORT_TAKEN", `port ${port} of 127.0.0.1 ${why}`, hint, error);
}

/** The URL of a request; undefined for a malformed target. */
function readUrl(scheme: string, host: string | undefined, target = "/"): URL | undefined {
  // The absolute form of a request to a proxy.
  if (/^http:\/\/[^/]/i.test(target) && URL.canParse(target)) return new URL(target);
  if (!host || !target.startsWith("/")) return undefined;
  const base = `${scheme}://${host}`;
  return URL.canParse(base + target) ? new URL(base + target) : undefined;
}

function answerFailure({ request, response, url, notes }: Exchange, error: unknown): void {
  if (response.destroyed) return;
  if (error instanceof BodyTooLarge) {
    response.setHeader("connection", "close");
    sendJson(response, 413, { error: "request_too_large" });
    return;
  }
  // A bug of the practice cloud: answered as such, and reported.
  reportFailure({ method: request.method, url, notes }, error);
  if (response.headersSent) response.destroy();
  else sendJson(response, 500, { error: "server_error" });
}

/** A part that is closed with the practice cloud. */
export interface Part {
  close(): Promise<void>;
  /** Lets the process end although this is open. */
  unref?(): unknown;
}
