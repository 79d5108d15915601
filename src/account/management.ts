import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { ResourceManagementClient } from "@azure/arm-resources";
import { StorageManagementClient } from "@azure/arm-storage";
import type { TokenCredential } from "@azure/core-auth";
import { ServiceClient } from "@azure/core-client";
import { type Pipeline, proxyPolicyName, redirectPolicyName } from "@azure/core-rest-pipeline";
import { managementReplies } from "../core/azure-pipeline.ts";
import { type Cloud, tlsSettings } from "../core/cloud.ts";
import { AccountError } from "../core/errors.ts";

/** Whom Azure Resource Manager is asked as, and about which subscription. */
export interface ManagementOptions {
  credential: TokenCredential;
  /** Default: the cloud's own. */
  subscriptionId?: string;
}

/** Whom the stock clients ask as. */
export interface Caller {
  readonly credential: TokenCredential;
  readonly subscriptionId: string;
}

/** The stock client for resource groups, led to `cloud`. */
export function groupsClient(cloud: Cloud, caller: Caller): ResourceManagementClient {
  const client = new ResourceManagementClient(caller.credential, caller.subscriptionId, {
    endpoint: cloud.management,
    credentials: { scopes: [cloud.scopes.management] },
    ...trust(cloud),
  });
  return direct(cloud, client);
}

/** The stock client for roles, led to `cloud`. */
export function rolesClient(cloud: Cloud, caller: Caller): AuthorizationManagementClient {
  const client = new AuthorizationManagementClient(caller.credential, caller.subscriptionId, {
    endpoint: cloud.management,
    credentialScopes: cloud.scopes.management,
    ...trust(cloud),
  });
  return direct(cloud, client);
}

/** Whom to ask as, about one resource group. */
export interface GroupCaller extends Caller {
  readonly resourceGroup: string;
}

/** The stock client for storage accounts, led to `cloud`. */
export function storageClient(cloud: Cloud, caller: Caller): StorageManagementClient {
  const client = new StorageManagementClient(caller.credential, caller.subscriptionId, {
    endpoint: cloud.management,
    credentials: { scopes: [cloud.scopes.management] },
    ...trust(cloud),
  });
  return direct(cloud, client);
}

/** A client for what has no stock client, led to `cloud`. */
export function managementClient(cloud: Cloud, { credential }: Caller): ServiceClient {
  const client = new ServiceClient({
    credential,
    credentialScopes: cloud.scopes.management,
    endpoint: cloud.management,
    ...trust(cloud),
  });
  return direct(cloud, client);
}

function trust(cloud: Cloud) {
  const { ca } = tlsSettings(cloud);
  return ca === undefined ? {} : { tlsOptions: { ca } };
}

/**
 * Has a client ask `cloud` and nobody else, and take no reply but its own. What is meant for the
 * practice cloud passes by a proxy that the environment names.
 */
function direct<T extends { readonly pipeline: Pipeline }>(cloud: Cloud, client: T): T {
  client.pipeline.removePolicy({ name: redirectPolicyName });
  client.pipeline.addPolicy(managementReplies(cloud.management));
  if (cloud.loopback) client.pipeline.removePolicy({ name: proxyPolicyName });
  return client;
}

/** @throws AccountError `NO_SUBSCRIPTION` */
export function chosenSubscription(cloud: Cloud, given: string | undefined): string {
  const id = given ?? cloud.subscriptionId;
  if (id) return id;
  throw new AccountError("NO_SUBSCRIPTION", "no subscription was chosen", {
    hint: "Pass subscriptionId to connect, or set AZURE_SUBSCRIPTION_ID.",
  });
}
