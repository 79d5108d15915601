import { once } from "node:events";
import http2 from "node:http2";
import { makeAuthority, makeServerCertificate } from "../../../src/practice/certificates.ts";

/** What stands before a cluster: TLS, and a look at the token of each request. */
export interface Guard {
  readonly port: number;
  readonly ca: string;
  /** The token that is let in now. */
  token: string;
  close(): void;
}

export async function startGuard(target: number): Promise<Guard> {
  const authority = await makeAuthority();
  const { certificate: cert, key } = await makeServerCertificate(authority);
  const upstream = http2.connect(`http://127.0.0.1:${target}`);
  const server = http2.createSecureServer({ cert, key });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session: http2.ServerHttp2Session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, { ":scheme": _, ...headers }) => {
    stream.on("error", () => undefined);
    if (headers.authorization !== `Bearer ${guard.token}`) {
      const status = { "grpc-status": "16", "grpc-message": "the token has expired" };
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", ...status },
        { endStream: true },
      );
      return;
    }
    const request = upstream.request(headers, { endStream: false });
    request.on("error", () => stream.close());
    request.on("response", (answer) => stream.respond(answer, { waitForTrailers: true }));
    let trailers: http2.IncomingHttpHeaders = {};
    request.on("trailers", (told) => {
      trailers = told;
    });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.on("close", () => request.close());
    stream.pipe(request);
    request.pipe(stream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const guard: Guard = {
    port,
    ca: authority.certificate,
    token: "first",
    close() {
      for (const session of sessions) session.destroy();
      server.close();
      upstream.destroy();
    },
  };
  return guard;
}
