import { randomUUID } from "node:crypto";
import type { AuthorizationManagementClient } from "@azure/arm-authorization";
import { AccountError } from "../core/errors.ts";
import { explainManagement } from "./failure.ts";

/** A role for somebody, at a scope and everything below it. */
export interface RoleGrant {
  /** Name as the portal shows it: `Storage Blob Data Reader`. */
  role: string;
  /** Object id of the user, group, application or managed identity. */
  principalId: string;
  /** Default `ServicePrincipal`, which managed identities are, too. */
  principalType?: "User" | "Group" | "ServicePrincipal";
  /** Resource id below the subscription, such as a resource group's. Default: the subscription. */
  scope?: string;
  signal?: AbortSignal;
}

/** Assigns a role; having it already is fine. A new assignment may take minutes to count. */
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

/** Takes a role back at exactly this scope; not having it is fine. */
export async function revokeRole(
  client: AuthorizationManagementClient,
  subscriptionId: string,
  grant: RoleGrant,
): Promise<void> {
  const { role, principalId, signal } = grant;
  const scope = grant.scope ?? `/subscriptions/${subscriptionId}`;
  const abort = signal ? { abortSignal: signal } : {};
  try {
    const roleDefinitionId = await findRole(client, scope, role);
    const filter = `principalId eq '${principalId}'`;
    for await (const found of client.roleAssignments.listForScope(scope, { filter, ...abort })) {
      const same = found.roleDefinitionId === roleDefinitionId && found.scope === scope;
      if (same && found.name) await client.roleAssignments.delete(scope, found.name, abort);
    }
  } catch (error) {
    throw explainManagement(error, `take ${role} back at ${scope}`);
  }
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
