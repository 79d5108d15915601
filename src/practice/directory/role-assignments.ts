import type { RoleCheck } from "../principal.ts";
import { SERVICE_APP } from "./applications.ts";
import { USERS } from "./people.ts";
import { RESOURCE_GROUP, SUBSCRIPTION } from "./tenant.ts";

/** A role that a principal has at a scope and everything below it. */
export interface RoleAssignment {
  readonly principalId: string;
  readonly role: string;
  readonly scope: string;
}

const SCOPE = `/subscriptions/${SUBSCRIPTION.id}`;
const [ADA, GRACE, MAX] = USERS.map(({ id }) => id);

/** Who may do what when a practice cloud is new. */
export const FIRST_ASSIGNMENTS: readonly RoleAssignment[] = [
  ...assign(ADA, "Owner", "Storage Blob Data Contributor"),
  ...assign(GRACE, "Reader", "Storage Blob Data Reader"),
  ...assign(MAX, "Reader"),
  ...assign(SERVICE_APP.objectId, "Contributor", "Storage Blob Data Contributor"),
];

function assign(principalId = "", ...roles: string[]): RoleAssignment[] {
  return roles.map((role) => ({ principalId, role, scope: SCOPE }));
}

export function createRoleCheck(assignments: readonly RoleAssignment[]): RoleCheck {
  return (principal, resource) => {
    const scope = `${SCOPE}/resourceGroups/${RESOURCE_GROUP.name}/providers/${resource}`;
    return assignments
      .filter(({ principalId }) => principalId === principal.id)
      .filter((assignment) => covers(assignment.scope, scope))
      .map(({ role }) => role);
  };
}

/** Whether `scope` is `outer` or lies below it; Azure ids ignore case. */
export function covers(outer: string, scope: string): boolean {
  return withSlash(scope).startsWith(withSlash(outer));
}

function withSlash(id: string): string {
  return `${id.replace(/\/+$/, "").toLowerCase()}/`;
}
