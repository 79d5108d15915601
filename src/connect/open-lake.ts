import type { LakeAccounts } from "../account/lake-accounts.ts";
import type { ManagementOptions } from "../account/management-options.ts";
import { type LakeAccountsOptions, openAccountsIn } from "../account/open-accounts.ts";
import { openSubscriptionIn, type Subscription } from "../account/subscription.ts";
import type { Lake } from "../lake/lake.ts";
import { type OpenLakeOptions, openLakeIn } from "../lake/open-lake-in.ts";
import { callerOf, connectedTo } from "./connection.ts";
import { accountNames } from "./list-accounts.ts";
import { type ChangeOptions, unlessReadOnly } from "./read-only.ts";

/**
 * Opens a file system of the connected cloud as the user who signed in last.
 *
 * In Azure itself it is opened read-only unless `writable` is set.
 *
 * @param place a name such as `raw`, or a URL of the file system as people have them: `abfss://`,
 *   `https://` of the dfs or the blob endpoint or of the portal's page of a container, `wasbs://`,
 *   `az://`; `adl://` for Gen1
 * @param options `writable` to change what is there, and as whom to ask
 * @throws CloudError `NOT_CONNECTED`; LakeError `BAD_PATH`, or `UNAUTHENTICATED` when nobody is
 *   signed in and no credential is given
 * @example
 * const lake = openLake("raw");
 * await collect(lake.list("flights/**\/*.parquet"));
 */
export function openLake(place: string, options: OpenLakeOptions & ChangeOptions = {}): Lake {
  const here = connectedTo(place);
  const { cloud, session } = here;
  const accounts = session && (() => accountNames(here, session));
  const lake = openLakeIn(cloud, place, {
    ...(session && { credential: session }),
    ...options,
    accounts,
  });
  return unlessReadOnly(lake, {
    reading: LAKE_READING,
    dryRuns: ["syncUp"],
    what: lake.url,
    cloud,
    ...options,
  });
}

const LAKE_READING = [
  "list",
  "stat",
  "exists",
  "read",
  "readText",
  "stream",
  "download",
  "access",
  "du",
  "tree",
  "syncDown",
] as const;

/**
 * Opens a subscription of the connected cloud, its resource groups and roles, as the user who
 * signed in last. In Azure itself it is opened read-only unless `writable` is set.
 *
 * @param options another subscription than the connected one, and as whom to ask
 * @throws CloudError `NOT_CONNECTED`; AccountError `NO_SUBSCRIPTION`, `UNAUTHENTICATED`
 * @example
 * const subscription = openSubscription();
 * await subscription.resourceGroups();
 */
export function openSubscription(
  options: Partial<ManagementOptions> & ChangeOptions = {},
): Subscription {
  const here = connectedTo("a subscription");
  const { cloud } = here;
  const credential = callerOf(here, options.credential);
  const subscription = openSubscriptionIn(cloud, { ...options, credential });
  const what = `subscription ${subscription.id}`;
  return unlessReadOnly(subscription, { reading: ["resourceGroups"], what, cloud, ...options });
}

/** Resource group and credential; default: the last sign-in. */
export type OpenAccountsOptions = Omit<LakeAccountsOptions, "credential"> &
  Partial<Pick<LakeAccountsOptions, "credential">> &
  ChangeOptions;

/**
 * Opens the Data Lake Storage accounts of a resource group of the connected cloud. In Azure itself
 * they are opened for reading unless `writable` says otherwise.
 *
 * @param options the resource group, and as whom to ask
 * @throws CloudError `NOT_CONNECTED`; AccountError `NO_SUBSCRIPTION`, `UNAUTHENTICATED`, `BAD_NAME`
 * @example
 * const accounts = openAccounts({ resourceGroup: "examples" });
 * await accounts.checkName("mylake2026");
 */
export function openAccounts(options: OpenAccountsOptions): LakeAccounts {
  const what = `the accounts of ${options.resourceGroup}`;
  const here = connectedTo(what);
  const { cloud } = here;
  const credential = callerOf(here, options.credential);
  const accounts = openAccountsIn(cloud, { ...options, credential });
  return unlessReadOnly(accounts, {
    reading: ["checkName", "get", "list"],
    what,
    cloud,
    ...options,
  });
}
