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
export function sendPiece(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("close", done);
      resolve();
    };
    response.once("close", done);
    response.write(piece, done);
  });
}
