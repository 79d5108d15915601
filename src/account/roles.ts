import { randomUUID } from "node:crypto";
import type { AuthorizationManagementClient } from "@azure/arm-authorization";
import { AccountError } from "../core/errors.ts";
import { confirmGone } from "./confirm-gone.ts";
import { explainManagement } from "./explain-management.ts";
import type { RoleGrant } from "./role-types.ts";

/** Assigns a role, unless it is assigned. It may take minutes to be effective. */
export async function grantRole(
  client: AuthorizationManagementClient,
  subscriptionId: string,
  grant: RoleGrant,
): Promise<void> {
  const { role, principalId, principalType = "ServicePrincipal", signal } = grant;
  const scope = grant.scope ?? `/subscriptions/${subscriptionId}`;
  const abort = signal ? { abortSignal: signal } : {};
  try {
    const roleDefinitionId = await findRole(client, scope, role);
    const assignment = { roleDefinitionId, principalId, principalType };
    await client.roleAssignments.create(scope, randomUUID(), assignment, abort);
  } catch (error) {
    if ((error as { code?: string }).code === "RoleAssignmentExists") return;
    throw explainManagement(error, `grant ${role} at ${scope}`);
  }
}

/**
 * Removes the assignment of a role at exactly this scope, if there is one. Resolves once it is no
 * longer listed.
 *
 * @throws AccountError `NOT_DELETED` when it is still listed some time after it was deleted
 */
export async function revokeRole(
  client: AuthorizationManagementClient,
  subscriptionId: string,
  grant: RoleGrant,
): Promise<void> {
  const { role, principalId, signal } = grant;
  const scope = grant.scope ?? `/subscriptions/${subscriptionId}`;
  const abort = signal ? { abortSignal: signal } : {};
  try {
    const roleId = guidOf(await findRole(client, scope, role));
    const assigned = async () => {
      const names: string[] = [];
      const filter = `principalId eq '${principalId}'`;
      for await (const match of client.roleAssignments.listForScope(scope, { filter, ...abort })) {
        const isIt =
          guidOf(match.roleDefinitionId) === roleId &&
          same(match.scope, scope) &&
          same(match.principalId, principalId);
        if (isIt && match.name) names.push(match.name);
      }
      return names;
    };
    const matches = await assigned();
    for (const name of matches) await client.roleAssignments.delete(scope, name, abort);
    if (matches.length === 0) return;
    const isLeft = async () => (await assigned()).length > 0;
    await confirmGone(`the assignment of ${role} at ${scope}`, isLeft, signal);
  } catch (error) {
    throw explainManagement(error, `take ${role} back at ${scope}`);
  }
}

/** The GUID at the end of an id, as a role has two ids: with the subscription and without. */
function guidOf(id: string | undefined): string {
  return id?.split("/").at(-1)?.toLowerCase() ?? "";
}

/** Resource ids and GUIDs ignore case. */
function same(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

async function findRole(client: AuthorizationManagementClient, scope: string, role: string) {
  const filter = `roleName eq '${role.replaceAll("'", "''")}'`;
  for await (const { id } of client.roleDefinitions.list(scope, { filter })) {
    if (id) return id;
  }
  throw new AccountError("UNKNOWN_ROLE", `there is no role "${role}"`, {
    hint: "Write it as the portal does, such as Storage Blob Data Reader.",
  });
}
