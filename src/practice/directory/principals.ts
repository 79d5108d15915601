import type { Principal } from "../principal.ts";
import { APPLICATIONS } from "./applications.ts";
import { findUser } from "./people.ts";
import { TENANT } from "./tenant.ts";

/** The user or service principal with this object id. */
export function findPrincipal(objectId: string): Principal | undefined {
  const user = findUser(objectId);
  if (user) return { id: user.id, kind: "user", name: user.upn, tenantId: TENANT.id };
  const app = APPLICATIONS.find((candidate) => candidate.objectId === objectId);
  return app && { id: app.objectId, kind: "service", name: app.name, tenantId: TENANT.id };
}
