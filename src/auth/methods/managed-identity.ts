import { ManagedIdentityCredential } from "@azure/identity";
import { SignInError } from "../../core/errors.ts";
import {
  type Credential,
  type CredentialContext,
  credentialOptions,
  tokenOptions,
} from "../credential.ts";
import { Unavailable } from "../sign-in-failure.ts";
import type { Recording } from "../traffic/recording.ts";
import { checkMetadataService } from "./metadata-service.ts";

/** The identity of the Azure machine or app that the code runs on; system-assigned by default. */
export interface ManagedIdentityOptions {
  /** Client id of a user-assigned identity. At most one of the three may be given. */
  clientId?: string;
  /** Object id of a user-assigned identity. */
  objectId?: string;
  /** Resource id of a user-assigned identity, as `/subscriptions/…/userAssignedIdentities/NAME`. */
  resourceId?: string;
}

/**
 * Authority whose tokens this process has. The Azure SDK keeps them for all credentials of a
 * process alike, and would hand one cloud's token to another.
 */
let home: string | undefined;

export function managedIdentity(
  options: ManagedIdentityOptions,
  context: CredentialContext,
): Credential {
  const { clientId, objectId, resourceId } = options;
  const ids = {
    ...(clientId && { clientId }),
    ...(objectId && { objectId }),
    ...(resourceId && { resourceId }),
  };
  const [id, more] = Object.values(ids);
  if (more) {
    throw new SignInError("BAD_OPTIONS", "one managed identity was named in several ways", {
      hint: "Give one of clientId, objectId and resourceId.",
    });
  }
  let credential: ManagedIdentityCredential | undefined;
  return {
    method: "managed-identity",
    name: "ManagedIdentity",
    timeout: 15_000,
    async getToken(request) {
      if (home !== undefined && home !== context.cloud.authority) {
        throw new Unavailable(
          "this process already has the managed identity of another cloud",
          "restart the kernel to use this cloud's",
        );
      }
      if (!credential) await checkMetadataService(clientId);
      credential ??= new ManagedIdentityCredential({ ...credentialOptions(context), ...ids });
      try {
        const token = await credential.getToken(request.scope, tokenOptions(request));
        home = context.cloud.authority;
        return token;
      } catch (error) {
        throw unknownIdentity(request.recording, id) ?? error;
      }
    },
  };
}

/** Machines answer 400 for an identity they do not have, and 404 while it is being assigned. */
function unknownIdentity({ exchanges }: Recording, id: string | undefined) {
  const status = exchanges.at(-1)?.status;
  if (status !== 400 && status !== 404) return undefined;
  return new Unavailable(
    id ? `this machine has no managed identity ${id}` : "this machine has no managed identity",
    "assign one (az vm identity assign, az webapp identity assign); it counts within minutes",
  );
}
