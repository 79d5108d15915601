import type { AuthorizationManagementClient, Permission } from "@azure/arm-authorization";
import { decodeJwt } from "jose";
import type { Cloud } from "../core/cloud.ts";
import { AccountError } from "../core/errors.ts";
import { groupIn } from "./account-names.ts";
import { explainManagement } from "./explain-management.ts";
import { rolesClient } from "./management.ts";
import type { Caller } from "./management-options.ts";
import type { HeldRole } from "./role-types.ts";
import { findAccount, visibleSubscriptions } from "./visible-accounts.ts";

/**
 * Roles of the caller and of their groups: all that apply to an account, or all in all
 * subscriptions.
 *
 * @param account its name
 * @throws AccountError `NOT_FOUND` for an account that the caller may not see; `FORBIDDEN`
 */
export async function* heldRoles(
  cloud: Cloud,
  credential: Caller["credential"],
  account?: string,
  signal?: AbortSignal,
): AsyncGenerator<HeldRole> {
  const me = await objectIdOf(cloud, credential);
  const subscriptions = await visibleSubscriptions(cloud, credential, signal);
  const scopes = account
    ? [(await findAccount(cloud, credential, account, signal)).id]
    : subscriptions.map(({ id }) => `/subscriptions/${id}`);
  const abort = signal ? { abortSignal: signal } : {};
  const roles = new Map<string, Promise<RoleInWords>>();
  const reported = new Set<string>();
  for (const scope of scopes) {
    const subscriptionId = /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1] ?? "";
    const client = await rolesClient(cloud, { credential, subscriptionId });
    const filter = account ? `atScope() and assignedTo('${me}')` : `assignedTo('${me}')`;
    try {
      for await (const match of client.roleAssignments.listForScope(scope, { filter, ...abort })) {
        const { id = "", roleDefinitionId = "", principalId = "", scope: at = scope } = match;
        // Roles at a management group are listed in each of its subscriptions.
        if (reported.has(id)) continue;
        reported.add(id);
        const role = roles.get(roleDefinitionId) ?? inWords(client, roleDefinitionId, signal);
        roles.set(roleDefinitionId, role);
        const where = placeInWords(at, subscriptions);
        const through = principalId.toLowerCase() === me ? "yourself" : `group ${principalId}`;
        yield { ...(await role), where, through, scope: at };
      }
    } catch (error) {
      throw explainManagement(error, `list your roles at ${placeInWords(scope, subscriptions)}`);
    }
  }
}

/** Object id of the owner of a credential's tokens. */
async function objectIdOf(cloud: Cloud, credential: Caller["credential"]): Promise<string> {
  const token = await credential.getToken(cloud.scopes.management);
  const { oid } = token ? decodeJwt(token.token) : {};
  if (typeof oid === "string" && /^[0-9a-f-]{36}$/i.test(oid)) return oid.toLowerCase();
  throw new AccountError("UNAUTHENTICATED", "the sign-in does not tell who you are", {
    hint: "Its token has no object id. Sign in by another method.",
  });
}

type RoleInWords = Pick<HeldRole, "role" | "files" | "accounts">;

async function inWords(
  client: AuthorizationManagementClient,
  roleDefinitionId: string,
  signal: AbortSignal | undefined,
): Promise<RoleInWords> {
  const abort = signal ? { abortSignal: signal } : {};
  const { roleName = "", permissions = [] } = await client.roleDefinitions.getById(
    roleDefinitionId,
    abort,
  );
  const may = (action: string, data = false) =>
    permissions.some((permission) => allows(permission, action, data));
  const file = (action: string) => may(`${CONTAINERS}/blobs/${action}`, true);
  const files = [
    ...(file("read") ? ["read"] : []),
    ...(file("write") ? ["write"] : []),
    ...(file("delete") ? ["delete"] : []),
    ...(file("modifyPermissions/action") ? ["change who may"] : []),
  ];
  const accounts = [
    ...(may(`${ACCOUNTS}/read`) ? ["see"] : []),
    ...(may(`${ACCOUNTS}/write`) ? ["change"] : []),
    ...(may(`${ACCOUNTS}/delete`) ? ["delete"] : []),
    ...(may(`${ACCOUNTS}/listkeys/action`) ? ["read keys"] : []),
    ...(may("Microsoft.Authorization/roleAssignments/write") ? ["give roles"] : []),
  ];
  return {
    role: roleName,
    files: files.join(", ") || "none",
    accounts: accounts.join(", ") || "none",
  };
}

const ACCOUNTS = "Microsoft.Storage/storageAccounts";
const CONTAINERS = `${ACCOUNTS}/blobServices/containers`;

function allows(permission: Permission, action: string, data: boolean): boolean {
  const { actions = [], notActions = [], dataActions = [], notDataActions = [] } = permission;
  const matches = (pattern: string) =>
    new RegExp(
      `^${pattern.replace(/[.\\/+?()[\]{}|^$]/g, "\\$&").replaceAll("*", ".*")}$`,
      "i",
    ).test(action);
  const [given, taken] = data ? [dataActions, notDataActions] : [actions, notActions];
  return given.some(matches) && !taken.some(matches);
}

function placeInWords(
  scope: string,
  subscriptions: readonly { readonly id: string; readonly name: string }[],
): string {
  const part = (type: string) => new RegExp(`/${type}/([^/]+)`, "i").exec(scope)?.[1];
  const account = part("storageAccounts");
  const container = part("containers");
  if (account && container) return `file system ${container} of ${account}`;
  if (account) return `account ${account}`;
  const rest = /\/providers\/(?!Microsoft\.Management)[^/]+\/(.+)$/i.exec(scope)?.[1];
  if (rest) return rest;
  if (groupIn(scope)) return `resource group ${groupIn(scope)}`;
  const id = part("subscriptions");
  if (id) {
    const known = subscriptions.find((each) => each.id.toLowerCase() === id.toLowerCase());
    return `subscription ${known?.name ?? id}`;
  }
  const group = part("managementGroups");
  return group ? `management group ${group}` : "all of the tenant";
}
