import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from "node:http2";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";

/** Flow-control window in bytes; with Node's 64 KiB, transfers wait for round trips. */
const WINDOW = 16 * 2 ** 20;
/** Delay of TCP keep-alive probes, in milliseconds. */
const KEEP_ALIVE = 15_000;
const CONNECT_WITHIN = 15_000;

export interface ConnectionOptions {
  /** PEM certificates to trust instead of the well-known ones. */
  readonly ca?: string;
}

/**
 * One HTTP/2 connection to a server, opened at the first request and again after a loss. TCP
 * keep-alive detects a vanished peer: Spark servers close connections that send frequent HTTP/2
 * pings.
 *
 * It keeps the process alive only while a response is awaited.
 */
export class Connection {
  readonly authority: string;
  readonly #url: URL;
  readonly #options: ConnectionOptions;
  #session: Promise<ClientHttp2Session> | undefined;

  constructor(origin: string, options: ConnectionOptions) {
    this.#url = new URL(origin);
    this.authority = this.#url.origin;
    this.#options = options;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
  ): Promise<ClientHttp2Stream> {
    const session = await this.#open();
    const stream = session.request({ ...headers, ":method": method, ":path": path });
    awaitAnswer(session, stream);
    return stream;
  }

  notifyResponseByteRead(): void {
    // No HTTP/2 pings.
  }

  /** Closes the connection and fails all its pending requests. */
  close(): void {
    const opening = this.#session;
    this.#session = undefined;
    opening?.then(
      (session) => session.destroy(),
      () => undefined,
    );
  }

  async #open(): Promise<ClientHttp2Session> {
    const opening = this.#session;
    const held = await opening?.catch(() => undefined);
    if (held && !held.closed && !held.destroyed) return held;
    // Another request has already opened a new one.
    if (this.#session !== opening) return this.#open();
    this.#session = this.#connect();
    return this.#session;
  }

  #connect(): Promise<ClientHttp2Session> {
    const session = http2.connect(this.authority, {
      createConnection: () => this.#dial(),
      settings: { initialWindowSize: WINDOW, enablePush: false },
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        session.destroy(timedOut(this.authority));
      }, CONNECT_WITHIN);
      session.once("connect", () => {
        clearTimeout(timer);
        session.setLocalWindowSize(WINDOW);
        session.unref();
        resolve(session);
      });
      session.on("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      // GOAWAY: the server completes pending requests; new ones need a new connection.
      session.once("goaway", () => session.close());
      session.once("close", () => {
        clearTimeout(timer);
        reject(new Error("the connection was closed"));
      });
    });
  }

  #dial(): Socket {
    const { hostname, protocol, port: digits } = this.#url;
    const host = hostname.replace(/^\[|\]$/g, "");
    if (protocol === "http:") {
      const port = Number(digits || 80);
      return connectPlain({ host, port, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE });
    }
    const socket = connectSecure({
      host,
      port: Number(digits || 443),
      ALPNProtocols: ["h2"],
      ...(isIP(host) ? {} : { servername: host }),
      ...(this.#options.ca && { ca: this.#options.ca }),
    });
    socket.setKeepAlive(true, KEEP_ALIVE);
    return socket;
  }
}

const waiting = new WeakMap<ClientHttp2Session, number>();

function awaitAnswer(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
  const count = (change: number) => {
    const streams = (waiting.get(session) ?? 0) + change;
    waiting.set(session, streams);
    return streams;
  };
  if (count(1) === 1) session.ref();
  stream.once("close", () => {
    if (count(-1) === 0 && !session.destroyed) session.unref();
  });
}

function timedOut(authority: string): Error {
  const error = new Error(`no answer from ${authority} within ${CONNECT_WITHIN / 1000} s`);
  return Object.assign(error, { code: "ETIMEDOUT" });
}
