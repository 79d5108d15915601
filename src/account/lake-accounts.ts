import type { Listing } from "../core/listing.ts";

/** A Data Lake Storage account. */
export interface LakeAccount {
  /** Its name, which no other account of Azure has. */
  readonly name: string;
  /** 2 for Data Lake Storage Gen2, 1 for the retired Gen1. */
  readonly generation: 1 | 2;
  readonly resourceGroup: string;
  /** Region, as `westeurope`. */
  readonly location: string;
  /** `Succeeded` once it can be used. */
  readonly state: string;
  /** Where its files are: `https://NAME.dfs.core.windows.net` for Gen2. */
  readonly endpoint: string;
  /** When it was made, where the service tells. */
  readonly created: Date | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Addresses from where it may be used; from anywhere when absent. */
  readonly firewall: readonly string[] | undefined;
}

/** How far the making of an account is. */
export interface ProvisioningStep {
  /** As the service calls it: `Creating`, `Succeeded` and so on. */
  readonly state: string;
  /** Seconds since it was asked for. */
  readonly seconds: number;
}

/** How an account is to be made. */
export interface NewLakeAccount {
  /** Region, as `westeurope`. */
  location: string;
  /** Names and values to find it by. */
  tags?: Record<string, string>;
  /** Called with each state on the way. */
  onProgress?: (step: ProvisioningStep) => void;
  signal?: AbortSignal;
}

/** What is to change of an account; the rest stays. */
export interface LakeAccountChange {
  /** In place of all tags there are. */
  tags?: Record<string, string>;
  /**
   * Addresses from where the account may be used, in place of those there are; null opens it to
   * all. Gen2 takes `20.0.0.1` and `20.0.0.0/24`, Gen1 `20.0.0.1` and `20.0.0.1-20.0.0.9`.
   */
  firewall?: readonly string[] | null;
  signal?: AbortSignal;
}

/** What every call takes. */
export interface AccountCallOptions {
  /** Ends the call when it aborts. */
  signal?: AbortSignal;
}

/** Where the name is to be used. */
export interface NameCheckOptions extends AccountCallOptions {
  /** Region, which only Gen1 asks for. */
  location?: string;
}

/** Whether an account can have a name, and why not. */
export interface NameCheck {
  /** Whether it is free, and a name that an account can have. */
  readonly available: boolean;
  /** Why not, in words of the service. */
  readonly reason: string | undefined;
}

/**
 * The Data Lake Storage accounts of one resource group, of one generation. Each call throws an
 * AccountError: `FORBIDDEN`, `NOT_FOUND`, `EXISTS` and so on.
 *
 * @example
 * const accounts = openAccounts({ resourceGroup: "examples" });
 * await accounts.create("examples2026", { location: "westeurope" });
 * await accounts.update("examples2026", { firewall: ["203.0.113.0/24"] });
 * await accounts.delete("examples2026");
 */
export interface LakeAccounts {
  /** Names are shared by all of Azure, not by a subscription. */
  checkName(name: string, options?: NameCheckOptions): Promise<NameCheck>;
  /** Makes an account, and settles once it can be used. An account that is there is refused. */
  create(name: string, account: NewLakeAccount): Promise<LakeAccount>;
  /** One account. @throws AccountError `NOT_FOUND` */
  get(name: string, options?: AccountCallOptions): Promise<LakeAccount>;
  /** Those of the resource group. */
  list(options?: AccountCallOptions): Listing<LakeAccount>;
  /** Changes tags or firewall of an account. */
  update(name: string, change: LakeAccountChange): Promise<LakeAccount>;
  /** Deletes an account with all its files; one that is not there is fine. */
  delete(name: string, options?: AccountCallOptions): Promise<void>;
}
