import { createHash } from "node:crypto";
import { Crc64 } from "./crc64.ts";
import { type Call, header } from "./lake-call.ts";
import { refuse, refuseHeader } from "./refusals.ts";

/** The checksums that a request brings along with its body, and what its bytes come to. */
export interface Checksums {
  /** MD5 in base64, where the request has one. */
  readonly md5: string | undefined;
  /** Lets the body through, and counts it in. */
  watch(body: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  /**
   * To be called once all of the body was read.
   *
   * @param md5 the body's own, where that is known anyway
   * @throws Refusal `Md5Mismatch` or `Crc64Mismatch`
   */
  check(md5?: string): void;
  /** Headers that give back what was checked. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads `Content-MD5` and `x-ms-content-crc64`.
 *
 * @param isMd5Known the bytes are digested elsewhere, and `check` is told the result
 * @throws Refusal when both are there, or one is no checksum
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
 * The MD5 that a header gives, in base64.
 *
 * @throws Refusal `InvalidMd5` for what is none
 */
export function md5In(call: Call, name: string): string | undefined {
  const text = header(call, name);
  if (text !== undefined && lengthOf(text) !== 16) throw refuse("InvalidMd5");
  return text;
}

/** Bytes of what is in base64; undefined for what is not. */
function lengthOf(text: string): number | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64").length : undefined;
}
