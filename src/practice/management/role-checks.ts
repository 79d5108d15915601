import { APPLICATIONS } from "../directory/applications.ts";
import { MANAGED_IDENTITIES } from "../directory/managed-identities.ts";
import { groupsOf } from "../directory/security-groups.ts";
import { RESOURCE_GROUP } from "../directory/tenant.ts";
import type { Principal, RoleCheck } from "../principal.ts";
import { Refusal } from "../service-refusal.ts";
import { covers, type Records, type RoleAssignment, same, subscriptionOf } from "./records.ts";
import { allows, findRole, leastRole } from "./role-definitions.ts";

/** Whether a principal's roles let it do an operation at a scope. */
export function mayDo(
  records: Records,
  principal: Principal,
  action: string,
  scope: string,
): boolean {
  return rolesAt(records, principal.id, scope).some((role) => allows(role, action));
}

/**
 * Refuses an operation that no role of the principal allows at the scope.
 *
 * @throws Refusal `AuthorizationFailed`, worded as Azure Resource Manager words it
 */
export function demand(
  records: Records,
  principal: Principal,
  action: string,
  scope: string,
): void {
  if (mayDo(records, principal, action, scope)) return;
  const refusal = new Refusal(
    403,
    "AuthorizationFailed",
    `The client '${clientName(principal)}' with object id '${principal.id}' does not have ` +
      `authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. ` +
      "If access was recently granted, please refresh your credentials.",
  );
  const needs = leastRole(action)?.name ?? "Owner";
  const has = rolesAt(records, principal.id, scope).map(({ name }) => name);
  throw refusal.because({ by: "role", needs, at: scope, has, action });
}

/** Whether an assignment is somebody's own, or that of a group they belong to. */
export function isHeldBy({ principalId }: RoleAssignment, id: string): boolean {
  return same(principalId, id) || groupsOf(id).includes(principalId);
}

/** The roles that hold at a scope, given at it or above. */
function rolesAt(records: Records, id: string, scope: string) {
  return records.assignments
    .filter((item) => isHeldBy(item, id) && covers(item.scope, scope))
    .flatMap(({ roleId }) => findRole(roleId) ?? []);
}

/** The full id of a resource that the lake names from its provider on. */
export function createFullId(records: Records) {
  return (resource: string): string => {
    const [provider = "", , account = ""] = resource.split("/");
    const generation = same(provider, "Microsoft.DataLakeStore") ? "gen1" : "gen2";
    const group = records.findAccount(generation, account)?.group ?? RESOURCE_GROUP.name;
    return `${subscriptionOf(group)}/resourceGroups/${group}/providers/${resource}`;
  };
}

/** The lake's question: which roles hold at a resource, which it names from its provider on. */
export function createRoleCheck(records: Records): RoleCheck {
  const fullId = createFullId(records);
  return (id, resource) => rolesAt(records, id, fullId(resource)).map(({ name }) => name);
}

/** Services and identities go by their client id, people by their name. */
function clientName({ id, name }: Principal): string {
  const known = [...APPLICATIONS, ...MANAGED_IDENTITIES].find(({ objectId }) => objectId === id);
  return known?.clientId ?? name;
}
