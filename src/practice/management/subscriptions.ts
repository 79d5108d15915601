import { ARCHIVE, RESOURCE_GROUP, SUBSCRIPTION, TENANT } from "../directory/tenant.ts";
import { type Call, reply } from "./arm-call.ts";
import { covers } from "./records.ts";
import { isHeldBy } from "./role-checks.ts";

/** All subscriptions of the tenant. */
export const SUBSCRIPTIONS = [SUBSCRIPTION, ARCHIVE] as const;

/** Regions that the practice cloud knows, by their names. */
export const LOCATIONS: Readonly<Record<string, string>> = {
  westeurope: "West Europe",
  northeurope: "North Europe",
  eastus: "East US",
  eastus2: "East US 2",
  westus2: "West US 2",
  uksouth: "UK South",
  southeastasia: "Southeast Asia",
};

export async function listTenants(call: Call): Promise<void> {
  const tenant = {
    id: `/tenants/${TENANT.id}`,
    tenantId: TENANT.id,
    countryCode: "NL",
    displayName: TENANT.name,
    domains: TENANT.domains,
    defaultDomain: TENANT.domains[0],
    tenantCategory: "Home",
    tenantType: "AAD",
  };
  reply(call, 200, { value: [tenant] });
}

/** Lists the subscriptions in which the caller has any role at all. */
export async function listSubscriptions(call: Call): Promise<void> {
  const value = SUBSCRIPTIONS.filter(({ id }) =>
    call.records.assignments.some(
      (item) => isHeldBy(item, call.principal.id) && covers(`/subscriptions/${id}`, item.scope),
    ),
  ).map(describeSubscription);
  reply(call, 200, { value, count: { type: "Total", value: value.length } });
}

export async function getSubscription(call: Call): Promise<void> {
  call.demand("Microsoft.Resources/subscriptions/read", call.subscription);
  const subscription = SUBSCRIPTIONS.find(({ id }) => call.subscription.endsWith(id));
  if (subscription) reply(call, 200, describeSubscription(subscription));
}

export async function listLocations(call: Call): Promise<void> {
  call.demand("Microsoft.Resources/subscriptions/locations/read", call.subscription);
  const value = Object.entries(LOCATIONS).map(([name, displayName]) => ({
    id: `${call.subscription}/locations/${name}`,
    subscriptionId: call.subscription.split("/").at(-1),
    name,
    type: "Region",
    displayName,
    regionalDisplayName: displayName,
    metadata: { regionType: "Physical", regionCategory: isHome(name) ? "Recommended" : "Other" },
  }));
  reply(call, 200, { value });
}

function isHome(name: string): boolean {
  return name === RESOURCE_GROUP.location;
}

function describeSubscription({ id, name }: { readonly id: string; readonly name: string }) {
  return {
    id: `/subscriptions/${id}`,
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionId: id,
    tenantId: TENANT.id,
    displayName: name,
    state: "Enabled",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "PayAsYouGo_2014-09-01",
      spendingLimit: "Off",
    },
  };
}
