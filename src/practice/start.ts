import { join, resolve } from "node:path";
import { assemble } from "./assemble.ts";
import { openKeptFolder, openTemporaryFolder } from "./cloud-folder.ts";
import type { PracticeCloud, PracticeOptions } from "./description.ts";
import { findUser, type User } from "./directory/people.ts";
import { type Part, refuseTakenPort } from "./listener.ts";
import { checkOptions } from "./options.ts";
import { explainFolderFailure } from "./practice-error.ts";

const PACKAGE_DATA = join(import.meta.dirname, "../../data");

/**
 * Starts a practice cloud on 127.0.0.1. It ends with `close()`, and at the latest with this process.
 *
 * @param options what it is seeded with, and where it is kept
 * @throws TypeError for an option that there is not, or one of another type
 * @throws RangeError for a port that is none, a seed that is no folder, or when `approveDeviceCodesAs` names nobody
 * @throws PracticeError `PORT_TAKEN` when `port` is, and others of `PracticeErrorCode` where the folder
 *   cannot be used; nothing that was begun is left behind
 * @example
 * import { DataLakeServiceClient } from "@azure/storage-file-datalake";
 *
 * await using cloud = await startPractice();
 * const url = "https://contosolake.dfs.core.windows.net";
 * const { httpClient } = cloud;
 * const client = new DataLakeServiceClient(url, cloud.credential("ada@contoso.com"), { httpClient });
 * await client.getFileSystemClient("raw").exists();
 */
export async function startPractice(options: PracticeOptions = {}): Promise<PracticeCloud> {
  checkOptions(options);
  const { seed = PACKAGE_DATA, port, background = false, requestLog } = options;
  const approver = findApprover(options.approveDeviceCodesAs);
  if (port) await refuseTakenPort(port);
  const folder =
    options.dir === undefined ? openTemporaryFolder() : openKeptFolder(resolve(options.dir));
  const { dir } = folder;
  const parts: Part[] = [];
  const close = async () => {
    // The last one opened is the first one closed: listeners before what they serve.
    for (const part of parts.reverse()) await part.close();
    folder.close();
  };
  try {
    const making = { dir, seed, port, ports: folder.ports, approver, requestLog };
    const cloud = await assemble(making, parts);
    if (background) {
      for (const part of parts) part.unref?.();
      process.once("exit", () => folder.close());
    }
    const { ports, ...rest } = cloud;
    folder.complete(ports);
    return { ...rest, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw explainFolderFailure(error, dir);
  }
}

function findApprover(name: string | undefined): User | undefined {
  if (name === undefined) return undefined;
  const user = findUser(name);
  if (!user) throw new RangeError(`nobody in the practice directory is called ${name}`);
  return user;
}
