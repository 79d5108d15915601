import { RestError } from "@azure/core-rest-pipeline";
import type { AclChanges, LakeAccess, LakeEntry } from "../lake.ts";
import { listBelow } from "../listing.ts";
import { escapePath, joinPath, type LakeAddress } from "../location.ts";
import { ignoreMissing, type Patience, persist } from "../retry.ts";
import type { RangeRequest, RangeTaker, Store } from "../store.ts";
import type { Transport, WireRequest } from "../transport.ts";

const API_VERSION = "2018-09-01";
const PAGE = 4000;

/** What LISTSTATUS and GETFILESTATUS say of a path. Times are in milliseconds since 1970. */
interface FileStatus {
  readonly pathSuffix: string;
  readonly type: "FILE" | "DIRECTORY";
  readonly length: number;
  readonly modificationTime: number;
  /** Absent or 0 when the file is to stay. */
  readonly msExpirationTime?: number;
}

interface AclStatus {
  /** Entries beyond those of the owner and of the others, which `permission` holds. */
  readonly entries: readonly string[];
  readonly owner: string;
  readonly group: string;
  /** Octal: `750`. */
  readonly permission: string;
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
  readonly parallelAppends = false;
  readonly listsDeep = false;
  readonly #root: string;
  readonly #transport: Transport;
  readonly #patience: Patience;

  /** @param endpoint `https://ACCOUNT.azuredatalakestore.net` */
  constructor(address: LakeAddress, endpoint: string, transport: Transport, patience: Patience) {
    this.address = address;
    this.#root = `${endpoint}/webhdfs/v1`;
    this.#transport = transport;
    this.#patience = patience;
  }

  async *listPages(
    directory: string,
    { signal }: { signal?: AbortSignal | undefined },
  ): AsyncGenerator<LakeEntry[]> {
    let listAfter = "";
    do {
      const query = { listSize: PAGE, ...(listAfter && { listAfter }) };
      const reply = await this.#json("GET", "LISTSTATUS", directory, query, signal);
      const { FileStatus, continuationToken } = reply.FileStatuses as {
        FileStatus: FileStatus[];
        continuationToken?: string;
      };
      yield FileStatus.map((status) => entryOf(joinPath(directory, status.pathSuffix), status));
      listAfter = continuationToken ?? "";
    } while (listAfter);
  }

  async stat(path: string, signal?: AbortSignal): Promise<LakeEntry> {
    const reply = await this.#json("GET", "GETFILESTATUS", path, {}, signal);
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
    const url = this.#url("OPEN", path, query);
    const head = () => taker.begin(offset, version);
    const bytes = (chunk: Uint8Array) => taker.bytes(chunk);
    const { idle } = this.#patience;
    await this.#transport.receive({ method: "GET", url, signal }, { head, bytes }, idle);
    check(await this.stat(path, signal), version.etag);
  }

  async createFile(path: string, signal?: AbortSignal): Promise<void> {
    await this.#json("PUT", "CREATE", path, { write: true, overwrite: true }, signal);
  }

  async createDirectory(path: string, signal?: AbortSignal): Promise<void> {
    await this.#json("PUT", "MKDIRS", path, {}, signal);
  }

  async append(
    path: string,
    offset: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void> {
    const url = this.#url("APPEND", path, { append: true, offset, syncFlag: "DATA" });
    const request = { method: "POST", url, body: bytes, signal } as const;
    let tries = 0;
    try {
      await this.#send(() => {
        tries++;
        return request;
      }, signal);
    } catch (error) {
      // An earlier try may have done it, though its answer never came: then the file is longer.
      const done = tries > 1 && (await this.stat(path, signal)).size === offset + bytes.length;
      if (!done) throw error;
    }
  }

  async flush(): Promise<void> {} // an append lasts at once

  async rename(from: string, to: string, overwrite: boolean, signal?: AbortSignal): Promise<void> {
    if (overwrite) await this.#json("DELETE", "DELETE", to, { recursive: false }, signal);
    const done = await this.#json("PUT", "RENAME", from, { destination: `/${to}` }, signal);
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
    const done = await this.#json("DELETE", "DELETE", path, { recursive }, signal);
    if (done.boolean) return;
    throw new RestError("it is not there", { statusCode: 404, code: "FileNotFoundException" });
  }

  async concat(parts: readonly string[], to: string, signal?: AbortSignal): Promise<void> {
    const url = this.#url("MSCONCAT", to, { deleteSourceDirectory: false });
    const body = Buffer.from(JSON.stringify({ sources: parts.map((part) => `/${part}`) }));
    const headers = { "Content-Type": "application/json" };
    let tries = 0;
    const request = (): WireRequest => {
      tries++;
      return { method: "POST", url, headers, body, signal };
    };
    try {
      await this.#send(request, signal);
    } catch (error) {
      // An earlier try may have done it, though its answer never came: then the parts are gone.
      if (tries === 1 || !(await this.stat(to, signal).catch(ignoreMissing))) throw error;
    }
  }

  async setExpiry(path: string, at: Date | undefined, signal?: AbortSignal): Promise<void> {
    const query = at
      ? { expiryOption: "Absolute", expireTime: at.getTime() }
      : { expiryOption: "NeverExpire" };
    const url = this.#url("SETEXPIRY", path, query).replace("/webhdfs/v1/", "/WebHdfsExt/");
    await this.#send(() => ({ method: "PUT", url, signal }), signal);
  }

  async access(path: string, signal?: AbortSignal): Promise<LakeAccess> {
    const reply = await this.#json("GET", "GETACLSTATUS", path, {}, signal);
    const { entries, owner, group, permission } = reply.AclStatus as AclStatus;
    const [user = "", own = "", other = ""] = [...permission.slice(-3)].map(bits);
    const acl = [`user::${user}`, ...entries, `other::${other}`];
    if (!entries.some((entry) => entry.startsWith("group::"))) acl.splice(1, 0, `group::${own}`);
    return { owner, group, permissions: user + own + other, acl };
  }

  async setAcl(path: string, acl: string, signal?: AbortSignal): Promise<void> {
    await this.#json("PUT", "SETACL", path, { aclspec: acl }, signal);
  }

  async setAclBelow(
    path: string,
    acl: string,
    mode: "set" | "modify" | "remove",
    signal?: AbortSignal,
  ): Promise<AclChanges> {
    const operation = { set: "SETACL", modify: "MODIFYACLENTRIES", remove: "REMOVEACLENTRIES" }[
      mode
    ];
    // A file has no default entries, which are for what is made in a directory later.
    const own = acl
      .split(",")
      .filter((entry) => !entry.startsWith("default:"))
      .join(",");
    const changes = {
      files: 0,
      directories: 0,
      failures: [] as { path: string; reason: string }[],
    };
    const change = async ({ path, kind }: Pick<LakeEntry, "path" | "kind">) => {
      try {
        const aclspec = kind === "directory" ? acl : own;
        if (aclspec) await this.#json("PUT", operation, path, { aclspec }, signal);
        changes[kind === "directory" ? "directories" : "files"]++;
      } catch (error) {
        if (!(error instanceof RestError) || error.statusCode !== 403) throw error;
        changes.failures.push({ path, reason: error.message });
      }
    };
    await change(await this.stat(path, signal));
    for await (const entry of listBelow(this, path, signal)) await change(entry);
    return changes;
  }

  #url(operation: string, path: string, query: Record<string, string | number | boolean>): string {
    const all = new URLSearchParams({ op: operation, "api-version": API_VERSION });
    for (const [name, value] of Object.entries(query)) all.set(name, String(value));
    return `${this.#root}/${escapePath(path)}?${all}`;
  }

  async #json(
    method: "GET" | "PUT" | "DELETE",
    operation: string,
    path: string,
    query: Record<string, string | number | boolean>,
    signal: AbortSignal | undefined,
  ): Promise<Record<string, unknown>> {
    const url = this.#url(operation, path, query);
    const { bodyAsText } = await this.#send(() => ({ method, url, signal }), signal);
    return bodyAsText ? JSON.parse(bodyAsText) : {};
  }

  #send(request: () => WireRequest, signal: AbortSignal | undefined) {
    const timeout = this.#patience.idle;
    return persist(() => this.#transport.send({ timeout, ...request() }), this.#patience, signal);
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

/** `5` as `r-x`. */
function bits(octal: string): string {
  const value = Number(octal);
  return [..."rwx"].map((letter, index) => (value & (4 >> index) ? letter : "-")).join("");
}
