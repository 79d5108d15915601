import type { Store } from "../storage/lake-store.ts";
import type { Node } from "../storage/node.ts";
import { refuse } from "../wire/refusals.ts";

/**
 * Publishes what was appended to a file up to a position, or all of it.
 *
 * @param keep leaves what lies beyond for a later flush instead of dropping it
 * @returns its new entity tag and time
 * @throws Refusal when bytes before the position are missing, or the file is
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
