import { setTimeout as sleep } from "node:timers/promises";
import { RestError } from "@azure/core-rest-pipeline";
import { ForeignReply, headerOf } from "../../core/azure-reply.ts";
import type { LakeEntry } from "../lake.ts";
import type { Gen2Wire } from "./gen2-wire.ts";

/** Milliseconds before a copy under way is asked after; each further wait is twice as long. */
const FIRST_WAIT = 50;
const LONGEST_WAIT = 5000;

/**
 * Copies a file with Copy Blob. Within one account that reads the source as whoever asks; its
 * synchronous sibling, Copy Blob From URL, wants a signature for the source even there. The copy
 * is of the version of `from`, or fails; content type, metadata and such come along.
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
        throw new ForeignReply(reply, "it tells of another copy");
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
    // Without the caller's signal: a copy goes on when nobody waits for it any more.
    const abort = `${url}?comp=copy&copyid=${id}`;
    const headers = { "x-ms-copy-action": "abort" };
    const request = { method: "PUT", url: abort, success: [204], headers } as const;
    await wire.send(request).catch(() => {}); // it has ended
    throw error;
  }
}

/** What a file is served with, beside its metadata. */
const PROPERTIES = [
  "cache-control",
  "content-type",
  "content-md5",
  "content-encoding",
  "content-language",
  "content-disposition",
];

/**
 * Gives a file the content type, metadata and such of another. The metadata goes as it came, in one
 * header: as an object it would lose a name such as `__proto__`.
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
