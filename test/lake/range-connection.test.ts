import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RangeConnection, UnsupportedReply } from "../../src/lake/http/range-connection.ts";
import { makeAuthority, makeServerCertificate } from "../../src/practice/certificates.ts";

let server: Server;
let ca: string;
let answer: (socket: Socket) => void;

beforeAll(async () => {
  const authority = await makeAuthority();
  const { certificate, key } = await makeServerCertificate(authority);
  ca = authority.certificate;
  server = createServer({ cert: certificate, key }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function dial(): RangeConnection {
  return new RangeConnection({
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    ca,
  });
}

async function ask(connection: RangeConnection, take?: (bytes: Uint8Array) => Promise<void>) {
  let body = "";
  let status = 0;
  const sink = {
    head: (head: { status: number }) => {
      status = head.status;
    },
    bytes: (bytes: Uint8Array) => {
      body += Buffer.from(bytes).toString();
      return take?.(bytes);
    },
  };
  await connection.request("GET / HTTP/1.1\r\nHost: x\r\n\r\n", sink, { idle: 300 });
  return { status, body };
}

const says = (text: string, end = false) => {
  answer = (socket) => {
    socket.write(text);
    if (end) socket.end();
  };
};

test("a reply is passed on, and the connection used again", async () => {
  const connection = dial();
  says("HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n\r\nhello");
  expect(await ask(connection)).toEqual({ status: 206, body: "hello" });
  expect(connection.usable).toBe(true);
  says("HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n");
  expect(await ask(connection)).toEqual({ status: 200, body: "" });
  connection.close();
});

test("a reply in single bytes is the same reply", async () => {
  const text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
  answer = async (socket) => {
    for (const byte of Buffer.from(text)) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const connection = dial();
  expect(await ask(connection)).toEqual({ status: 200, body: "abc" });
  connection.close();
});

test("a sink that holds the connection back gets all bytes, in order", async () => {
  const body = Array.from({ length: 200_000 }, (_, index) => index % 10).join("");
  says(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  const connection = dial();
  const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 2));
  expect((await ask(connection, slow)).body === body).toBe(true);
  connection.close();
});

/** A body of `length` bytes that do not repeat soon, and memory for it, with 100 bytes behind. */
function bodyAndMemory(length: number) {
  const body = Buffer.from(Uint32Array.from({ length: length / 4 }, (_, i) => i * 7919).buffer);
  return { body, memory: new Uint8Array(new SharedArrayBuffer(length + 100)) };
}

test("bytes come in the memory that a sink gives, and in other memory where it gives none", async () => {
  const { body, memory } = bodyAndMemory(1_000_000);
  answer = (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  };
  let [at, pieces, inPlace] = [0, 0, 0];
  const bytes = (piece: Uint8Array) => {
    if (piece.buffer === memory.buffer) {
      expect(piece.byteOffset).toBe(at);
      inPlace++;
    } else {
      memory.set(piece, at);
    }
    at += piece.length;
    if (pieces++ % 7 === 5) return new Promise<void>((resolve) => setTimeout(resolve, 1));
    return pieces % 5 === 0 ? undefined : memory.subarray(at);
  };
  const connection = dial();
  for (let round = 0; round < 2; round++) {
    [at, pieces, inPlace] = [0, 0, 0];
    memory.fill(0);
    const sink = { head: () => {}, bytes };
    await connection.request("GET / HTTP/1.1\r\nHost: x\r\n\r\n", sink, { idle: 3_000 });
    expect(Buffer.compare(memory.slice(0, body.length), body)).toBe(0);
    expect(memory.slice(body.length).every((byte) => byte === 0)).toBe(true);
    expect(inPlace).toBeGreaterThan(10);
  }
  connection.close();
});

test("more than was said is a failure with a sink's memory too, and stays out of it", async () => {
  const { body, memory } = bodyAndMemory(200_000);
  answer = (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(Buffer.concat([body, Buffer.from("more")]));
  };
  let at = 0;
  const sink = {
    head: () => {},
    bytes: (piece: Uint8Array) => {
      at += piece.length;
      return memory.subarray(at);
    },
  };
  const connection = dial();
  const asked = connection.request("GET / HTTP/1.1\r\nHost: x\r\n\r\n", sink, { idle: 3_000 });
  await expect(asked).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(memory.slice(body.length).every((byte) => byte === 0)).toBe(true);
});

test.each([
  ["a length that is not told", "HTTP/1.1 200 OK\r\n\r\nabc"],
  ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
  [
    "a length that is told twice",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 2\r\n\r\nabc",
  ],
  ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
  ["an endless head", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}`],
])("%s is left to a full client", async (_name, text) => {
  says(text);
  const connection = dial();
  await expect(ask(connection)).rejects.toBeInstanceOf(UnsupportedReply);
  expect(connection.usable).toBe(false);
});

test.each([
  ["an early end", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", true, "ECONNRESET"],
  ["more than was said", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", false, "ECONNRESET"],
  ["silence in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", false, "STALLED"],
  ["silence in the head", "HTTP/1.1 200 OK\r\nCont", false, "STALLED"],
])("%s is a failure that may pass", async (_name, text, end, code) => {
  says(text, end);
  const connection = dial();
  await expect(ask(connection)).rejects.toMatchObject({ code });
  expect(connection.usable).toBe(false);
});

test("a connection that the server will close is not used again", async () => {
  says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", true);
  const connection = dial();
  expect(await ask(connection)).toEqual({ status: 200, body: "x" });
  expect(connection.usable).toBe(false);
});

test("a sink's own failure ends the request with that failure", async () => {
  says("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
  const full = () => Promise.reject(new Error("disk full"));
  await expect(ask(dial(), full)).rejects.toThrow("disk full");
});

test("a certificate of nobody's is refused", async () => {
  const { port } = server.address() as AddressInfo;
  const stranger = new RangeConnection({ host: "127.0.0.1", port });
  await expect(ask(stranger)).rejects.toMatchObject({
    code: expect.stringMatching(/CERT|ISSUER|VERIFY/),
  });
});
