import { createHash } from "node:crypto";
import { Crc64 } from "./crc64.ts";
import { type Call, header } from "./lake-call.ts";
import { refuse, refuseHeader } from "./refusals.ts";

/** The checksums of a request's body. */
export interface Checksums {
  /** MD5 in base64, where the request has one. */
  readonly md5: string | undefined;
  /** The body, whose checksums are computed as it is read. */
  watch(body: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  /**
   * Call it after the whole body was read.
   *
   * @param md5 MD5 of the body, if it is computed anyway
   * @throws Refusal `Md5Mismatch` or `Crc64Mismatch`
   */
  check(md5?: string): void;
  /** Headers of the answer, with the checked values. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads `Content-MD5` and `x-ms-content-crc64`.
 *
 * @param isMd5Known whether `check` gets the MD5
 * @throws Refusal when both are given, or one is malformed
 */
export function checksumsOf(call: Call, isMd5Known = false): Checksums {
  const md5 = md5In(call, "content-md5");
  const crc64 = header(call, "x-ms-content-crc64");
  if (md5 !== undefined && crc64 !== undefined) throw refuse("BothCrc64AndMd5RangeHeaderPresent");
  if (crc64 !== undefined && lengthOf(crc64) !== 8) throw refuseHeader("x-ms-content-crc64");
  const hash = md5 === undefined || isMd5Known ? undefined : createHash("md5");
  const crc = crc64 === undefined ? undefined : new Crc64();
  const count = (bytes: Buffer) => {
    hash?.update(bytes);
    crc?.update(bytes);
  };
  return {
    md5,
    watch: (body) => (hash || crc ? through(body, count) : body),
    check: (known) => {
      if (md5 !== undefined && md5 !== (known ?? hash?.digest("base64"))) {
        throw refuse("Md5Mismatch");
      }
      if (crc && crc.digest() !== crc64) throw refuse("Crc64Mismatch");
    },
    headers: { "Content-MD5": md5, "x-ms-content-crc64": crc64 },
  };
}

async function* through(
  body: AsyncIterable<Buffer>,
  count: (bytes: Buffer) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of body) {
    count(chunk);
    yield chunk;
  }
}

/**
 * The MD5 of a header, in base64.
 *
 * @throws Refusal `InvalidMd5`
 */
export function md5In(call: Call, name: string): string | undefined {
  const text = header(call, name);
  if (text !== undefined && lengthOf(text) !== 16) throw refuse("InvalidMd5");
  return text;
}

/** Number of bytes of base64 text; undefined for other text. */
function lengthOf(text: string): number | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64").length : undefined;
}
