import { once } from "node:events";
import { type IncomingMessage, request as requestPlain } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServedCloud, serveCloud } from "./served-cloud.ts";

let served: ServedCloud;
beforeAll(async () => {
  served = await serveCloud();
});
afterAll(() => served.close());

/** Asks the proxy for a tunnel. */
async function tunnel(target: string): Promise<{ status: number; said: string; socket: Socket }> {
  const { hostname, port } = new URL(served.pages);
  const call = requestPlain({ host: hostname, port, method: "CONNECT", path: target }).end();
  const connected = await once(call, "connect");
  const [response, socket, head] = connected as [IncomingMessage, Socket, Buffer];
  const status = response.statusCode ?? 0;
  const said = status === 200 ? "" : head.toString() + (await text(socket));
  return { status, said, socket };
}

test.each([
  ["contosolake.dfs.core.windows.net:443", "GET /raw?resource=filesystem", "401"],
  ["contosolake.blob.core.windows.net:443", "GET /?comp=list", "401"],
  ["login.microsoftonline.com:443", "GET /common/discovery/keys", "200"],
  ["management.azure.com:443", "GET /metadata/endpoints?api-version=2020-06-01", "200"],
])("Azure's host %s leads to the practice cloud", async (target, line, status) => {
  const opened = await tunnel(target);
  expect(opened.status).toBe(200);
  const servername = target.replace(":443", "");
  const tls = connectTls({ socket: opened.socket, servername, ca: served.ca });
  tls.write(`${line} HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`);
  expect(await text(tls)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test.each([
  "example.com:443",
  "contosolake.dfs.core.windows.net:22",
  "contosolake.dfs.core.windows.net.example.com:443",
  "127.0.0.1:22",
  "169.254.169.254:80",
  "[::1]:443",
  "nonsense",
])("%s is refused, and nothing is looked up", async (target) => {
  const { status, said } = await tunnel(target);
  expect([status, said]).toEqual([403, expect.stringContaining("nothing leave this machine")]);
  const last = served.cloud.requests.list().at(-1);
  expect(last).toMatchObject({ method: "CONNECT", url: target, status: 403, service: "proxy" });
});

test("of plain http, the proxy serves the metadata service and nothing else", async () => {
  const { hostname, port } = new URL(served.pages);
  const get = async (url: string) => {
    const headers = { host: new URL(url).host, metadata: "true" };
    const call = requestPlain({ host: hostname, port, path: url, headers }).end();
    const [response] = (await once(call, "response")) as [IncomingMessage];
    return [response.statusCode, await text(response)] as const;
  };
  const query = "api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F";
  const [status, token] = await get(
    `http://169.254.169.254/metadata/identity/oauth2/token?${query}`,
  );
  expect([status, JSON.parse(token).token_type]).toEqual([200, "Bearer"]);
  expect(await get("http://example.com/")).toEqual([403, expect.stringContaining("example.com")]);
  // Not a page of ours under a name of another's.
  expect((await get("http://example.com/practice/requests"))[0]).toBe(403);
  expect((await get("http://169.254.169.254/practice/requests"))[0]).toBe(403);
});

test("a tunnel ends with the practice cloud", async () => {
  const own = await serveCloud();
  const { hostname, port } = new URL(own.pages);
  const target = "login.microsoftonline.com:443";
  const call = requestPlain({ host: hostname, port, method: "CONNECT", path: target }).end();
  const [, socket] = (await once(call, "connect")) as [IncomingMessage, Socket];
  const ended = once(socket, "close");
  socket.resume();
  await own.close();
  await ended;
});
