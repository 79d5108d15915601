import type { TokenCredential } from "@azure/core-auth";

/** Credential and subscription for Azure Resource Manager. */
export interface ManagementOptions {
  credential: TokenCredential;
  /** Default: the cloud's own. */
  subscriptionId?: string;
}

export interface Caller {
  readonly credential: TokenCredential;
  readonly subscriptionId: string;
}
