import { join } from "node:path";
import { assemble } from "./assemble.ts";
import type { PracticeCloud, PracticeOptions } from "./description.ts";
import { findUser, type User } from "./directory/people.ts";
import { lockFolder } from "./folder-lock.ts";
import { checkOptions } from "./options.ts";
import { makeOwnFolder } from "./own-folder.ts";
import type { Part } from "./part.ts";
import { makeTemporaryFolder, removeFolder } from "./temporary-folder.ts";

const PACKAGE_DATA = join(import.meta.dirname, "../../data");

/**
 * Starts a practice cloud on 127.0.0.1.
 *
 *     await using cloud = await startPractice();
 *
 * @throws TypeError for an option that there is not, or one of another type
 * @throws RangeError for a port that is none, a seed that is no folder, or when `approveDeviceCodesAs` names nobody
 * @throws Error when another practice cloud uses `dir`
 * @throws Error when `dir` cannot be written
 * @throws the system's error when `port` is taken
 */
export async function startPractice(options: PracticeOptions = {}): Promise<PracticeCloud> {
  checkOptions(options);
  const { seed = PACKAGE_DATA, port = 0, background = false } = options;
  const approver = findApprover(options.approveDeviceCodesAs);
  const dir = options.dir ?? makeTemporaryFolder();
  const temporary = options.dir === undefined;
  const made = makeOwnFolder(dir);
  const parts: Part[] = [];
  const close = async () => {
    // The last one opened is the first one closed: listeners before what they serve.
    for (const part of parts.reverse()) await part.close();
    if (temporary) removeFolder(dir);
  };
  try {
    if (!temporary) parts.push(lockFolder(dir));
    const cloud = await assemble({ dir, seed, port, approver }, parts);
    if (background) {
      for (const part of parts) part.unref?.();
      if (temporary) process.once("exit", () => removeFolder(dir));
    }
    return { ...cloud, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    // A folder that was there before stays; one that was made for nothing goes.
    if (made !== undefined) removeFolder(made);
    throw error;
  }
}

function findApprover(name: string | undefined): User | undefined {
  if (name === undefined) return undefined;
  const user = findUser(name);
  if (!user) throw new RangeError(`nobody in the practice directory is called ${name}`);
  return user;
}
