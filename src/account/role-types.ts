/** A role assignment, for a scope and everything below it. */
export interface RoleGrant {
  /** Name as the portal shows it: `Storage Blob Data Reader`. */
  role: string;
  /** Object id of the user, group, application or managed identity. */
  principalId: string;
  /** Default `ServicePrincipal`, also for managed identities. */
  principalType?: "User" | "Group" | "ServicePrincipal";
  /** Resource id below the subscription, such as a resource group's. Default: the subscription. */
  scope?: string;
  signal?: AbortSignal | undefined;
}

/** A role of the caller. */
export interface HeldRole {
  /** Name as the portal shows it: `Storage Blob Data Reader`. */
  readonly role: string;
  /** What it allows with files. */
  readonly files: string;
  /** What it allows with accounts, their keys and their roles. */
  readonly accounts: string;
  /** Its scope: `subscription Contoso`, `file system raw of mylake`. */
  readonly where: string;
  /** Whether it is the caller's own, or a group's by its object id. */
  readonly through: string;
  /** Resource id of the scope: `/subscriptions/…`. */
  readonly scope: string;
}
