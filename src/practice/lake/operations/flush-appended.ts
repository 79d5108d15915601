import type { Store } from "../storage/lake-store.ts";
import type { Node } from "../storage/node.ts";
import { refuse } from "../wire/refusals.ts";

/**
 * Commits what was appended to a file, up to `position` or all of it.
 *
 * @param keep whether bytes after `position` are kept for a later flush
 * @returns its new ETag and time
 * @throws Refusal when bytes before `position` are missing, or the file is
 */
export async function flushAppended(
  { uploads }: Store,
  file: Node,
  position = uploads.length(file),
  keep = false,
): Promise<Pick<Node, "etag" | "modified">> {
  const version = await uploads.flush(file, position, keep);
  if (version === "missing") throw refuse("PathNotFound");
  if (version === "not contiguous") throw refuse("InvalidFlushPosition");
  return version;
}
