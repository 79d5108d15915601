import { setTimeout as sleep } from "node:timers/promises";
import { RestError } from "@azure/core-rest-pipeline";
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
  let reply = await wire.send({ method: "PUT", url, headers, signal });
  const id = reply.headers.get("x-ms-copy-id") ?? "";
  try {
    for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      const status = reply.headers.get("x-ms-copy-status");
      if (status === "success") return;
      if (status !== "pending") {
        const reason = reply.headers.get("x-ms-copy-status-description");
        const message = `the copy ended as ${status}: ${reason}`;
        throw new RestError(message, { statusCode: 409, code: "CopyFailed" });
      }
      await sleep(wait, undefined, signal && { signal });
      reply = await wire.send({ method: "HEAD", url, signal });
    }
  } catch (error) {
    // Without the caller's signal: a copy goes on when nobody waits for it any more.
    const abort = `${url}?comp=copy&copyid=${id}`;
    const action = { "x-ms-copy-action": "abort" };
    await wire.send({ method: "PUT", url: abort, headers: action }).catch(() => {}); // it has ended
    throw error;
  }
}

/** Gives a file the content type, metadata and such of another. */
export async function copyProperties(
  wire: Gen2Wire,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  const found = await wire.call((on) => wire.file(from).getProperties(on), signal);
  const { metadata = {}, ...properties } = found;
  const target = wire.file(to);
  await wire.call((on) => target.setHttpHeaders(properties, on), signal);
  if (Object.keys(metadata).length > 0) {
    await wire.call((on) => target.setMetadata(metadata, on), signal);
  }
}
