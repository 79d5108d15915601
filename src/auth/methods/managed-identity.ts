import { ManagedIdentityCredential } from "@azure/identity";
import { SignInError } from "../../core/errors.ts";
import {
  type Credential,
  type CredentialContext,
  credentialOptions,
  tokenOptions,
} from "../credential.ts";
import { Unavailable } from "../sign-in-failure.ts";
import { probe } from "../traffic/probe.ts";
import type { Recording } from "../traffic/recording.ts";

/** The metadata service is part of the machine, and answers within milliseconds. */
const TIMEOUT_MILLISECONDS = 1_000;
/** Set where the app's host provides the identity, and not the machine. */
const OTHER_SOURCES = ["IDENTITY_ENDPOINT", "MSI_ENDPOINT"];
/** Set where Kubernetes provides a named identity. */
const EXCHANGE = ["AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID"];

/** The identity of the Azure machine or app; system-assigned by default. */
export interface ManagedIdentityOptions {
  /** Client id of a user-assigned identity. At most one of the three may be given. */
  clientId?: string;
  /** Object id of a user-assigned identity. */
  objectId?: string;
  /** Resource id of a user-assigned identity, as `/subscriptions/…/userAssignedIdentities/NAME`. */
  resourceId?: string;
}

/**
 * Authority of the managed identity's tokens in this process: the Azure SDK caches them for the
 * whole process, and would give them to another cloud.
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

/** Machines answer 400 for an unknown identity, and 404 while it is being assigned. */
function unknownIdentity({ exchanges }: Recording, id: string | undefined) {
  const status = exchanges.at(-1)?.status;
  if (status !== 400 && status !== 404) return undefined;
  return new Unavailable(
    id ? `this machine has no managed identity ${id}` : "this machine has no managed identity",
    "assign one (az vm identity assign, az webapp identity assign); it counts within minutes",
  );
}

/**
 * Checks that the instance metadata service answers, if it provides the identity. The Azure SDK
 * retries for a minute where nothing answers, as on most machines outside of Azure.
 *
 * @throws Unavailable
 */
async function checkMetadataService(clientId: string | undefined): Promise<void> {
  if (OTHER_SOURCES.some((name) => process.env[name])) return;
  if (clientId && EXCHANGE.every((name) => process.env[name])) return;
  const host = process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST ?? "http://169.254.169.254";
  const started = performance.now();
  try {
    // Without the header `Metadata: true` it refuses at once, which is enough.
    await probe(new URL("/metadata/identity/oauth2/token", host).href, TIMEOUT_MILLISECONDS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const waited = performance.now() - started > TIMEOUT_MILLISECONDS * 0.9;
    const why = waited ? `in ${TIMEOUT_MILLISECONDS / 1000} s` : `(${code ?? "cancelled"})`;
    throw new Unavailable(
      `no answer from ${new URL(host).host} ${why}`,
      "normal off Azure; on Azure, let this address through",
    );
  }
}
