import type { RoleCheck } from "../../principal.ts";
import type { RefusalReason } from "../../service-refusal.ts";
import { SUPER_USER } from "../storage/node.ts";
import { ACTIONS, type ActionName, WIDE_ACTIONS, type WideActionName } from "./data-actions.ts";

/** The caller of a request, and what they may do, by whatever authentication. */
export interface Caller {
  /** Object id; `$superuser` for an account key. */
  readonly id: string;
  readonly tenantId: string;
  /** Object ids of the groups that they belong to. */
  readonly groups: readonly string[];
  /** When ACLs apply: `instead` of a missing role, `besides` everything else, or never. */
  readonly acl: "instead" | "besides" | "nothing";
  /** Headers that a signature overrides in answers to reads, by names in lower case. */
  readonly overrides?: Readonly<Record<string, string>>;
  /**
   * Why a signature does not allow this on a path, by its permissions, its scope or its signer;
   * undefined when it does. Nothing else can allow it then.
   */
  bars?(
    action: ActionName,
    fileSystem: string,
    names: readonly string[],
  ): RefusalReason | undefined;
  /** Why no role allows this on a path; undefined when one does. */
  lacks(action: ActionName, fileSystem: string): RefusalReason | undefined;
  /** Why neither role nor signature allows this on a file system or the account; undefined when one does. */
  lacksWide(action: WideActionName, fileSystem: string): RefusalReason | undefined;
}

type Role = "read" | "write" | "own";

// What each built-in data role of Azure Storage grants.
const GRANTS: Readonly<Record<string, readonly Role[]>> = {
  "Storage Blob Data Owner": ["read", "write", "own"],
  "Storage Blob Data Contributor": ["read", "write"],
  "Storage Blob Data Reader": ["read"],
};
const DELEGATOR = "Storage Blob Delegator";

/** How roles are looked up. */
export interface RoleQuestions {
  rolesAt(scope: string): readonly string[];
  fullId(scope: string): string;
}

/** A caller with a bearer token: roles first, then access lists. */
export function callerByRoles(
  principal: Pick<Caller, "id" | "tenantId" | "groups">,
  { rolesAt, fullId }: RoleQuestions,
  account: string,
): Caller {
  const scopeOf = (fileSystem: string) => {
    const scope = `Microsoft.Storage/storageAccounts/${account}`;
    return fileSystem ? `${scope}/blobServices/default/containers/${fileSystem}` : scope;
  };
  const lacks = (
    needs: string,
    fileSystem: string,
    isEnough: (name: string) => boolean,
  ): RefusalReason | undefined => {
    const has = rolesAt(scopeOf(fileSystem));
    if (has.some(isEnough)) return undefined;
    return { by: "role", needs, at: fullId(scopeOf(fileSystem)), has };
  };
  const lacksRole = (role: Role, fileSystem: string) =>
    lacks(LEAST[role], fileSystem, (name) => GRANTS[name]?.includes(role) === true);
  const isDelegator = (name: string) => name === DELEGATOR || Object.hasOwn(GRANTS, name);
  return {
    ...principal,
    acl: "instead",
    lacks: (action, fileSystem) => lacksRole(ACTIONS[action].role, fileSystem),
    lacksWide: (action, fileSystem) =>
      action === "delegate"
        ? lacks(DELEGATOR, "", isDelegator)
        : lacksRole(WIDE_ACTIONS[action].role, fileSystem),
  };
}

// The least privileged role that grants each.
const LEAST: Readonly<Record<Role, string>> = {
  read: "Storage Blob Data Reader",
  write: "Storage Blob Data Contributor",
  own: "Storage Blob Data Owner",
};

/** A caller with an account key may do everything but get a user delegation key. */
export const KEY_HOLDER: Caller = {
  id: SUPER_USER,
  tenantId: "",
  groups: [],
  acl: "nothing",
  lacks: () => undefined,
  lacksWide: (action) =>
    action === "delegate"
      ? { by: "signature", why: "a user delegation key needs a token" }
      : undefined,
};

/** Roles by scope, looked up once in a request. */
export function rolesOf(roles: RoleCheck, id: string) {
  const known = new Map<string, readonly string[]>();
  return (scope: string): readonly string[] => {
    const names = known.get(scope) ?? roles(id, scope);
    known.set(scope, names);
    return names;
  };
}

/** Headers of OneLake in place of an access list: nothing there has an owner. */
const shownAccess = (bits: string) => ({
  "x-ms-owner": "$superuser",
  "x-ms-group": "$superuser",
  "x-ms-permissions": "---------",
  "x-ms-acl": `user::${bits},group::---,other::---`,
});

/** A caller on OneLake, whose role in the workspace alone decides. */
export function callerByWorkspace(
  principal: Pick<Caller, "id" | "tenantId" | "groups">,
  role: string | undefined,
): Caller {
  const writes = role !== undefined && role !== "Viewer";
  const lacking = (needs: string, workspace: string): RefusalReason => {
    const at = `/workspaces/${workspace}`;
    return { by: "role", needs, at, has: role === undefined ? [] : [role] };
  };
  return {
    ...principal,
    acl: "nothing",
    overrides: shownAccess(writes ? "rwx" : "r-x"),
    // Viewers list items; files need Contributor or more.
    bars: (action, workspace, names) => {
      const isLook = names.length === 0 && (action === "list" || action === "status");
      return writes || (role && isLook) ? undefined : lacking("Contributor", workspace);
    },
    lacks: () => undefined,
    lacksWide: (_action, workspace) => (role ? undefined : lacking("Viewer", workspace)),
  };
}
