import type { AclChanges, LakeAccess } from "../lake.ts";
import type { AccessLists } from "../store.ts";
import type { Gen2Wire } from "./gen2-wire.ts";

/** A page of the reply to a recursive change of access. */
interface AclPage {
  readonly filesSuccessful?: number;
  readonly directoriesSuccessful?: number;
  readonly failedEntries?: readonly { name: string; errorMessage: string }[];
}

/** Who may do what in a Gen2 file system. */
export class Gen2Access implements AccessLists {
  readonly #wire: Gen2Wire;

  constructor(wire: Gen2Wire) {
    this.#wire = wire;
  }

  async get(path: string, signal?: AbortSignal): Promise<LakeAccess> {
    const url = `${this.#wire.url(path)}?action=getAccessControl`;
    const { headers } = await this.#wire.send({ method: "HEAD", url, signal });
    return {
      owner: headers.get("x-ms-owner") ?? "",
      group: headers.get("x-ms-group") ?? "",
      permissions: headers.get("x-ms-permissions") ?? "",
      acl: (headers.get("x-ms-acl") ?? "").split(",").filter(Boolean),
    };
  }

  async set(path: string, acl: string, signal?: AbortSignal): Promise<void> {
    const url = `${this.#wire.url(path)}?action=setAccessControl`;
    await this.#wire.send({ method: "PATCH", url, headers: { "x-ms-acl": acl }, signal });
  }

  async setBelow(
    path: string,
    acl: string,
    mode: "set" | "modify" | "remove",
    signal?: AbortSignal,
  ): Promise<AclChanges> {
    const query = new URLSearchParams({ action: "setAccessControlRecursive", mode });
    query.set("forceFlag", "true"); // goes on behind a failure, and tells of it
    let [files, directories] = [0, 0];
    const failures: { path: string; reason: string }[] = [];
    for (;;) {
      const url = `${this.#wire.url(path)}?${query}`;
      const headers = { "x-ms-acl": acl };
      const reply = await this.#wire.send({ method: "PATCH", url, headers, signal });
      const page = JSON.parse(reply.bodyAsText ?? "{}") as AclPage;
      files += page.filesSuccessful ?? 0;
      directories += page.directoriesSuccessful ?? 0;
      for (const { name, errorMessage } of page.failedEntries ?? []) {
        failures.push({ path: name, reason: errorMessage });
      }
      const continuation = reply.headers.get("x-ms-continuation");
      if (!continuation) return { files, directories, failures };
      query.set("continuation", continuation);
    }
  }
}
