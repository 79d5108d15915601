import { findPrincipal } from "../directory/principals.ts";
import type { Principal } from "../principal.ts";
import { Refusal } from "../service-refusal.ts";
import { type Call, readBody, reply, replyEmpty } from "./arm-call.ts";
import { covers, type RoleAssignment, same } from "./records.ts";
import { isHeldBy } from "./role-checks.ts";
import { findRole, ROLE_DEFINITIONS, type RoleDefinition } from "./role-definitions.ts";

const ACTION = "Microsoft.Authorization/roleAssignments";

const PRINCIPAL_TYPES: Readonly<Record<Principal["kind"], string>> = {
  user: "User",
  group: "Group",
  service: "ServicePrincipal",
  "managed-identity": "ServicePrincipal",
};

/** Lists role definitions, or those of one name: `$filter=roleName eq 'Owner'`. */
export async function listRoles(call: Call, scope: string): Promise<void> {
  call.demand("Microsoft.Authorization/roleDefinitions/read", scope);
  const filter = call.query.get("$filter") ?? "";
  const name = /roleName eq '([^']*)'/i.exec(filter)?.[1];
  const roles = ROLE_DEFINITIONS.filter((role) => name === undefined || same(role.name, name));
  reply(call, 200, { value: roles.map((role) => describeRole(role, scope)) });
}

export async function getRole(call: Call, scope: string, id: string): Promise<void> {
  call.demand("Microsoft.Authorization/roleDefinitions/read", scope);
  const role = findRole(id);
  if (!role) throw roleNotFound(id);
  reply(call, 200, describeRole(role, scope));
}

/**
 * Lists role assignments at a scope, above it, and, without `$filter=atScope()`, below it. Filters:
 * `principalId eq 'ID'` for a principal, `assignedTo('ID')` with its groups.
 */
export async function listAssignments(call: Call, scope: string): Promise<void> {
  call.demand(`${ACTION}/read`, scope);
  const filter = call.query.get("$filter") ?? "";
  const principalId = /principalId eq '([^']*)'/i.exec(filter)?.[1];
  const holder = /assignedTo\('([^']*)'\)/i.exec(filter)?.[1];
  const below = !/atScope\(\)/i.test(filter);
  const value = call.records.assignments
    .filter((item) => covers(item.scope, scope) || (below && covers(scope, item.scope)))
    .filter((item) => principalId === undefined || same(item.principalId, principalId))
    .filter((item) => holder === undefined || isHeldBy(item, holder))
    .map(describe);
  reply(call, 200, { value });
}

export async function getAssignment(call: Call, scope: string, name: string): Promise<void> {
  call.demand(`${ACTION}/read`, scope);
  const assignment = find(call, name);
  if (!assignment) {
    throw new Refusal(404, "RoleAssignmentNotFound", `The role assignment '${name}' is not found.`);
  }
  reply(call, 200, describe(assignment));
}

export async function putAssignment(call: Call, scope: string, name: string): Promise<void> {
  call.demand(`${ACTION}/write`, scope);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)) {
    throw new Refusal(
      400,
      "InvalidRoleAssignmentId",
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
    );
  }
  const { properties } = await readBody(call);
  const { roleDefinitionId, principalId } = (properties ?? {}) as Record<string, unknown>;
  const role = findRole(String(roleDefinitionId).split("/").at(-1) ?? "");
  if (!role) throw roleNotFound(String(roleDefinitionId));
  const principal = findPrincipal(String(principalId));
  if (!principal) {
    throw new Refusal(
      400,
      "PrincipalNotFound",
      `Principal ${principalId} does not exist in the directory ${call.principal.tenantId}. Check ` +
        "that you have the correct principal ID.",
    );
  }
  const equal = call.records.assignments.some(
    (item) =>
      same(item.scope, scope) && item.roleId === role.id && item.principalId === principal.id,
  );
  if (equal || find(call, name)) {
    throw new Refusal(409, "RoleAssignmentExists", "The role assignment already exists.");
  }
  const assignment = {
    name,
    scope,
    roleId: role.id,
    principalId: principal.id,
    createdOn: new Date().toISOString(),
    createdBy: call.principal.id,
  };
  call.records.addAssignment(assignment);
  reply(call, 201, describe(assignment));
}

export async function deleteAssignment(call: Call, scope: string, name: string): Promise<void> {
  call.demand(`${ACTION}/delete`, scope);
  const assignment = find(call, name);
  if (!assignment) {
    replyEmpty(call, 204);
    return;
  }
  call.records.removeAssignment(name);
  reply(call, 200, describe(assignment));
}

function find({ records }: Call, name: string): RoleAssignment | undefined {
  return records.assignments.find((item) => same(item.name, name));
}

function roleNotFound(id: string): Refusal {
  const text = `The specified role definition with ID '${id}' does not exist.`;
  return new Refusal(404, "RoleDefinitionDoesNotExist", text);
}

function describe(item: RoleAssignment) {
  const kind = findPrincipal(item.principalId)?.kind;
  return {
    properties: {
      roleDefinitionId: `${subscriptionOf(item.scope)}${definitionPath(item.roleId)}`,
      principalId: item.principalId,
      principalType: kind ? PRINCIPAL_TYPES[kind] : "Unknown",
      scope: item.scope,
      condition: null,
      conditionVersion: null,
      createdOn: item.createdOn,
      updatedOn: item.createdOn,
      createdBy: item.createdBy,
      updatedBy: item.createdBy,
      delegatedManagedIdentityResourceId: null,
      description: null,
    },
    id: `${item.scope}/providers/Microsoft.Authorization/roleAssignments/${item.name}`,
    type: "Microsoft.Authorization/roleAssignments",
    name: item.name,
  };
}

/** Azure's role ids begin with the subscription of the request. */
function describeRole(role: RoleDefinition, scope: string) {
  const { id, name, description, actions, notActions = [], dataActions = [] } = role;
  return {
    properties: {
      roleName: name,
      type: "BuiltInRole",
      description,
      assignableScopes: ["/"],
      permissions: [{ actions, notActions, dataActions, notDataActions: [] }],
    },
    id: subscriptionOf(scope) + definitionPath(id),
    type: "Microsoft.Authorization/roleDefinitions",
    name: id,
  };
}

function definitionPath(id: string): string {
  return `/providers/Microsoft.Authorization/roleDefinitions/${id}`;
}

function subscriptionOf(scope: string): string {
  return /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? "";
}
