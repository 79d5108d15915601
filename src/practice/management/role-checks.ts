import { APPLICATIONS } from "../directory/applications.ts";
import { MANAGED_IDENTITIES } from "../directory/managed-identities.ts";
import { groupsOf } from "../directory/security-groups.ts";
import { RESOURCE_GROUP } from "../directory/tenant.ts";
import type { Principal, RoleCheck } from "../principal.ts";
import { Refusal } from "../service-refusal.ts";
import { covers, type Records, type RoleAssignment, same, subscriptionOf } from "./records.ts";
import { allows, findRole, leastRole } from "./role-definitions.ts";

/** Whether a principal's roles allow an operation at a scope. */
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
 * @throws Refusal `AuthorizationFailed`, with the message of Azure Resource Manager
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

/** Whether an assignment is of a principal or one of its groups. */
export function isHeldBy({ principalId }: RoleAssignment, id: string): boolean {
  return same(principalId, id) || groupsOf(id).includes(principalId);
}

/** The roles at a scope, inherited ones included. */
function rolesAt(records: Records, id: string, scope: string) {
  return records.assignments
    .filter((item) => isHeldBy(item, id) && covers(item.scope, scope))
    .flatMap(({ roleId }) => findRole(roleId) ?? []);
}

/** The full id of a resource, from an id that begins with the provider. */
export function createFullId(records: Records) {
  return (resource: string): string => {
    const [provider = "", , account = ""] = resource.split("/");
    const generation = same(provider, "Microsoft.DataLakeStore") ? "gen1" : "gen2";
    const group = records.findAccount(generation, account)?.group ?? RESOURCE_GROUP.name;
    return `${subscriptionOf(group)}/resourceGroups/${group}/providers/${resource}`;
  };
}

/** The roles at a resource, from an id that begins with the provider. */
export function createRoleCheck(records: Records): RoleCheck {
  const fullId = createFullId(records);
  return (id, resource) => rolesAt(records, id, fullId(resource)).map(({ name }) => name);
}

/** The name in messages: client id of services and identities, name of people. */
function clientName({ id, name }: Principal): string {
  const known = [...APPLICATIONS, ...MANAGED_IDENTITIES].find(({ objectId }) => objectId === id);
  return known?.clientId ?? name;
}
