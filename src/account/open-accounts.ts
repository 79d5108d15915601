import type { Cloud } from "../core/cloud.ts";
import { AccountError } from "../core/errors.ts";
import { Gen1Accounts } from "./gen1-accounts.ts";
import { Gen2Accounts } from "./gen2-accounts.ts";
import type { LakeAccounts } from "./lake-accounts.ts";
import { chosenSubscription } from "./management.ts";
import type { ManagementOptions } from "./management-options.ts";

export interface LakeAccountsOptions extends ManagementOptions {
  /** Name of the group that the accounts are in. */
  resourceGroup: string;
  /** Default 2. Gen1 was retired on 29 February 2024. */
  generation?: 1 | 2;
}

/** The Data Lake Storage accounts of a resource group; nothing is sent before the first call. */
export function openAccountsIn(cloud: Cloud, options: LakeAccountsOptions): LakeAccounts {
  const { credential, resourceGroup, generation = 2 } = options;
  const subscriptionId = chosenSubscription(cloud, options.subscriptionId);
  if (!/^[-\w.()]{1,90}$/.test(resourceGroup)) {
    throw new AccountError("BAD_NAME", `${JSON.stringify(resourceGroup)} is no resource group`);
  }
  const Accounts = generation === 1 ? Gen1Accounts : Gen2Accounts;
  return new Accounts(cloud, { credential, subscriptionId, resourceGroup });
}
