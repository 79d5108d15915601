import type { Principal } from "../principal.ts";
import { APPLICATIONS } from "./applications.ts";
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
