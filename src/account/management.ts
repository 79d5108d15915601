import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { ResourceManagementClient } from "@azure/arm-resources";
import { StorageManagementClient } from "@azure/arm-storage";
import type { TokenCredential } from "@azure/core-auth";
import { ServiceClient } from "@azure/core-client";
import { type Cloud, tlsSettings } from "../core/cloud.ts";
import { AccountError } from "../core/errors.ts";

/** Whom Azure Resource Manager is asked as, and about which subscription. */
export interface ManagementOptions {
  credential: TokenCredential;
  /** Default: the cloud's own. */
  subscriptionId?: string;
}

/** Whom the stock clients ask as. */
interface Caller {
  readonly credential: TokenCredential;
  readonly subscriptionId: string;
}

/** The stock client for resource groups, led to `cloud`. */
export function groupsClient(cloud: Cloud, caller: Caller): ResourceManagementClient {
  return new ResourceManagementClient(caller.credential, caller.subscriptionId, {
    endpoint: cloud.management,
    credentials: { scopes: [cloud.scopes.management] },
    ...trust(cloud),
  });
}

/** The stock client for roles, led to `cloud`. */
export function rolesClient(cloud: Cloud, caller: Caller): AuthorizationManagementClient {
  return new AuthorizationManagementClient(caller.credential, caller.subscriptionId, {
    endpoint: cloud.management,
    credentialScopes: cloud.scopes.management,
    ...trust(cloud),
  });
}

/** Whom to ask as, about one resource group. */
export interface GroupCaller extends Caller {
  readonly resourceGroup: string;
}

/** The stock client for storage accounts, led to `cloud`. */
export function storageClient(cloud: Cloud, caller: Caller): StorageManagementClient {
  return new StorageManagementClient(caller.credential, caller.subscriptionId, {
    endpoint: cloud.management,
    credentials: { scopes: [cloud.scopes.management] },
    ...trust(cloud),
  });
}

/** A client for what has no stock client, led to `cloud`. */
export function managementClient(cloud: Cloud, { credential }: Caller): ServiceClient {
  return new ServiceClient({
    credential,
    credentialScopes: cloud.scopes.management,
    endpoint: cloud.management,
    ...trust(cloud),
  });
}

function trust(cloud: Cloud) {
  const { ca } = tlsSettings(cloud);
  return ca === undefined ? {} : { tlsOptions: { ca } };
}

/** @throws AccountError `NO_SUBSCRIPTION` */
export function chosenSubscription(cloud: Cloud, given: string | undefined): string {
  const id = given ?? cloud.subscriptionId;
  if (id) return id;
  throw new AccountError("NO_SUBSCRIPTION", "no subscription was chosen", {
    hint: "Pass subscriptionId to connect, or set AZURE_SUBSCRIPTION_ID.",
  });
}
