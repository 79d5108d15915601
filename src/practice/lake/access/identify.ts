import type { Identities, TokenCheck } from "../../principal.ts";
import { Refusal } from "../../service-refusal.ts";
import { checkOneLakeSas } from "../onelake/onelake-rules.ts";
import type { Store } from "../storage/lake-store.ts";
import type { Call } from "../wire/lake-call.ts";
import { refuse, refuseSignature } from "../wire/refusals.ts";
import {
  type Caller,
  callerByRoles,
  callerByWorkspace,
  KEY_HOLDER,
  rolesOf,
} from "./request-caller.ts";
import { callerBySas, hasSas } from "./sas.ts";
import { isSharedKeySigned } from "./shared-key.ts";

const AUDIENCE = "https://storage.azure.com";
const CHALLENGE = {
  "WWW-Authenticate": `Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=${AUDIENCE}`,
};

/** The caller, by a token, a shared key or a signature. @throws Refusal when that is not valid */
export async function identify(
  call: Call,
  authorization: string | undefined,
  store: Store,
  { check, roles, groupsOf, workspaceRoleOf, fullId = (scope) => scope }: Identities,
): Promise<Caller> {
  const callerFor = (id: string, tenantId: string) => {
    const principal = { id, tenantId, groups: groupsOf(id) };
    return call.oneLake
      ? callerByWorkspace(principal, workspaceRoleOf?.(id))
      : callerByRoles(principal, { rolesAt: rolesOf(roles, id), fullId }, call.account);
  };
  if (call.oneLake && hasSas(call)) checkOneLakeSas(call);
  const bound = hasSas(call) ? call.query.get("sduoid") : null;
  if (bound) {
    // A signature for one user needs a token of that user.
    const holder = authorization && (await checkToken(authorization, call.account, check));
    if (!holder || holder.id !== bound) throw refuseSignature("sduoid names somebody else");
    return callerBySas(call, store, callerFor);
  }
  if (authorization === undefined) {
    if (!hasSas(call)) {
      const refusal = refuse("NoAuthenticationInformation", CHALLENGE);
      throw refusal.because({ by: "token", why: "there is no token and no signature" });
    }
    return callerBySas(call, store, callerFor);
  }
  if (/^SharedKey/i.test(authorization)) {
    if (call.oneLake) throw refuseSignature("OneLake has no account keys");
    if (isSharedKeySigned(call, authorization, store.keys.account())) return KEY_HOLDER;
    throw refuseSignature("the signature does not match");
  }
  const { id, tenantId } = await checkToken(authorization, call.account, check);
  return callerFor(id, tenantId);
}

const AUDIENCES = new Map<string, readonly string[]>();

/** The account's own URLs, which may be the audience of a token too. */
function audiencesOf(account: string): readonly string[] {
  const known = AUDIENCES.get(account);
  if (known) return known;
  const own = ["blob", "dfs"].flatMap((service) => [
    `https://${account}.${service}.core.windows.net`,
    `https://${account}.z12.${service}.storage.azure.net`,
  ]);
  AUDIENCES.set(account, own);
  return own;
}

async function checkToken(authorization: string, account: string, check: TokenCheck) {
  return check(authorization, AUDIENCE, audiencesOf(account)).catch((error: unknown) => {
    throw refuseToken(error, CHALLENGE);
  });
}

/** The storage service's refusal of a token that is not valid; any other error as it is. */
export function refuseToken(error: unknown, challenge: Readonly<Record<string, string>>): unknown {
  if (!(error instanceof Refusal) || error.status !== 401) return error;
  const headers = { ...challenge, ...error.headers };
  const refusal = new Refusal(401, "InvalidAuthenticationInfo", error.message, headers);
  return refusal.because(...error.reasons);
}
