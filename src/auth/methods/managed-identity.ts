import { ManagedIdentityCredential } from "@azure/identity";
import { SignInError } from "../../core/errors.ts";
import { credentialOptions, tokenOptions, type Way, type WayContext } from "../way.ts";

/** The identity of the Azure machine or app that the code runs on; system-assigned by default. */
export interface ManagedIdentityOptions {
  /** Client id of a user-assigned identity. At most one of the three may be given. */
  clientId?: string;
  /** Object id of a user-assigned identity. */
  objectId?: string;
  /** Resource id of a user-assigned identity, as `/subscriptions/…/userAssignedIdentities/NAME`. */
  resourceId?: string;
}

/** The instance metadata service is on the same machine: it answers within milliseconds. */
const METADATA_PATIENCE_MILLISECONDS = 1_000;

export function managedIdentity(options: ManagedIdentityOptions, context: WayContext): Way {
  const { clientId, objectId, resourceId } = options;
  const ids = {
    ...(clientId && { clientId }),
    ...(objectId && { objectId }),
    ...(resourceId && { resourceId }),
  };
  if (Object.keys(ids).length > 1) {
    throw new SignInError(
      "BAD_OPTIONS",
      `one managed identity was named in ${Object.keys(ids).length} ways`,
      { hint: "Give one of clientId, objectId and resourceId." },
    );
  }
  let credential: ManagedIdentityCredential | undefined;
  return {
    method: "managed-identity",
    name: "ManagedIdentity",
    patience: 15_000,
    metadataPatience: METADATA_PATIENCE_MILLISECONDS,
    async getToken(request) {
      credential ??= new ManagedIdentityCredential({ ...credentialOptions(context), ...ids });
      return credential.getToken(request.scope, tokenOptions(request));
    },
  };
}
