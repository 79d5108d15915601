/** Whoever a valid token was issued to. */
export interface Principal {
  /** Object id in the practice directory. */
  readonly id: string;
  readonly kind: "user" | "service" | "managed-identity";
  /** `ada@contoso.com` for a user, the display name otherwise. */
  readonly name: string;
  readonly tenantId: string;
}

/** Why a request was refused, in the words and codes of the service that is played. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: string;
  /** Extra response headers, such as `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/**
 * Checks a bearer token's signature, audience and expiry.
 *
 * @param authorization the request's `Authorization` header
 * @param audience what the token's `aud` must be, without a trailing slash
 * @throws Refusal with status 401 when the token does not hold
 */
export type TokenCheck = (
  authorization: string | undefined,
  audience: string,
) => Promise<Principal>;

/**
 * Names of the roles that a principal holds at a scope, inherited ones included, such as
 * `Storage Blob Data Reader`.
 *
 * @param scope a resource from its provider on, without subscription and group:
 *   `Microsoft.Storage/storageAccounts/A`, the same with `/blobServices/default/containers/F` for
 *   one file system, or `Microsoft.DataLakeStore/accounts/A` for Gen1
 */
export type RoleCheck = (principal: Principal, scope: string) => readonly string[];
