import { RESOURCE_GROUP, SUBSCRIPTION, TENANT } from "../directory/tenant.ts";
import { isHeldBy } from "./access.ts";
import { type Call, reply } from "./call.ts";
import { SUBSCRIPTION_SCOPE } from "./records.ts";

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
  const { assignments } = call.records;
  const seen = assignments.some((item) => isHeldBy(item, call.principal.id));
  const value = seen ? [describeSubscription()] : [];
  reply(call, 200, { value, count: { type: "Total", value: value.length } });
}

export async function getSubscription(call: Call): Promise<void> {
  call.demand("Microsoft.Resources/subscriptions/read", SUBSCRIPTION_SCOPE);
  reply(call, 200, describeSubscription());
}

export async function listLocations(call: Call): Promise<void> {
  call.demand("Microsoft.Resources/subscriptions/locations/read", SUBSCRIPTION_SCOPE);
  const value = Object.entries(LOCATIONS).map(([name, displayName]) => ({
    id: `${SUBSCRIPTION_SCOPE}/locations/${name}`,
    subscriptionId: SUBSCRIPTION.id,
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

function describeSubscription() {
  return {
    id: SUBSCRIPTION_SCOPE,
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionId: SUBSCRIPTION.id,
    tenantId: TENANT.id,
    displayName: SUBSCRIPTION.name,
    state: "Enabled",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "PayAsYouGo_2014-09-01",
      spendingLimit: "Off",
    },
  };
}
