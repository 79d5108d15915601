import { inspect } from "node:util";
import { LakeError } from "../core/errors.ts";
import { COMPLETE_PATHS } from "../core/path-source.ts";
import type { Operation } from "./explain-failure.ts";
import { Guard, type LakeParts } from "./guard.ts";
import type { DownloadOptions, Lake, LakeEntry, SyncOptions, TransferOptions } from "./lake.ts";
import { readMethods } from "./lake-reading.ts";
import { writeMethods } from "./lake-writing.ts";
import { refuseFabricOperation } from "./onelake.ts";
import type { FileSystems } from "./store.ts";
import { syncDown, syncUp } from "./sync/sync.ts";
import { Transfers } from "./transfer/transfers.ts";
import { lakeUrl, PATH_OF } from "./url/location.ts";

/** A Lake over a store. */
export function storedLake(parts: LakeParts): Lake {
  const guard = new Guard(parts);
  const { address } = parts.store;
  const reading = readMethods(guard);
  const url = lakeUrl(parts.cloud, address);
  const lake: Lake = {
    url,
    account: address.account,
    fileSystem: address.fileSystem,
    ...fileSystemMethods(guard),
    ...reading,
    ...writeMethods(guard, reading),
    ...transferMethods(guard, reading.stat),
    ...accessMethods(guard),
  };
  return Object.defineProperties(lake, {
    // What `console.log` prints.
    [inspect.custom]: { value: () => `Lake ${url}` },
    [PATH_OF]: { value: (text: string) => guard.path(text) },
    [COMPLETE_PATHS]: {
      value: (start: string, signal: AbortSignal) => completePaths(guard, start, signal),
    },
  });
}

/** The most names that completion offers of a directory: what one request lists. */
const COMPLETED_ENTRIES = 1000;

async function completePaths(
  { store }: Guard,
  start: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const directory = start.slice(0, Math.max(start.lastIndexOf("/"), 0));
  const options = { recursive: false, pageSize: COMPLETED_ENTRIES, signal };
  for await (const { entries } of store.listPages(directory, options)) {
    const matching = entries.filter(({ path }) => path.startsWith(start));
    return matching.map(({ path, kind }) => (kind === "directory" ? `${path}/` : path));
  }
  return [];
}

function fileSystemMethods(guard: Guard): Pick<Lake, "createFileSystem" | "deleteFileSystem"> {
  const fileSystems = (): FileSystems => {
    refuseFabricOperation(guard.store.address, "workspaces");
    if (guard.store.fileSystems) return guard.store.fileSystems;
    throw new LakeError("BAD_REQUEST", `${guard.name} is always one file system`, {
      hint: "A Gen1 account is made and deleted as a whole: openAccounts does both.",
    });
  };
  return {
    createFileSystem: ({ signal } = {}) =>
      guard.attempt("write", "", signal, async () => fileSystems().create(signal)),
    deleteFileSystem: ({ signal } = {}) =>
      guard.attempt("delete", "", signal, async () => fileSystems().delete(signal)),
  };
}

function transferMethods(
  guard: Guard,
  stat: Lake["stat"],
): Pick<Lake, "download" | "upload" | "copy" | "syncUp" | "syncDown"> {
  const transfers = ({ overwrite = false, signal, onProgress }: TransferOptions) => {
    const attempt = <T>(operation: Operation, path: string, work: () => Promise<T>) =>
      guard.attempt(operation, path, signal, work);
    const { store, retryPolicy } = guard;
    return new Transfers(store, { retryPolicy, overwrite, signal, onProgress, attempt });
  };
  const syncing = (work: typeof syncUp, localPath: string, text: string, options: SyncOptions) => {
    const { store, retryPolicy } = guard;
    return guard.attempt("list", text, options.signal, async (path) => {
      const sides = { store, retryPolicy, localPath, path };
      return work(sides, transfers({ ...options, overwrite: true }), options);
    });
  };
  return {
    syncUp: (localPath, path, options = {}) => syncing(syncUp, localPath, path, options),
    syncDown: (path, localPath, options = {}) => syncing(syncDown, localPath, path, options),
    async download(path, localPath, options: DownloadOptions = {}): Promise<LakeEntry> {
      const { durable = true, entry = await stat(path, options) } = options;
      const source = { ...entry, path: guard.path(path) };
      return transfers(options).download(source, localPath, durable);
    },
    async upload(localPath, path, options = {}): Promise<LakeEntry> {
      await transfers(options).upload(localPath, guard.file(path));
      return stat(path, options);
    },
    async copy(from, to, options = {}): Promise<LakeEntry> {
      const entry = await stat(from, options);
      await transfers(options).copy(entry, guard.file(to));
      return stat(to, options);
    },
  };
}

function accessMethods(guard: Guard): Pick<Lake, "access" | "setAcl"> {
  const { store } = guard;
  const { access } = store;
  return {
    access: (path, { signal } = {}) =>
      guard.attempt("read", path, signal, (clean) => access.get(clean, signal)),
    setAcl: (path, acl, { recursive = false, mode = "set", signal } = {}) =>
      guard.attempt("change the access of", path, signal, async (clean) => {
        refuseFabricOperation(store.address, "access");
        if (recursive) return access.setBelow(clean, acl.join(","), mode, signal);
        const { kind } = await store.stat(clean, signal);
        await access.set(clean, acl.join(","), signal);
        const directories = kind === "directory" ? 1 : 0;
        return { files: 1 - directories, directories, failures: [] };
      }),
  };
}
