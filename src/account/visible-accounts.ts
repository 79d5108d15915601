import { createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import type { Cloud } from "../core/cloud.ts";
import { AccountError } from "../core/errors.ts";
import { nameSome } from "../core/near-names.ts";
import { groupIn } from "./account-names.ts";
import { explainManagement } from "./explain-management.ts";
import { managementClient, storageClient } from "./management.ts";
import type { Caller } from "./management-options.ts";

/** A storage account that the caller may see. */
export interface VisibleAccount {
  readonly name: string;
  /** Name of the subscription. */
  readonly subscription: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Region, as `westeurope`. */
  readonly location: string;
  /** Whether it has a hierarchical namespace: directories, atomic renames and access lists. */
  readonly isLake: boolean;
  /** Data Lake endpoint: `https://NAME.dfs.core.windows.net`. */
  readonly endpoint: string;
  readonly created: Date | undefined;
  /** Resource id: `/subscriptions/…`. */
  readonly id: string;
}

/** A subscription in which the caller has a role. */
export interface VisibleSubscription {
  readonly id: string;
  readonly name: string;
}

const SUBSCRIPTIONS_VERSION = "2022-12-01";

/** Subscriptions in which the caller has any role, in name order. @throws AccountError */
export async function visibleSubscriptions(
  cloud: Cloud,
  credential: Caller["credential"],
  signal?: AbortSignal,
): Promise<VisibleSubscription[]> {
  const client = managementClient(cloud, { credential, subscriptionId: "" });
  const subscriptions: VisibleSubscription[] = [];
  let next: string | undefined =
    `${cloud.management}/subscriptions?api-version=${SUBSCRIPTIONS_VERSION}`;
  try {
    while (next) {
      const url: string = next;
      const request = createPipelineRequest({ url, ...(signal && { abortSignal: signal }) });
      request.headers.set("Accept", "application/json");
      const response = await client.sendRequest(request);
      const body = JSON.parse(response.bodyAsText ?? "{}");
      if (response.status !== 200) {
        const { code, message = `status ${response.status}` } = body.error ?? {};
        throw new RestError(message, { code, statusCode: response.status, response });
      }
      for (const { subscriptionId, displayName } of body.value) {
        subscriptions.push({ id: subscriptionId, name: displayName ?? subscriptionId });
      }
      next = body.nextLink;
    }
  } catch (error) {
    throw explainManagement(error, "list the subscriptions");
  }
  return subscriptions.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The storage accounts of all subscriptions that the caller may see. Subscriptions are listed in
 * parallel, and come in name order.
 *
 * @throws AccountError, which names the subscription that could not be listed
 */
export async function* visibleAccounts(
  cloud: Cloud,
  credential: Caller["credential"],
  signal?: AbortSignal,
): AsyncGenerator<VisibleAccount> {
  const subscriptions = await visibleSubscriptions(cloud, credential, signal);
  const listing = subscriptions.map((subscription) => {
    const accounts = accountsIn(cloud, credential, subscription, signal);
    accounts.catch(() => {}); // awaited below
    return accounts;
  });
  for (const accounts of listing) yield* await accounts;
}

async function accountsIn(
  cloud: Cloud,
  credential: Caller["credential"],
  { id: subscriptionId, name: subscription }: VisibleSubscription,
  signal: AbortSignal | undefined,
): Promise<VisibleAccount[]> {
  const client = await storageClient(cloud, { credential, subscriptionId });
  const accounts: VisibleAccount[] = [];
  try {
    for await (const account of client.storageAccounts.list(
      signal ? { abortSignal: signal } : {},
    )) {
      const { name = "", id = "", location = "", isHnsEnabled = false, creationTime } = account;
      accounts.push({
        name,
        subscription,
        subscriptionId,
        resourceGroup: groupIn(id),
        location,
        isLake: isHnsEnabled,
        endpoint: (account.primaryEndpoints?.dfs ?? "").replace(/\/$/, ""),
        created: creationTime,
        id,
      });
    }
  } catch (error) {
    throw explainManagement(error, `list the storage accounts of subscription ${subscription}`);
  }
  return accounts.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The account of a name among those that the caller may see.
 *
 * @throws AccountError `NOT_FOUND`, with the most similar names
 */
export async function findAccount(
  cloud: Cloud,
  credential: Caller["credential"],
  name: string,
  signal?: AbortSignal,
): Promise<VisibleAccount> {
  const others: string[] = [];
  for await (const account of visibleAccounts(cloud, credential, signal)) {
    if (account.name === name) return account;
    others.push(account.name);
  }
  const hint = others.length ? `There are: ${nameSome(others, name)}.` : "You may see none at all.";
  throw new AccountError("NOT_FOUND", `you may see no storage account ${name}`, { hint });
}
