import type { Call } from "./call.ts";
import { refuse } from "./refusals.ts";

const MAX_TEXT = 16 * 1024 * 1024;

/** A request's body as text; only for bodies that say something, never for data. */
export async function readText({ request }: Call): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_TEXT) throw refuse("RequestBodyTooLarge");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
