import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Provides access tokens for the lake's storage, such as from a session of `signIn`. */
export type TokenProvider = () => Promise<{
  readonly token: string;
  readonly expiresOnTimestamp: number;
}>;

/** A running endpoint. */
export interface TokenEndpoint {
  /** Value for the engine's `AZURE_IDENTITY_ENDPOINT`. */
  readonly url: string;
  /** Value for the engine's `IDENTITY_HEADER`: requests without it are rejected. */
  readonly header: string;
  close(): Promise<void>;
}

/**
 * Provides a user's tokens to one engine on this machine by the protocol of App Service's managed
 * identities, so that an engine that reads for hours needs no secret and reads with that user's
 * rights.
 *
 * @see
 *   https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export async function startTokenEndpoint(source: TokenProvider): Promise<TokenEndpoint> {
  const header = randomBytes(32).toString("hex");
  const server = createServer((request, response) => {
    answer(request, response, header, source).catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/token`,
    header,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(
  { headers, socket }: IncomingMessage,
  response: ServerResponse,
  header: string,
  source: TokenProvider,
): Promise<void> {
  const reply = (status: number, body: object) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  if (!isSame(String(headers["x-identity-header"] ?? ""), header)) {
    return reply(401, { error: "unauthorized_client", error_description: "X-Identity-Header" });
  }
  try {
    const { token, expiresOnTimestamp } = await source();
    const expires = Math.floor(expiresOnTimestamp / 1000);
    reply(200, {
      access_token: token,
      expires_on: String(expires),
      resource: "https://storage.azure.com",
      token_type: "Bearer",
    });
  } catch (error) {
    if (socket.destroyed) return;
    const { message } = error as Error;
    reply(400, { error: "invalid_grant", error_description: message });
  }
}

function isSame(given: string, header: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(header)];
  return a.length === b.length && timingSafeEqual(a, b);
}
