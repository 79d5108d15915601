// Their clients are loaded when they are needed first: they take a tenth of notelake's start.
import type { AuthorizationManagementClient } from "@azure/arm-authorization";
import type { ResourceManagementClient } from "@azure/arm-resources";
import type { StorageManagementClient } from "@azure/arm-storage";
import { ServiceClient } from "@azure/core-client";
import { type Pipeline, proxyPolicyName, redirectPolicyName } from "@azure/core-rest-pipeline";
import { managementReplies } from "../core/azure-pipeline.ts";
import { type Cloud, tlsSettings } from "../core/cloud.ts";
import { AccountError } from "../core/errors.ts";
import type { Caller } from "./management-options.ts";

/** The Azure client for resource groups, with requests to `cloud`. */
export async function groupsClient(
  cloud: Cloud,
  caller: Caller,
): Promise<ResourceManagementClient> {
  const { ResourceManagementClient } = await import("@azure/arm-resources");
  const { credential, subscriptionId } = caller;
  return direct(cloud, new ResourceManagementClient(credential, subscriptionId, settings(cloud)));
}

/** The Azure client for roles, with requests to `cloud`. */
export async function rolesClient(
  cloud: Cloud,
  caller: Caller,
): Promise<AuthorizationManagementClient> {
  const { AuthorizationManagementClient } = await import("@azure/arm-authorization");
  const client = new AuthorizationManagementClient(caller.credential, caller.subscriptionId, {
    endpoint: cloud.management,
    credentialScopes: cloud.scopes.management,
    ...trust(cloud),
  });
  return direct(cloud, client);
}

export interface GroupCaller extends Caller {
  readonly resourceGroup: string;
}

/** The Azure client for storage accounts, with requests to `cloud`. */
export async function storageClient(
  cloud: Cloud,
  caller: Caller,
): Promise<StorageManagementClient> {
  const { StorageManagementClient } = await import("@azure/arm-storage");
  const { credential, subscriptionId } = caller;
  return direct(cloud, new StorageManagementClient(credential, subscriptionId, settings(cloud)));
}

/** A client for services without an Azure client, with requests to `cloud`. */
export function managementClient(cloud: Cloud, { credential }: Caller): ServiceClient {
  const client = new ServiceClient({
    credential,
    credentialScopes: cloud.scopes.management,
    endpoint: cloud.management,
    ...trust(cloud),
  });
  return direct(cloud, client);
}

function settings(cloud: Cloud) {
  const { management } = cloud;
  return {
    endpoint: management,
    credentials: { scopes: [cloud.scopes.management] },
    ...trust(cloud),
  };
}

function trust(cloud: Cloud) {
  const { ca } = tlsSettings(cloud);
  return ca === undefined ? {} : { tlsOptions: { ca } };
}

/**
 * Makes a client send to `cloud` only, and refuse replies of anything else. Requests to the
 * practice cloud use no proxy.
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
