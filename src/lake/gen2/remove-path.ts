import { ForeignReply } from "../../core/azure-reply.ts";
import { Continuations } from "../continuations.ts";
import { ignoreMissing } from "../retry.ts";
import type { Gen2Wire } from "./gen2-wire.ts";

/**
 * Removes a file or a directory. A large directory takes the service several requests, where it must
 * look at the access list of each path in it: it says where to go on, until nothing is left.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/delete
 */
export async function removePath(
  wire: Gen2Wire,
  path: string,
  recursive: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const query = new URLSearchParams({ recursive: String(recursive) });
  // A key or a signature is not held to access lists, so the service takes it in one step.
  if (recursive && wire.transport.hasToken) query.set("paginated", "true");
  const continuations = new Continuations();
  for (;;) {
    const url = `${wire.url(path)}?${query}`;
    const request = { method: "DELETE", url, success: [200], signal } as const;
    // A try whose answer was lost may have removed it.
    const wasDone = async (error: unknown) => ignoreMissing(error) === undefined;
    const reply = await wire.sendOnce(request, wasDone);
    const continuation = reply?.headers.get("x-ms-continuation");
    if (!reply || !continuation) return;
    if (!continuations.isNew(continuation)) {
      throw new ForeignReply(reply, "it goes on where it went on before");
    }
    query.set("continuation", continuation);
  }
}
