import type { DefaultAction, StorageAccount, StorageManagementClient } from "@azure/arm-storage";
import type { Cloud } from "../core/cloud.ts";
import type { Listing } from "../core/listing.ts";
import { accountExists, accountListing, checkAccountName, groupIn } from "./account-names.ts";
import { confirmGone, isThere } from "./confirm-gone.ts";
import { explainManagement } from "./explain-management.ts";
import type {
  AccountCallOptions,
  LakeAccount,
  LakeAccountChange,
  LakeAccounts,
  NameCheck,
  NewLakeAccount,
} from "./lake-accounts.ts";
import { type GroupCaller, storageClient } from "./management.ts";

/** Storage accounts with a hierarchical namespace. */
export class Gen2Accounts implements LakeAccounts {
  readonly #cloud: Cloud;
  readonly #caller: GroupCaller;
  readonly #group: string;
  #client: Promise<StorageManagementClient> | undefined;

  constructor(cloud: Cloud, caller: GroupCaller) {
    this.#cloud = cloud;
    this.#caller = caller;
    this.#group = caller.resourceGroup;
  }

  async checkName(name: string, { signal }: AccountCallOptions = {}): Promise<NameCheck> {
    const parameters = { name, type: "Microsoft.Storage/storageAccounts" } as const;
    const { nameAvailable = false, message } = await this.#do(
      `check the name ${name}`,
      (accounts) => accounts.checkNameAvailability(parameters, abort(signal)),
    );
    return { available: nameAvailable, reason: message };
  }

  async create(name: string, account: NewLakeAccount): Promise<LakeAccount> {
    const { location, tags = {}, onProgress, signal } = account;
    checkAccountName(name);
    // Creating an account that exists would change it.
    const { available, reason } = await this.checkName(name, { signal });
    if (!available) throw accountExists(name, reason);
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    const parameters = {
      location,
      tags,
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      isHnsEnabled: true,
      enableHttpsTrafficOnly: true,
      minimumTlsVersion: "TLS1_2",
      allowBlobPublicAccess: false,
    };
    return this.#do(`create the account ${name}`, async (accounts) => {
      const poller = accounts.create(this.#group, name, parameters, abort(signal));
      poller.onProgress(({ status }) =>
        onProgress?.({ state: STATES[status] ?? status, seconds: seconds() }),
      );
      const made = await poller.pollUntilDone(signal ? { abortSignal: signal } : {});
      onProgress?.({ state: made.provisioningState ?? "Succeeded", seconds: seconds() });
      return plain(made);
    });
  }

  async get(name: string, { signal }: AccountCallOptions = {}): Promise<LakeAccount> {
    checkAccountName(name);
    return this.#do(`get the account ${name}`, async (accounts) =>
      plain(await accounts.getProperties(this.#group, name, abort(signal))),
    );
  }

  list(options: AccountCallOptions = {}): Listing<LakeAccount> {
    return accountListing(this.#group, () => this.#list(options));
  }

  async *#list({ signal }: AccountCallOptions): AsyncGenerator<LakeAccount> {
    try {
      const all = (await this.#accounts()).listByResourceGroup(this.#group, abort(signal));
      for await (const account of all) if (account.isHnsEnabled) yield plain(account);
    } catch (error) {
      throw explainManagement(error, `list the accounts of ${this.#group}`);
    }
  }

  async update(name: string, change: LakeAccountChange): Promise<LakeAccount> {
    const { tags, firewall, signal } = change;
    checkAccountName(name);
    const ipRules = (firewall ?? []).map((address) => ({ iPAddressOrRange: address }));
    const defaultAction: DefaultAction = firewall ? "Deny" : "Allow";
    const parameters = {
      ...(tags && { tags }),
      ...(firewall !== undefined && { networkRuleSet: { defaultAction, ipRules } }),
    };
    return this.#do(`update the account ${name}`, async (accounts) =>
      plain(await accounts.update(this.#group, name, parameters, abort(signal))),
    );
  }

  async delete(name: string, { signal }: AccountCallOptions = {}): Promise<void> {
    checkAccountName(name);
    await this.#do(`delete the account ${name}`, (accounts) =>
      accounts.delete(this.#group, name, abort(signal)),
    );
    const get = () => this.get(name, { signal });
    await confirmGone(`the account ${name}`, () => isThere(get), signal);
  }

  async #accounts(): Promise<StorageManagementClient["storageAccounts"]> {
    this.#client ??= storageClient(this.#cloud, this.#caller);
    return (await this.#client).storageAccounts;
  }

  async #do<T>(
    operation: string,
    work: (accounts: StorageManagementClient["storageAccounts"]) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(await this.#accounts());
    } catch (error) {
      throw explainManagement(error, operation);
    }
  }
}

const STATES: Readonly<Record<string, string>> = { running: "Creating", succeeded: "Succeeded" };

function abort(signal: AbortSignal | undefined) {
  return signal ? { abortSignal: signal } : {};
}

function plain(account: StorageAccount): LakeAccount {
  const { name = "", id = "", location = "", tags = {}, networkRuleSet } = account;
  const closed = networkRuleSet?.defaultAction === "Deny";
  return {
    name,
    generation: 2,
    resourceGroup: groupIn(id),
    location,
    state: account.provisioningState ?? "",
    endpoint: (account.primaryEndpoints?.dfs ?? "").replace(/\/$/, ""),
    created: account.creationTime,
    tags,
    firewall: closed
      ? (networkRuleSet.ipRules ?? []).map(({ iPAddressOrRange }) => iPAddressOrRange)
      : undefined,
  };
}
