import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { assemble } from "./assemble.ts";
import { BrowserUser } from "./authority/browser-user.ts";
import { openKeptFolder, openTemporaryFolder } from "./cloud-folder.ts";
import { findUser, type User } from "./directory/people.ts";
import { type Part, refuseTakenPort } from "./listener.ts";
import type { PracticeCloud, PracticeOptions } from "./practice-cloud.ts";
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
  const browserUser = new BrowserUser(approver, options.keepPersonSignedIn ?? false);
  if (port) await refuseTakenPort(port);
  const folder =
    options.dir === undefined ? openTemporaryFolder() : openKeptFolder(resolve(options.dir));
  const { dir } = folder;
  const parts: Part[] = [];
  const close = async () => {
    // In reverse order: listeners before what they serve.
    for (const part of parts.reverse()) await part.close();
    folder.close();
  };
  try {
    const making = { dir, seed, port, ports: folder.ports, browserUser, requestLog };
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

type Check = (value: unknown) => string | undefined;

const folderName: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : "the name of a folder";

/** Checks by option, each with what is expected. */
const CHECKS: Readonly<Record<keyof PracticeOptions, Check>> = {
  seed: folderName,
  dir: folderName,
  port: (value) => (Number.isInteger(value) ? undefined : "a whole number"),
  approveDeviceCodesAs: (value) => (typeof value === "string" ? undefined : "the name of a user"),
  keepPersonSignedIn: (value) => (typeof value === "boolean" ? undefined : "true or false"),
  requestLog: (value) =>
    Number.isInteger(value) && Number(value) >= 0 ? undefined : "a whole number, 0 or more",
  background: (value) => (typeof value === "boolean" ? undefined : "true or false"),
};

/**
 * Checks the options.
 *
 * @throws TypeError for an unknown option, or one of another type
 * @throws RangeError for an invalid port, or a seed that is no folder
 */
function checkOptions(options: PracticeOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(CHECKS, name)) {
      const known = Object.keys(CHECKS).join(", ");
      throw new TypeError(`startPractice has no option ${name}; there are ${known}`);
    }
    const expected = value === undefined ? undefined : CHECKS[name as keyof PracticeOptions](value);
    if (expected) throw new TypeError(`${name}: ${JSON.stringify(value)} is not ${expected}`);
  }
  const { port = 0, seed } = options;
  if (port < 0 || port > 65_535) {
    throw new RangeError(`port: ${port} is no port; 0 lets the system pick one, 65535 is the last`);
  }
  if (seed !== undefined && !statSync(seed, { throwIfNoEntry: false })?.isDirectory()) {
    throw new RangeError(
      `seed: ${seed} is no folder; each folder in the seed becomes a file system of the lake`,
    );
  }
}
