import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { makeAuthority, makeServerCertificate } from "../../src/practice/certificates.ts";

/** The least a server can do for a file over TLS, to measure the practice lake against. */
async function serve(file: string): Promise<void> {
  const authority = await makeAuthority();
  const { certificate, key } = await makeServerCertificate(authority);
  const server = createServer({ cert: certificate, key }, (_request, response) => {
    response.writeHead(200, { "Content-Length": statSync(file).size });
    createReadStream(file).pipe(response);
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ port, ca: authority.certificate })}\n`);
  });
}

void serve(process.argv[2] ?? "");
