import { Refusal, type RoleCheck, type TokenCheck } from "../principal.ts";
import type { Call } from "./call.ts";
import { type Caller, callerByRoles, KEY_HOLDER, rolesOf } from "./caller.ts";
import { refuse, refuseSignature } from "./refusals.ts";
import { callerBySas, hasSas } from "./sas.ts";
import { isSharedKeySigned } from "./signatures.ts";
import type { Store } from "./store.ts";

const AUDIENCE = "https://storage.azure.com";
const CHALLENGE = {
  "WWW-Authenticate": `Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=${AUDIENCE}`,
};

/** Works out who calls, from a token, a shared key or a signature; refuses what does not hold. */
export async function identify(
  call: Call,
  authorization: string | undefined,
  store: Store,
  check: TokenCheck,
  roles: RoleCheck,
): Promise<Caller> {
  if (authorization === undefined) {
    if (!hasSas(call)) throw refuse("NoAuthenticationInformation", CHALLENGE);
    return callerBySas(call, store, (id, tenantId) => {
      const signer = { id, kind: "user", name: id, tenantId } as const;
      return callerByRoles(signer, rolesOf(roles, signer), call.account);
    });
  }
  if (/^SharedKey/i.test(authorization)) {
    if (isSharedKeySigned(call, authorization, store.keys.account())) return KEY_HOLDER;
    throw refuseSignature("the signature does not match");
  }
  const principal = await checkToken(authorization, check);
  return callerByRoles(principal, rolesOf(roles, principal), call.account);
}

async function checkToken(authorization: string, check: TokenCheck) {
  try {
    return await check(authorization, AUDIENCE);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 401) throw error;
    const { message, headers } = error;
    throw new Refusal(401, "InvalidAuthenticationInfo", message, { ...CHALLENGE, ...headers });
  }
}
