import type { LakeFault } from "../../faults/lake-faults.ts";
import type { Identities } from "../../principal.ts";
import type { RefusalReason } from "../../service-refusal.ts";
import { refuseToken } from "../access/identify.ts";
import { locate, type PathOperation } from "../access/operation.ts";
import type { Caller } from "../access/request-caller.ts";
import type { Store } from "../storage/lake-store.ts";
import { SUPER_USER } from "../storage/node.ts";
import { type Call, GEN1_FILE_SYSTEM, header } from "../wire/lake-call.ts";
import { refuse } from "../wire/refusals.ts";
import * as access from "./acl-operations.ts";
import * as files from "./file-operations.ts";
import * as names from "./namespace-operations.ts";

const AUDIENCE = "https://datalake.azure.net";
const CHALLENGE = {
  "WWW-Authenticate": 'Bearer authorization_uri="https://login.microsoftonline.com/common"',
};

type Handler = (operation: PathOperation) => void | Promise<void>;

// By method and operation; see "WebHDFS FileSystem APIs" of Data Lake Storage Gen1.
const OPERATIONS: Readonly<Record<string, Handler>> = {
  "GET LISTSTATUS": names.listStatus,
  "GET GETFILESTATUS": names.getFileStatus,
  "GET GETCONTENTSUMMARY": names.getContentSummary,
  "PUT MKDIRS": names.makeDirectory,
  "PUT RENAME": names.rename,
  "DELETE DELETE": names.remove,
  "GET OPEN": files.open,
  "PUT CREATE": files.create,
  "POST APPEND": files.append,
  "POST CONCURRENTAPPEND": files.append,
  "POST CONCAT": files.concat,
  "POST MSCONCAT": files.concat,
  "PUT SETEXPIRY": files.setExpiry,
  "GET GETACLSTATUS": access.getAclStatus,
  "GET MSGETACLSTATUS": access.getAclStatus,
  "GET CHECKACCESS": access.checkAccess,
  "PUT SETACL": access.setAcl,
  "PUT MODIFYACLENTRIES": access.modifyAclEntries,
  "PUT REMOVEACLENTRIES": access.removeAclEntries,
  "PUT REMOVEDEFAULTACL": access.removeDefaultAcl,
  "PUT REMOVEACL": access.removeAcl,
  "PUT SETPERMISSION": access.setPermission,
  "PUT SETOWNER": access.setOwner,
};

/** Answers a request in the WebHDFS dialect of Gen1. */
export async function handleGen1(parts: {
  readonly call: Call;
  readonly store: Store;
  readonly faults: readonly LakeFault[];
  readonly identities: Identities;
  /** Adds the caller to the request log. */
  noteCaller(call: Call, caller: Caller): void;
}): Promise<void> {
  const { call, store, faults, identities, noteCaller } = parts;
  const caller = await callerOf(call, identities);
  noteCaller(call, caller);
  if (!store.fileSystems.get(GEN1_FILE_SYSTEM)) {
    store.fileSystems.create(GEN1_FILE_SYSTEM, null, SUPER_USER);
  }
  const name = (call.query.get("op") ?? "").toUpperCase();
  call.notes.operation = name;
  const handler = OPERATIONS[`${call.method} ${name}`];
  if (!handler) throw refuse("UnsupportedOperation");
  await handler(
    locate({
      call,
      store,
      faults,
      caller,
      nameOf: (id) => id,
      storeOf: () => undefined,
      answerCall: async () => undefined,
      identify: async () => caller,
    }),
  );
}

/** In Gen1 only the role Owner counts; access lists decide for all others. */
async function callerOf(call: Call, identities: Identities): Promise<Caller> {
  const { check, roles, groupsOf, fullId = (scope) => scope } = identities;
  const principal = await check(header(call, "authorization"), AUDIENCE).catch((error: unknown) => {
    throw refuseToken(error, CHALLENGE);
  });
  const { id, tenantId } = principal;
  const scope = `Microsoft.DataLakeStore/accounts/${call.account}`;
  const has = roles(id, scope);
  const lacks = (): RefusalReason | undefined =>
    has.includes("Owner") ? undefined : { by: "role", needs: "Owner", at: fullId(scope), has };
  return { id, tenantId, groups: groupsOf(id), acl: "instead", lacks, lacksWide: lacks };
}
