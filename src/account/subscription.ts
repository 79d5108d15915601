import type { ResourceGroup as ArmResourceGroup } from "@azure/arm-resources";
import { isRestError } from "@azure/core-rest-pipeline";
import type { Cloud } from "../core/cloud.ts";
import { AccountError } from "../core/errors.ts";
import { confirmGone } from "./confirm-gone.ts";
import { explainManagement } from "./explain-management.ts";
import { chosenSubscription, groupsClient, rolesClient } from "./management.ts";
import type { ManagementOptions } from "./management-options.ts";
import type { RoleGrant } from "./role-types.ts";
import { grantRole, revokeRole } from "./roles.ts";

/** A group of resources, which are deleted with it. */
export interface ResourceGroup {
  readonly name: string;
  /** Region of the group's own record, as `westeurope`. */
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** How a resource group is to be made. */
export interface NewResourceGroup {
  /** Region of its record, as `westeurope`. */
  location: string;
  /** Names and values to find it by. */
  tags?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/**
 * The resource groups and role assignments of a subscription. Each call throws an AccountError,
 * such as `FORBIDDEN` with the role that is missing.
 *
 * @example
 * const subscription = openSubscription();
 * await subscription.createResourceGroup("more-examples", { location: "westeurope" });
 * (await subscription.resourceGroups()).map(({ name }) => name);
 * await subscription.deleteResourceGroup("more-examples");
 */
export interface Subscription {
  /** A GUID. */
  readonly id: string;
  /** Groups that the caller may see, in name order. */
  resourceGroups(options?: { signal?: AbortSignal | undefined }): Promise<ResourceGroup[]>;
  /** Creates a group. @throws AccountError `EXISTS` when it exists */
  createResourceGroup(name: string, group: NewResourceGroup): Promise<ResourceGroup>;
  /** Deletes a group and everything in it; resolves once it is gone. */
  deleteResourceGroup(name: string, options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** Assigns a role, unless it is assigned. */
  grantRole(grant: RoleGrant): Promise<void>;
  /** Removes the assignment of a role at exactly this scope, if there is one. */
  revokeRole(grant: RoleGrant): Promise<void>;
}

/**
 * A subscription of `cloud`; nothing is sent before the first call. Each call throws an
 * AccountError, such as `FORBIDDEN` with the role that is missing.
 */
export function openSubscriptionIn(cloud: Cloud, options: ManagementOptions): Subscription {
  const id = chosenSubscription(cloud, options.subscriptionId);
  const caller = { credential: options.credential, subscriptionId: id };
  let client: ReturnType<typeof groupsClient> | undefined;
  const groups = async () => {
    client ??= groupsClient(cloud, caller);
    return (await client).resourceGroups;
  };
  const abort = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});

  // `checkExistence` asks by HEAD, and a refusal of that does not say who may not do what.
  const isThere = async (name: string, signal: AbortSignal | undefined) =>
    (await groups()).get(name, abort(signal)).then(
      () => true,
      (error) => {
        if (isRestError(error) && error.statusCode === 404) return false;
        throw error;
      },
    );

  return {
    id,
    async resourceGroups({ signal } = {}) {
      const visible: ResourceGroup[] = [];
      try {
        const all = (await groups()).list(abort(signal));
        for await (const group of all) visible.push(plain(group));
      } catch (error) {
        throw explainManagement(error, `list the resource groups of subscription ${id}`);
      }
      return visible.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async createResourceGroup(name, { location, tags = {}, signal }) {
      try {
        if (await isThere(name, signal)) {
          throw new AccountError("EXISTS", `resource group ${name} exists already`, {
            hint: "Choose another name, or delete it first.",
          });
        }
        const wanted = { location, tags };
        return plain(await (await groups()).createOrUpdate(name, wanted, abort(signal)));
      } catch (error) {
        throw explainManagement(error, `create resource group ${name}`);
      }
    },
    async deleteResourceGroup(name, { signal } = {}) {
      try {
        await (await groups()).delete(name, abort(signal));
        await confirmGone(`resource group ${name}`, () => isThere(name, signal), signal);
      } catch (error) {
        throw explainManagement(error, `delete resource group ${name}`);
      }
    },
    grantRole: async (grant) => grantRole(await rolesClient(cloud, caller), id, grant),
    revokeRole: async (grant) => revokeRole(await rolesClient(cloud, caller), id, grant),
  };
}

function plain({ name = "", location, tags = {} }: ArmResourceGroup): ResourceGroup {
  return { name, location, tags };
}
