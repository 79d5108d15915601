import { readXml, type XmlElement, XmlError } from "../xml/read-xml.ts";
import { checksumsOf } from "./checksums.ts";
import type { Call } from "./lake-call.ts";
import { refuse } from "./refusals.ts";

/** The bytes of a request's body. */
export function bodyOf({ request }: Call): AsyncIterable<Buffer> {
  // A small body has arrived by now, and iterating over a stream takes longer than reading it.
  return request.complete ? whole(request) : (request as AsyncIterable<Buffer>);
}

async function* whole(request: Call["request"]): AsyncGenerator<Buffer, void, undefined> {
  const bytes = request.read() as Buffer | null;
  if (bytes) yield bytes;
}

const MAX_TEXT = 16 * 1024 * 1024;

/**
 * A request's body as text.
 *
 * @throws Refusal `Md5Mismatch` or `Crc64Mismatch` when it does not match its checksum
 */
export async function readText(call: Call): Promise<string> {
  const checksums = checksumsOf(call);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of checksums.watch(bodyOf(call))) {
    size += chunk.length;
    if (size > MAX_TEXT) throw refuse("RequestBodyTooLarge");
    chunks.push(chunk);
  }
  checksums.check();
  return Buffer.concat(chunks).toString();
}

/**
 * Parses an XML body.
 *
 * @throws Refusal `InvalidXmlDocument`
 */
export function readDocument(text: string): XmlElement {
  try {
    return readXml(text);
  } catch (error) {
    throw error instanceof XmlError ? refuse("InvalidXmlDocument") : error;
  }
}
