import type { Principal, RoleCheck, TokenCheck } from "../principal.ts";
import { Refusal } from "../principal.ts";
import type { Call } from "./call.ts";
import { header } from "./call.ts";
import { refuse } from "./refusals.ts";

const AUDIENCE = "https://storage.azure.com";

/** What an operation does to data, as roles grant it. */
export type Need = "read" | "write" | "own";

// What each built-in data role of Azure Storage grants.
const GRANTS: Readonly<Record<string, readonly Need[]>> = {
  "Storage Blob Data Owner": ["read", "write", "own"],
  "Storage Blob Data Contributor": ["read", "write"],
  "Storage Blob Data Reader": ["read"],
};

/** Who calls, and what roles allow them. */
export interface Caller {
  readonly principal: Principal;
  /** Whether a role alone grants this on a file system, or on the whole account. */
  may(need: Need, fileSystem?: string): boolean;
}

/** Works out who calls from the request's authorization; refuses what does not hold. */
export async function identify(call: Call, check: TokenCheck, roles: RoleCheck): Promise<Caller> {
  const authorization = header(call, "authorization");
  const challenge = {
    "WWW-Authenticate": `Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=${AUDIENCE}`,
  };
  if (authorization === undefined) throw refuse("NoAuthenticationInformation", challenge);
  let principal: Principal;
  try {
    principal = await check(authorization, AUDIENCE);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 401) throw error;
    const { message, headers } = error;
    throw new Refusal(401, "InvalidAuthenticationInfo", message, { ...challenge, ...headers });
  }
  const account = `Microsoft.Storage/storageAccounts/${call.account}`;
  return {
    principal,
    may: (need, fileSystem) => {
      const scope = fileSystem
        ? `${account}/blobServices/default/containers/${fileSystem}`
        : account;
      return roles(principal, scope).some((role) => GRANTS[role]?.includes(need));
    },
  };
}

/** Refuses a caller whose roles do not grant what the operation needs. */
export function demand(caller: Caller, need: Need, fileSystem?: string): void {
  if (!caller.may(need, fileSystem)) throw refuse("AuthorizationPermissionMismatch");
}
