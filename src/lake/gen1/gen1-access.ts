import { RestError } from "@azure/core-rest-pipeline";
import type { AclChanges, LakeAccess, LakeEntry } from "../lake.ts";
import { listBelow } from "../list/list-glob.ts";
import type { AccessLists, Store } from "../store.ts";
import type { Gen1Wire } from "./gen1-wire.ts";

interface AclStatus {
  /** Entries beyond those of the owner and of the others, which `permission` holds. */
  readonly entries: readonly string[];
  readonly owner: string;
  readonly group: string;
  /** Octal: `750`. */
  readonly permission: string;
}

/** Who may do what in a Gen1 account. */
export class Gen1Access implements AccessLists {
  readonly #store: Store;
  readonly #wire: Gen1Wire;

  /** @param store to list the account's files */
  constructor(store: Store, wire: Gen1Wire) {
    this.#store = store;
    this.#wire = wire;
  }

  async get(path: string, signal?: AbortSignal): Promise<LakeAccess> {
    const read = ({ AclStatus }: Record<string, unknown>) =>
      isAclStatus(AclStatus) ? AclStatus : undefined;
    const status = await this.#wire.ask(["GET", "GETACLSTATUS"], path, {}, read, signal);
    const { entries, owner, group, permission } = status;
    const [user = "", own = "", other = ""] = [...permission.slice(-3)].map(bits);
    const acl = [`user::${user}`, ...entries, `other::${other}`];
    if (!entries.some((entry) => entry.startsWith("group::"))) acl.splice(1, 0, `group::${own}`);
    return { owner, group, permissions: user + own + other, acl };
  }

  async set(path: string, acl: string, signal?: AbortSignal): Promise<void> {
    await this.#wire.run(["PUT", "SETACL"], path, { aclspec: acl }, signal);
  }

  async setBelow(
    path: string,
    acl: string,
    mode: "set" | "modify" | "remove",
    signal?: AbortSignal,
  ): Promise<AclChanges> {
    const operation = { set: "SETACL", modify: "MODIFYACLENTRIES", remove: "REMOVEACLENTRIES" }[
      mode
    ];
    // Only directories have default entries.
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
        if (aclspec) await this.#wire.run(["PUT", operation], path, { aclspec }, signal);
        changes[kind === "directory" ? "directories" : "files"]++;
      } catch (error) {
        if (!(error instanceof RestError) || error.statusCode !== 403) throw error;
        changes.failures.push({ path, reason: error.message });
      }
    };
    await change(await this.#store.stat(path, signal));
    for await (const entry of listBelow(this.#store, path, signal)) await change(entry);
    return changes;
  }
}

function isAclStatus(value: unknown): value is AclStatus {
  const { entries, owner, group, permission } = (value ?? {}) as Partial<AclStatus>;
  return (
    Array.isArray(entries) && [owner, group, permission].every((text) => typeof text === "string")
  );
}

/** `5` as `r-x`. */
function bits(octal: string): string {
  const value = Number(octal);
  return [..."rwx"].map((letter, index) => (value & (4 >> index) ? letter : "-")).join("");
}
