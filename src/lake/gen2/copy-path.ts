import { setTimeout as sleep } from "node:timers/promises";
import { RestError } from "@azure/core-rest-pipeline";
import { ForeignReply, headerOf } from "../../core/azure-reply.ts";
import type { LakeEntry } from "../lake.ts";
import type { Gen2Wire } from "./gen2-wire.ts";

/** Milliseconds before the status of a copy is polled; each further wait is twice as long. */
const FIRST_WAIT = 50;
const LONGEST_WAIT = 5000;

/**
 * Copies a file, its properties and its metadata with Copy Blob, which authorizes the read of the source
 * as the caller. Copy Blob From URL, the synchronous operation, wants a signature for the source even
 * within one account. Copies the version of `from`, or fails.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/copy-blob
 */
export async function copyByService(
  wire: Gen2Wire,
  from: LakeEntry,
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  const url = wire.blobUrl(to);
  const headers = {
    "x-ms-copy-source": wire.transport.signed(wire.blobUrl(from.path)),
    "x-ms-source-if-match": from.etag,
  };
  let reply = await wire.send({ method: "PUT", url, success: [202], headers, signal });
  const id = headerOf(reply, "x-ms-copy-id");
  try {
    for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      const status = headerOf(reply, "x-ms-copy-status");
      if (headerOf(reply, "x-ms-copy-id") !== id) {
        throw new ForeignReply(reply, "it is about another copy");
      }
      if (status === "success") return;
      if (status !== "pending") {
        const reason = reply.headers.get("x-ms-copy-status-description");
        const message = `the copy ended as ${status}: ${reason}`;
        throw new RestError(message, { statusCode: 409, code: "CopyFailed" });
      }
      await sleep(wait, undefined, signal && { signal });
      reply = await wire.send({ method: "HEAD", url, success: [200], signal });
    }
  } catch (error) {
    // Without the caller's signal: the copy would continue after an abort.
    const abort = `${url}?comp=copy&copyid=${id}`;
    const headers = { "x-ms-copy-action": "abort" };
    const request = { method: "PUT", url: abort, success: [204], headers } as const;
    await wire.send(request).catch(() => {}); // it has ended
    throw error;
  }
}

/** Headers of a file's properties. */
const PROPERTIES = [
  "cache-control",
  "content-type",
  "content-md5",
  "content-encoding",
  "content-language",
  "content-disposition",
];

/**
 * Gives a file the properties and metadata of another. The metadata stays the one header that it is:
 * an object would lose a name such as `__proto__`.
 */
export async function copyProperties(
  wire: Gen2Wire,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  const source = await wire.send({ method: "HEAD", url: wire.url(from), success: [200], signal });
  const metadata = source.headers.get("x-ms-properties");
  const headers: Record<string, string> = metadata ? { "x-ms-properties": metadata } : {};
  for (const name of PROPERTIES) {
    const value = source.headers.get(name);
    if (value) headers[`x-ms-${name}`] = value;
  }
  const url = `${wire.url(to)}?action=setProperties`;
  await wire.send({ method: "PATCH", url, success: [200], headers, signal });
}
