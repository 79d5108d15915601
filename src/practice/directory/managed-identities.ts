import { RESOURCE_GROUP, SUBSCRIPTION } from "./tenant.ts";

export interface ManagedIdentity {
  readonly clientId: string;
  /** Object id of its service principal in the tenant. */
  readonly objectId: string;
  readonly name: string;
  /** Resource id of a user-assigned identity, or of the machine of a system-assigned one. */
  readonly resourceId: string;
}

const GROUP = `/subscriptions/${SUBSCRIPTION.id}/resourceGroups/${RESOURCE_GROUP.name}`;

/** The system-assigned identity of the machine. It may list resources, but read no data. */
export const SYSTEM_IDENTITY: ManagedIdentity = {
  clientId: "5157e000-11ab-4a11-9b00-c0de00000011",
  objectId: "5157e000-11ab-4a11-9b00-c0de000000b1",
  name: "notelake-vm",
  resourceId: `${GROUP}/providers/Microsoft.Compute/virtualMachines/notelake-vm`,
};

/** A user-assigned identity of the machine. It may read the lake. */
export const USER_IDENTITY: ManagedIdentity = {
  clientId: "a551911e-11ab-4a11-9b00-c0de00000012",
  objectId: "a551911e-11ab-4a11-9b00-c0de000000b2",
  name: "notelake-reader",
  resourceId: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/notelake-reader`,
};

export const MANAGED_IDENTITIES: readonly ManagedIdentity[] = [SYSTEM_IDENTITY, USER_IDENTITY];
