import { SERVICE_APP } from "./applications.ts";
import { findUser } from "./people.ts";

/** Roles in a workspace of Microsoft Fabric, each with what those before it may do. */
export type WorkspaceRole = "Viewer" | "Contributor" | "Member" | "Admin";

const ROLES: Readonly<Record<string, WorkspaceRole>> = {
  "ada@contoso.com": "Admin",
  "grace@contoso.com": "Viewer",
  "mary@contoso.com": "Contributor",
};

/** The role that somebody has in every workspace of the practice tenant; undefined for none. */
export function workspaceRoleOf(id: string): WorkspaceRole | undefined {
  if (id === SERVICE_APP.objectId) return "Member";
  return ROLES[findUser(id)?.upn ?? ""];
}
