import { type PipelineResponse, RestError } from "@azure/core-rest-pipeline";
import { ForeignReply, lengthOf } from "../../core/azure-reply.ts";
import { ignoreMissing } from "../http/retry.ts";
import type { Transport } from "../http/transport.ts";
import type { LakeEntry } from "../lake.ts";
import { Continuations } from "../list/continuations.ts";
import type { ListOptions, Page, RangeRequest, RangeSink, Store } from "../store.ts";
import { joinPath, type LakeAddress } from "../url/location.ts";
import { Gen1Access } from "./gen1-access.ts";
import { Gen1Wire } from "./gen1-wire.ts";

const PAGE_SIZE = 4000;
const OK = [200];

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
 * WebHDFS has no ETags. Size and modification time stand in for them, and are compared before and after
 * a range is read. A rename over a file removes that file first.
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
    const continuations = new Continuations();
    do {
      const query = { listSize: pageSize, ...(listAfter && { listAfter }) };
      const read = (json: Record<string, unknown>) => {
        const page = statusesIn(json);
        const first = page?.FileStatus[0]?.pathSuffix;
        return page && continuations.isNew(page.continuationToken, first) ? page : undefined;
      };
      const { FileStatus, continuationToken } = await this.#wire.ask(
        ["GET", "LISTSTATUS"],
        directory,
        query,
        read,
        signal,
      );
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
    const read = ({ FileStatus }: Record<string, unknown>) =>
      isStatus(FileStatus) ? FileStatus : undefined;
    const status = await this.#wire.ask(["GET", "GETFILESTATUS"], path, {}, read, signal);
    return entryOf(path, status);
  }

  async fetchRange(
    path: string,
    { offset, length, etag }: RangeRequest,
    sink: RangeSink,
    signal?: AbortSignal,
  ): Promise<void> {
    const version = await this.stat(path, signal);
    const check = (match: LakeEntry, requested: string) => {
      if (match.etag === requested) return;
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
    const due = Math.min(length ?? version.size, version.size - offset);
    const head = (reply: PipelineResponse) => {
      if (lengthOf(reply) !== due) throw new ForeignReply(reply, `${due} bytes are due`);
      sink.begin(version);
    };
    const bytes = (chunk: Uint8Array) => sink.bytes(chunk);
    const request = { method: "GET", url, success: OK, signal } as const;
    await this.#wire.transport.receive(request, { head, bytes });
    check(await this.stat(path, signal), version.etag);
  }

  async createFile(path: string, signal?: AbortSignal): Promise<void> {
    await this.#wire.run(["PUT", "CREATE"], path, { write: true, overwrite: true }, signal, [201]);
  }

  async createDirectory(path: string, signal?: AbortSignal): Promise<void> {
    if (await this.#wire.askBoolean(["PUT", "MKDIRS"], path, {}, signal)) return;
    throw new RestError("a file is in the way", { statusCode: 409, code: "PathConflict" });
  }

  async append(
    path: string,
    offset: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void> {
    const url = this.#wire.url("APPEND", path, { append: true, offset, syncFlag: "DATA" });
    const request = { method: "POST", url, success: OK, body: bytes, signal } as const;
    const isLonger = async () => (await this.stat(path, signal)).size === offset + bytes.length;
    await this.#wire.transport.sendOnce(request, isLonger);
  }

  async flush(): Promise<void> {} // an append needs no commit

  async rename(from: string, to: string, overwrite: boolean, signal?: AbortSignal): Promise<void> {
    // False where there is nothing to delete.
    if (overwrite)
      await this.#wire.askBoolean(["DELETE", "DELETE"], to, { recursive: false }, signal);
    const destination = `/${to}`;
    if (await this.#wire.askBoolean(["PUT", "RENAME"], from, { destination }, signal)) return;
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
    if (await this.#wire.askBoolean(["DELETE", "DELETE"], path, { recursive }, signal)) return;
    throw new RestError("it is not there", { statusCode: 404, code: "FileNotFoundException" });
  }

  async concat(parts: readonly string[], to: string, signal?: AbortSignal): Promise<void> {
    const url = this.#wire.url("MSCONCAT", to, { deleteSourceDirectory: false });
    const body = Buffer.from(JSON.stringify({ sources: parts.map((part) => `/${part}`) }));
    const headers = { "Content-Type": "application/json" };
    const request = { method: "POST", url, success: OK, headers, body, signal } as const;
    const isJoined = async () => (await this.stat(to, signal).catch(ignoreMissing)) !== undefined;
    await this.#wire.transport.sendOnce(request, isJoined);
  }

  async setExpiry(path: string, at: Date | undefined, signal?: AbortSignal): Promise<void> {
    const query = at
      ? { expiryOption: "Absolute", expireTime: at.getTime() }
      : { expiryOption: "NeverExpire" };
    const url = this.#wire.url("SETEXPIRY", path, query, "WebHdfsExt");
    await this.#wire.transport.send({ method: "PUT", url, success: OK, signal });
  }
}

/** A page of LISTSTATUS, if that is what the JSON is. */
function statusesIn({ FileStatuses }: Record<string, unknown>) {
  const { FileStatus, continuationToken } = (FileStatuses ?? {}) as Record<string, unknown>;
  if (!Array.isArray(FileStatus) || !FileStatus.every(isStatus)) return;
  return { FileStatus, ...(typeof continuationToken === "string" && { continuationToken }) };
}

function isStatus(value: unknown): value is FileStatus {
  const status = (value ?? {}) as Partial<FileStatus>;
  const { pathSuffix, type, length, modificationTime } = status;
  return (
    typeof pathSuffix === "string" &&
    (type === "FILE" || type === "DIRECTORY") &&
    Number.isSafeInteger(length) &&
    Number.isSafeInteger(modificationTime)
  );
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
