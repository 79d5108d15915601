import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as send } from "node:https";
import type { AddressInfo } from "node:net";
import { makeAuthority, makeServerCertificate } from "../../src/practice/certificates.ts";

/** A request as it came in. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** A reply as it goes out. */
export interface Told {
  status: number;
  headers: Record<string, string | number | undefined>;
  body: Buffer;
  /** Bytes of the body that are sent before the connection is cut. */
  cutAfter?: number;
}

/** What is done in between to the requests that it is for. */
export interface Meddling {
  /** The requests that are meddled with; all unless told. */
  readonly of?: (asked: Asked) => boolean;
  /** Answers in the service's place, which is not asked. */
  readonly answer?: (asked: Asked, response: ServerResponse) => void;
  /** Changes what goes to the service. */
  readonly ask?: (asked: Asked) => Partial<Asked>;
  /** Changes what the service said. */
  readonly change?: (told: Told, asked: Asked) => void;
}

/** A man in the middle: whoever trusts its authority speaks to the service by way of it. */
export interface AlteringProxy {
  readonly port: number;
  readonly ca: string;
  /** Nothing for one that only passes on. */
  meddling: Meddling | undefined;
  /** Methods and targets of what was answered or changed. */
  readonly struck: string[];
  close(): Promise<void>;
}

/** @param service where the requests go on to, on this machine */
export async function startAlteringProxy(service: {
  port: number;
  ca: string;
}): Promise<AlteringProxy> {
  const authority = await makeAuthority();
  const { certificate, key } = await makeServerCertificate(authority);
  const agent = new Agent({ keepAlive: true, ca: service.ca });
  const struck: string[] = [];
  const between = { meddling: undefined as Meddling | undefined };

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: target = "", headers } = request;
    const asked: Asked = { method, target, headers };
    const meddling = between.meddling?.of?.(asked) === false ? undefined : between.meddling;
    const body = Buffer.concat(await request.toArray());
    if (meddling) struck.push(`${method} ${target}`);
    if (meddling?.answer) return meddling.answer(asked, response);
    const told = await forward({ ...asked, ...meddling?.ask?.(asked) }, body);
    meddling?.change?.(told, asked);
    response.writeHead(told.status, dropUndefined(told.headers));
    if (method === "HEAD") response.end();
    else if (told.cutAfter === undefined) response.end(told.body);
    else response.write(told.body.subarray(0, told.cutAfter), () => response.destroy());
  }

  function forward({ method, target, headers }: Asked, body: Buffer): Promise<Told> {
    return new Promise((resolve, reject) => {
      const { host, ...rest } = headers;
      const servername = host?.replace(/:\d+$/, "");
      const options = { agent, host: "127.0.0.1", port: service.port, method, path: target };
      const onward = { ...options, headers: { ...rest, host }, servername: sni(servername) };
      const sent = send(onward, async (reply) => {
        const { statusCode = 0, headers } = reply;
        const told = Buffer.concat(await reply.toArray());
        const { connection: _, "transfer-encoding": __, ...kept } = headers;
        const length = method === "HEAD" ? headers["content-length"] : told.length;
        const own = { ...kept, "content-length": statusCode === 204 ? undefined : length };
        resolve({ status: statusCode, headers: own as Told["headers"], body: told });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  const server = createServer({ cert: certificate, key }, (request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(between, {
    port: (server.address() as AddressInfo).port,
    ca: authority.certificate,
    struck,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** Names only: an address is none. */
function sni(host: string | undefined): string {
  return host && !/^[\d.]+$/.test(host) ? host : "";
}

function dropUndefined(headers: Told["headers"]): Record<string, string | number> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Record<string, string | number>;
}

const PAGE =
  "<!doctype html><html><head><title>Sign in to Guest Wi-Fi</title></head>" +
  `<body>${"Accept the terms of use. ".repeat(40)}</body></html>`;

function page(status: number, headers: Record<string, string> = {}, body = PAGE) {
  return (_asked: Asked, response: ServerResponse) => {
    const length = Buffer.byteLength(body);
    const own = { "Content-Type": "text/html; charset=utf-8", Server: "nginx", Via: "1.1 gate" };
    const due = status === 204 ? {} : { "Content-Length": length };
    response.writeHead(status, { ...own, ...due, ...headers }).end(body);
  };
}

const json = (status: number, body: unknown) =>
  page(status, { "Content-Type": "application/json" }, JSON.stringify(body));

function raw(bytes: string) {
  return (_asked: Asked, response: ServerResponse) => {
    response.socket?.end(bytes);
  };
}

/** Answers of proxies, gateways and networks that ask to sign in, none of them the service's. */
export const ANSWERS: Readonly<Record<string, NonNullable<Meddling["answer"]>>> = {
  "200 and a page": page(200),
  "200 and nothing": page(200, {}, ""),
  "200 and a word": page(200, { "Content-Type": "text/plain" }, "OK"),
  "200 and an empty object": json(200, {}),
  "200 and no paths": json(200, { paths: null }),
  "200 and an empty list": json(200, { paths: [], value: [], boolean: true }),
  "200 and null": json(200, null),
  "200 and XML": page(200, { "Content-Type": "application/xml" }, "<?xml version='1.0'?><ok/>"),
  "200 and a page in chunks": (_asked, response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.write(PAGE.slice(0, 20));
    response.end(PAGE.slice(20));
  },
  "200 and a page of no length": raw(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n${PAGE}`),
  "200 and half a page": raw(
    `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n${PAGE}`,
  ),
  "200 to another request": page(200, {
    "x-ms-request-id": "9f0e0000-0000-4000-8000-000000000000",
    "x-ms-client-request-id": "another",
    ETag: '"0x1"',
    "Last-Modified": "Sat, 21 Nov 2026 06:00:00 GMT",
  }),
  "201 and a page": page(201),
  "202 and nothing": page(202, {}, ""),
  "203 and a page": page(203),
  "204": page(204, {}, ""),
  "205": page(205, {}, ""),
  "206 without a range": page(206),
  "206 with a range of its own": page(206, {
    "Content-Range": `bytes 0-${PAGE.length - 1}/${PAGE.length}`,
  }),
  "301 to another host": page(301, { Location: "https://portal.example.com/login" }),
  "302 to another host": page(302, { Location: "https://portal.example.com/login?token=1" }),
  "302 to another path": page(302, { Location: "/login" }),
  "303 to another host": page(303, { Location: "https://portal.example.com/login" }),
  "304": page(304, {}, ""),
  "307 to another host": page(307, { Location: "https://portal.example.com/login" }),
  "308 to another host": page(308, { Location: "https://portal.example.com/login" }),
  "400 and a page": page(400),
  "401 and a page": page(401, { "WWW-Authenticate": 'Basic realm="gate"' }),
  "401 that names another service": page(401, {
    "WWW-Authenticate":
      "Bearer authorization_uri=https://login.microsoftonline.com/c0de0000-0000-4000-8000-000000000000/oauth2/authorize resource_id=https://graph.microsoft.com",
  }),
  "403 and a page": page(403),
  "404 and a page": page(404),
  "405 and a page": page(405),
  "409 and a page": page(409),
  "410 and a page": page(410),
  "412 and a page": page(412),
  "416 and a page": page(416),
  "429 and a page": page(429),
  "451 and a page": page(451),
  "500 and a page": page(500),
  "502 and a page": page(502),
  "503 and a page": page(503),
  "504 and a page": page(504),
  "511 and a page": page(511),
  "another protocol": raw("SSH-2.0-OpenSSH_9.2\r\n"),
  "no answer": (_asked, response) => response.destroy(),
  "an endless page": ({ method }, response) => {
    response.writeHead(200, { "Content-Type": "text/html", "Content-Length": 1e12 });
    if (method === "HEAD") return void response.end();
    const writing = setInterval(() => response.write(PAGE.repeat(50)), 5);
    response.on("close", () => clearInterval(writing));
  },
};
