import { ForeignReply, headerOf, jsonOf } from "../../core/azure-reply.ts";
import type { AclChanges, LakeAccess } from "../lake.ts";
import { Continuations } from "../list/continuations.ts";
import type { AccessLists } from "../store.ts";
import type { Gen2Wire } from "./gen2-wire.ts";

/** A page of the reply to a recursive change of access. */
interface AclPage {
  readonly filesSuccessful?: number;
  readonly directoriesSuccessful?: number;
  readonly failureCount?: number;
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
    const reply = await this.#wire.send({ method: "HEAD", url, success: [200], signal });
    return {
      owner: reply.headers.get("x-ms-owner") ?? "",
      group: reply.headers.get("x-ms-group") ?? "",
      permissions: headerOf(reply, "x-ms-permissions"),
      acl: headerOf(reply, "x-ms-acl").split(",").filter(Boolean),
    };
  }

  async set(path: string, acl: string, signal?: AbortSignal): Promise<void> {
    const url = `${this.#wire.url(path)}?action=setAccessControl`;
    const headers = { "x-ms-acl": acl };
    await this.#wire.send({ method: "PATCH", url, success: [200], headers, signal });
  }

  async setBelow(
    path: string,
    acl: string,
    mode: "set" | "modify" | "remove",
    signal?: AbortSignal,
  ): Promise<AclChanges> {
    const query = new URLSearchParams({ action: "setAccessControlRecursive", mode });
    query.set("forceFlag", "true"); // continues after a failure, and reports it
    let [files, directories] = [0, 0];
    const failures: { path: string; reason: string }[] = [];
    let unnamed = 0;
    const continuations = new Continuations();
    for (;;) {
      const url = `${this.#wire.url(path)}?${query}`;
      const headers = { "x-ms-acl": acl };
      const request = { method: "PATCH", url, success: [200], headers, signal } as const;
      const reply = await this.#wire.send(request);
      const page = jsonOf(reply) as AclPage;
      const { filesSuccessful, directoriesSuccessful, failedEntries = [] } = page;
      const { failureCount = failedEntries.length } = page;
      if (![filesSuccessful, directoriesSuccessful, failureCount].every(Number.isSafeInteger)) {
        throw new ForeignReply(reply, "its JSON does not count what was changed");
      }
      files += filesSuccessful ?? 0;
      directories += directoriesSuccessful ?? 0;
      for (const { name, errorMessage } of failedEntries) {
        failures.push({ path: name, reason: errorMessage });
      }
      unnamed += Math.max(0, failureCount - failedEntries.length);
      const continuation = reply.headers.get("x-ms-continuation");
      if (!continuation) {
        if (unnamed > 0) failures.push({ path, reason: `${unnamed} more below it, not named` });
        return { files, directories, failures };
      }
      if (!continuations.isNew(continuation)) {
        throw new ForeignReply(reply, "its continuation token came before");
      }
      query.set("continuation", continuation);
    }
  }
}
