import type { Principal } from "../principal.ts";
import { APPLICATIONS, SERVICE_APP } from "./applications.ts";
import { MANAGED_IDENTITIES } from "./managed-identities.ts";
import { findUser } from "./people.ts";
import { GROUPS } from "./security-groups.ts";
import { TENANT } from "./tenant.ts";

/** The user, group, service principal or managed identity with this object id. */
export function findPrincipal(objectId: string): Principal | undefined {
  const tenantId = TENANT.id;
  const user = findUser(objectId);
  if (user) return { id: user.id, kind: "user", name: user.upn, tenantId };
  const group = GROUPS.find(({ id }) => id === objectId.toLowerCase());
  if (group) return { id: group.id, kind: "group", name: group.name, tenantId };
  const isIt = (candidate: { readonly objectId: string }) => candidate.objectId === objectId;
  const app = APPLICATIONS.find(isIt);
  if (app) return { id: objectId, kind: "service", name: app.name, tenantId };
  const identity = MANAGED_IDENTITIES.find(isIt);
  return identity && { id: objectId, kind: "managed-identity", name: identity.name, tenantId };
}

/** Roles in a workspace of Microsoft Fabric, in ascending order. */
type WorkspaceRole = "Viewer" | "Contributor" | "Member" | "Admin";

const ROLES: Readonly<Record<string, WorkspaceRole>> = {
  "ada@contoso.com": "Admin",
  "grace@contoso.com": "Viewer",
  "mary@contoso.com": "Contributor",
};

/** The role of a principal in all workspaces; undefined for none. */
export function workspaceRoleOf(id: string): WorkspaceRole | undefined {
  if (id === SERVICE_APP.objectId) return "Member";
  return ROLES[findUser(id)?.upn ?? ""];
}
