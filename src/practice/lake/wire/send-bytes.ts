import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Bytes } from "../storage/bytes.ts";

/** Sends a part of a node as the rest of an answer. A closed connection ends it. */
export async function sendBytes(
  bytes: Bytes,
  part: { readonly node: number; readonly start: number; readonly length: number },
  response: ServerResponse,
): Promise<void> {
  await bytes.pass(part, async (piece) => {
    await sendPiece(response, piece);
    return !response.destroyed;
  });
  if (!response.destroyed) response.end();
}

/** Resolves once a piece was sent, or the connection is closed. */
export async function sendPiece(response: ServerResponse, piece: Buffer): Promise<void> {
  const gone = new AbortController();
  const sent = new Promise<void>((resolve) => response.write(piece, () => resolve()));
  await Promise.race([sent, once(response, "close", { signal: gone.signal }).catch(() => [])]);
  gone.abort();
}
