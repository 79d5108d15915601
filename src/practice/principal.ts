/** A principal, to whom a role can be assigned; all but groups get tokens. */
export interface Principal {
  /** Object id in the practice directory. */
  readonly id: string;
  readonly kind: "user" | "group" | "service" | "managed-identity";
  /** `ada@contoso.com` for a user, the display name otherwise. */
  readonly name: string;
  readonly tenantId: string;
}

/**
 * Checks a bearer token's signature, audience and expiry.
 *
 * @param authorization the request's `Authorization` header
 * @param audience what the token's `aud` must be, without a trailing slash
 * @param others what it may be instead
 * @throws Refusal with status 401 when the token does not hold
 */
export type TokenCheck = (
  authorization: string | undefined,
  audience: string,
  others?: readonly string[],
) => Promise<Principal>;

/**
 * Names of the roles that a principal holds at a scope, itself or by a group, inherited ones
 * included, such as `Storage Blob Data Reader`.
 *
 * @param id object id of the principal
 * @param scope a resource from its provider on, without subscription and group:
 *   `Microsoft.Storage/storageAccounts/A`, the same with `/blobServices/default/containers/F` for
 *   one file system, or `Microsoft.DataLakeStore/accounts/A` for Gen1
 */
export type RoleCheck = (id: string, scope: string) => readonly string[];

/** What a service needs of the directory. */
export interface Identities {
  readonly check: TokenCheck;
  readonly roles: RoleCheck;
  /** Object ids of the groups of a principal, nested ones included. */
  groupsOf(id: string): readonly string[];
  /** Role of a principal in the workspaces of OneLake, such as `Viewer`; undefined for none. */
  workspaceRoleOf?(id: string): string | undefined;
  /** Full id of a resource that `roles` is asked about. */
  fullId?(scope: string): string;
}
