import type { Keys } from "../storage/account-keys.ts";
import { sign } from "./shared-key.ts";

/** What a user delegation key is for; times in ISO 8601 as they stand in a signature. */
export interface Delegation {
  readonly id: string;
  readonly tenantId: string;
  readonly start: string;
  readonly expiry: string;
  readonly service: string;
  readonly version: string;
}

/** The key follows from what it is for, so that none has to be kept. Base64. */
export function delegationKey(keys: Keys, delegation: Delegation): string {
  const { id, tenantId, start, expiry, service, version } = delegation;
  return sign(keys.delegation(), [id, tenantId, start, expiry, service, version].join("\n"));
}
