import type { Listing } from "../core/listing.ts";

/** A Data Lake Storage account. */
export interface LakeAccount {
  /** Unique in all of Azure. */
  readonly name: string;
  /** 2 for Data Lake Storage Gen2, 1 for the retired Gen1. */
  readonly generation: 1 | 2;
  readonly resourceGroup: string;
  /** Region, as `westeurope`. */
  readonly location: string;
  /** `Succeeded` once it can be used. */
  readonly state: string;
  /** Data Lake endpoint: `https://NAME.dfs.core.windows.net` for Gen2. */
  readonly endpoint: string;
  /** When it was created, if known. */
  readonly created: Date | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** IP addresses that may use it; all when absent. */
  readonly firewall: readonly string[] | undefined;
}

/** Progress of the creation of an account. */
export interface ProvisioningStep {
  /** State of the service: `Creating`, `Succeeded` and so on. */
  readonly state: string;
  /** Seconds since it was asked for. */
  readonly seconds: number;
}

/** Properties of a new account. */
export interface NewLakeAccount {
  /** Region, as `westeurope`. */
  location: string;
  /** Names and values to find it by. */
  tags?: Record<string, string>;
  /** Called with each state. */
  onProgress?: (step: ProvisioningStep) => void;
  signal?: AbortSignal | undefined;
}

/** Changes to an account. */
export interface LakeAccountChange {
  /** Replaces all tags. */
  tags?: Record<string, string>;
  /**
   * Replaces the IP addresses that may use the account; null opens it to all. Gen2 takes `20.0.0.1`
   * and `20.0.0.0/24`, Gen1 `20.0.0.1` and `20.0.0.1-20.0.0.9`.
   */
  firewall?: readonly string[] | null;
  signal?: AbortSignal | undefined;
}

/** Options of every call. */
export interface AccountCallOptions {
  /** Ends the call when it aborts. */
  signal?: AbortSignal | undefined;
}

export interface NameCheckOptions extends AccountCallOptions {
  /** Region; only for Gen1. */
  location?: string;
}

/** Whether an account can have a name, and why not. */
export interface NameCheck {
  /** Whether it is valid and not in use. */
  readonly available: boolean;
  /** Why not, as the service says. */
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
  /** Creates an account, and resolves once it can be used. Fails with `EXISTS` when it exists. */
  create(name: string, account: NewLakeAccount): Promise<LakeAccount>;
  /** One account. @throws AccountError `NOT_FOUND` */
  get(name: string, options?: AccountCallOptions): Promise<LakeAccount>;
  /** The accounts of the resource group. */
  list(options?: AccountCallOptions): Listing<LakeAccount>;
  /** Changes tags or firewall of an account. */
  update(name: string, change: LakeAccountChange): Promise<LakeAccount>;
  /** Deletes an account with all its files, if it exists. */
  delete(name: string, options?: AccountCallOptions): Promise<void>;
}
