import {
  type LakeAccounts,
  type LakeAccountsOptions,
  openAccountsIn,
} from "../account/lake-accounts.ts";
import type { ManagementOptions } from "../account/management.ts";
import { openSubscriptionIn, type Subscription } from "../account/subscription.ts";
import type { Lake } from "../lake/lake.ts";
import { type OpenLakeOptions, openLakeIn } from "../lake/open.ts";
import { callerOf, connectedTo } from "./connection.ts";

/**
 * Opens a file system of the connected cloud as whoever signed in last.
 *
 * @param place a name such as `raw`, or an `abfss://`, `https://` or `adl://` URL
 * @throws CloudError `NOT_CONNECTED`; LakeError `BAD_PATH`, or `UNAUTHENTICATED` when nobody is
 *   signed in and no credential is given
 */
export function openLake(place: string, options: OpenLakeOptions = {}): Lake {
  const { cloud, session } = connectedTo(place);
  return openLakeIn(cloud, place, { ...(session && { credential: session }), ...options });
}

/**
 * Opens a subscription of the connected cloud, its resource groups and roles, as whoever signed in
 * last.
 *
 * @throws CloudError `NOT_CONNECTED`; AccountError `NO_SUBSCRIPTION`, `UNAUTHENTICATED`
 */
export function openSubscription(options: Partial<ManagementOptions> = {}): Subscription {
  const here = connectedTo("a subscription");
  const credential = callerOf(here, options.credential);
  return openSubscriptionIn(here.cloud, { ...options, credential });
}

/** Whose accounts to manage, as whoever signed in last unless told otherwise. */
export type OpenAccountsOptions = Omit<LakeAccountsOptions, "credential"> &
  Partial<Pick<LakeAccountsOptions, "credential">>;

/**
 * Opens the Data Lake Storage accounts of a resource group of the connected cloud.
 *
 * @throws CloudError `NOT_CONNECTED`; AccountError `NO_SUBSCRIPTION`, `UNAUTHENTICATED`, `BAD_NAME`
 */
export function openAccounts(options: OpenAccountsOptions): LakeAccounts {
  const here = connectedTo(`the accounts of ${options.resourceGroup}`);
  const credential = callerOf(here, options.credential);
  return openAccountsIn(here.cloud, { ...options, credential });
}
