import { explainFolderFailure } from "../practice-error.ts";
import { type RequestNotes, withoutSecrets } from "./request-notes.ts";

/** A request that failed unexpectedly. */
interface Failed {
  readonly method: string | undefined;
  readonly url: URL | undefined;
  readonly notes: RequestNotes;
}

/**
 * Writes an unexpected error with its request to the request log and to standard error, to be
 * reported and fixed.
 *
 * @param requestId in the answer, if any
 */
export function reportFailure(
  { method, url, notes }: Failed,
  error: unknown,
  requestId = "",
): void {
  const explained = explainFolderFailure(error, "its folder");
  const why = explained instanceof Error ? explained.message : String(explained);
  notes.reasons = [{ by: "failure", why }];
  const asked = `${method ?? "?"} ${url ? withoutSecrets(url) : "?"}`;
  const id = requestId === "" ? "" : ` (request ${requestId})`;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`practice cloud: ${asked}${id}: ${why}\n${text}\n`);
}
