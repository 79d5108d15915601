import type { RoleCheck } from "../../principal.ts";
import { ACTIONS, type ActionName, WIDE_ACTIONS, type WideActionName } from "./actions.ts";
import { SUPER_USER } from "./owner.ts";

/** Who calls, and what lets them, whatever way they proved who they are. */
export interface Caller {
  /** Object id; `$superuser` for who signs with an account key. */
  readonly id: string;
  readonly tenantId: string;
  /** Object ids of the groups that they belong to. */
  readonly groups: readonly string[];
  /** Whether access lists may grant what nothing else does. */
  readonly isHeldToAcl: boolean;
  /** Whether what they present allows this on a path. */
  may(action: ActionName, fileSystem: string, names: readonly string[]): boolean;
  /** Whether what they present allows this on a file system or the account. */
  mayWide(action: WideActionName, fileSystem: string): boolean;
}

type Role = "read" | "write" | "own";

// What each built-in data role of Azure Storage grants.
const GRANTS: Readonly<Record<string, readonly Role[]>> = {
  "Storage Blob Data Owner": ["read", "write", "own"],
  "Storage Blob Data Contributor": ["read", "write"],
  "Storage Blob Data Reader": ["read"],
};
const DELEGATORS = [...Object.keys(GRANTS), "Storage Blob Delegator"];

/** A caller with a bearer token: roles first, then access lists. */
export function callerByRoles(
  principal: Pick<Caller, "id" | "tenantId" | "groups">,
  rolesAt: (scope: string) => readonly string[],
  account: string,
): Caller {
  const scopeOf = (fileSystem: string) => {
    const scope = `Microsoft.Storage/storageAccounts/${account}`;
    return fileSystem ? `${scope}/blobServices/default/containers/${fileSystem}` : scope;
  };
  const has = (role: Role, fileSystem: string) =>
    rolesAt(scopeOf(fileSystem)).some((name) => GRANTS[name]?.includes(role));
  return {
    ...principal,
    isHeldToAcl: true,
    may: (action, fileSystem) => has(ACTIONS[action].role, fileSystem),
    mayWide: (action, fileSystem) =>
      action === "delegate"
        ? rolesAt(scopeOf("")).some((name) => DELEGATORS.includes(name))
        : has(WIDE_ACTIONS[action].role, fileSystem),
  };
}

/** A caller with an account key may do everything, except to sign for somebody. */
export const KEY_HOLDER: Caller = {
  id: SUPER_USER,
  tenantId: "",
  groups: [],
  isHeldToAcl: false,
  may: () => true,
  mayWide: (action) => action !== "delegate",
};

/** The roles of somebody, asked for at most once a scope in one request. */
export function rolesOf(roles: RoleCheck, id: string) {
  const known = new Map<string, readonly string[]>();
  return (scope: string): readonly string[] => {
    const found = known.get(scope) ?? roles(id, scope);
    known.set(scope, found);
    return found;
  };
}
