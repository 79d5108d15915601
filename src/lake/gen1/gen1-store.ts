import { RestError } from "@azure/core-rest-pipeline";
import type { LakeEntry } from "../lake.ts";
import { joinPath, type LakeAddress } from "../location.ts";
import { ignoreMissing } from "../retry.ts";
import type { ListOptions, Page, RangeRequest, RangeTaker, Store } from "../store.ts";
import type { Transport } from "../transport.ts";
import { Gen1Access } from "./gen1-access.ts";
import { Gen1Wire } from "./gen1-wire.ts";

const PAGE_SIZE = 4000;

/** What LISTSTATUS and GETFILESTATUS say of a path. Times are in milliseconds since 1970. */
interface FileStatus {
  readonly pathSuffix: string;
  readonly type: "FILE" | "DIRECTORY";
  readonly length: number;
  readonly modificationTime: number;
  /** Absent or 0 when the file is to stay. */
  readonly msExpirationTime?: number;
}

/**
 * A Data Lake Storage Gen1 account over WebHDFS. Azure retired the service on 29 February 2024, so
 * only a practice cloud still has one; its `adl://ACCOUNT.azuredatalakestore.net/path` became
 * `abfss://FILESYSTEM@ACCOUNT.dfs.core.windows.net/path` in Gen2.
 *
 * WebHDFS knows no entity tags. Size and time of change stand in for them: they are compared
 * before and after a range is read, and a rename over a file removes that file first.
 *
 * @see https://learn.microsoft.com/rest/api/datalakestore/webhdfs-filesystem-apis
 */
export class Gen1Store implements Store {
  readonly address: LakeAddress;
  readonly access: Gen1Access;
  readonly parallelAppends = false;
  readonly listsDeep = false;
  readonly #wire: Gen1Wire;

  /** @param endpoint `https://ACCOUNT.azuredatalakestore.net` */
  constructor(address: LakeAddress, endpoint: string, transport: Transport) {
    this.address = address;
    this.#wire = new Gen1Wire(endpoint, transport);
    this.access = new Gen1Access(this, this.#wire);
  }

  async *listPages(
    directory: string,
    { pageSize = PAGE_SIZE, signal }: ListOptions,
  ): AsyncGenerator<Page> {
    let listAfter = "";
    do {
      const query = { listSize: pageSize, ...(listAfter && { listAfter }) };
      const reply = await this.#wire.json("GET", "LISTSTATUS", directory, query, signal);
      const { FileStatus, continuationToken } = reply.FileStatuses as {
        FileStatus: FileStatus[];
        continuationToken?: string;
      };
      listAfter = continuationToken ?? "";
      yield {
        entries: FileStatus.map((status) =>
          entryOf(joinPath(directory, status.pathSuffix), status),
        ),
        isLast: !listAfter,
      };
    } while (listAfter);
  }

  async stat(path: string, signal?: AbortSignal): Promise<LakeEntry> {
    const reply = await this.#wire.json("GET", "GETFILESTATUS", path, {}, signal);
    return entryOf(path, reply.FileStatus as FileStatus);
  }

  async fetchRange(
    path: string,
    { offset, length, etag }: RangeRequest,
    taker: RangeTaker,
    signal?: AbortSignal,
  ): Promise<void> {
    const version = await this.stat(path, signal);
    const check = (found: LakeEntry, wanted: string) => {
      if (found.etag === wanted) return;
      throw new RestError("the file has changed", { statusCode: 412, code: "ConditionNotMet" });
    };
    if (etag) check(version, etag);
    if (version.kind === "directory") {
      throw new RestError("it is a directory", { statusCode: 409, code: "PathConflict" });
    }
    if (offset > 0 && offset >= version.size) {
      throw new RestError("the file ends before", { statusCode: 416, code: "InvalidRange" });
    }
    const query = { read: true, offset, ...(length !== undefined && { length }) };
    const url = this.#wire.url("OPEN", path, query);
    const head = () => taker.begin(offset, version);
    const bytes = (chunk: Uint8Array) => taker.bytes(chunk);
    await this.#wire.transport.receive({ method: "GET", url, signal }, { head, bytes });
    check(await this.stat(path, signal), version.etag);
  }

  async createFile(path: string, signal?: AbortSignal): Promise<void> {
    await this.#wire.json("PUT", "CREATE", path, { write: true, overwrite: true }, signal);
  }

  async createDirectory(path: string, signal?: AbortSignal): Promise<void> {
    await this.#wire.json("PUT", "MKDIRS", path, {}, signal);
  }

  append(path: string, offset: number, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const url = this.#wire.url("APPEND", path, { append: true, offset, syncFlag: "DATA" });
    const request = { method: "POST", url, body: bytes, signal } as const;
    const isLonger = async () => (await this.stat(path, signal)).size === offset + bytes.length;
    return this.#wire.transport.sendOnce(request, isLonger);
  }

  async flush(): Promise<void> {} // an append lasts at once

  async rename(from: string, to: string, overwrite: boolean, signal?: AbortSignal): Promise<void> {
    if (overwrite) await this.#wire.json("DELETE", "DELETE", to, { recursive: false }, signal);
    const done = await this.#wire.json("PUT", "RENAME", from, { destination: `/${to}` }, signal);
    if (done.boolean) return;
    const [there, parent] = await Promise.allSettled([
      this.stat(to, signal),
      this.stat(to.slice(0, Math.max(0, to.lastIndexOf("/"))), signal),
    ]);
    if (there.status === "rejected" && parent.status === "rejected") {
      throw new RestError("no such directory", { statusCode: 404, code: "FileNotFoundException" });
    }
    throw new RestError("the destination exists", { statusCode: 409, code: "PathAlreadyExists" });
  }

  async remove(path: string, recursive: boolean, signal?: AbortSignal): Promise<void> {
    const done = await this.#wire.json("DELETE", "DELETE", path, { recursive }, signal);
    if (done.boolean) return;
    throw new RestError("it is not there", { statusCode: 404, code: "FileNotFoundException" });
  }

  concat(parts: readonly string[], to: string, signal?: AbortSignal): Promise<void> {
    const url = this.#wire.url("MSCONCAT", to, { deleteSourceDirectory: false });
    const body = Buffer.from(JSON.stringify({ sources: parts.map((part) => `/${part}`) }));
    const headers = { "Content-Type": "application/json" };
    const request = { method: "POST", url, headers, body, signal } as const;
    const isJoined = async () => (await this.stat(to, signal).catch(ignoreMissing)) !== undefined;
    return this.#wire.transport.sendOnce(request, isJoined);
  }

  async setExpiry(path: string, at: Date | undefined, signal?: AbortSignal): Promise<void> {
    const query = at
      ? { expiryOption: "Absolute", expireTime: at.getTime() }
      : { expiryOption: "NeverExpire" };
    const url = this.#wire.url("SETEXPIRY", path, query, "WebHdfsExt");
    await this.#wire.transport.send({ method: "PUT", url, signal });
  }
}

function entryOf(path: string, status: FileStatus): LakeEntry {
  const { type, length, modificationTime, msExpirationTime } = status;
  const kind = type === "DIRECTORY" ? "directory" : "file";
  return {
    path,
    kind,
    size: kind === "directory" ? 0 : length,
    modified: new Date(modificationTime),
    etag: `"${modificationTime.toString(16)}-${length.toString(16)}"`,
    ...(msExpirationTime && { expires: new Date(msExpirationTime) }),
  };
}
