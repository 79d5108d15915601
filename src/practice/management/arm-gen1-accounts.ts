import { Refusal } from "../service-refusal.ts";
import { accountPaths, accountRoutes } from "./account-routes.ts";
import { accountScope, openAccount, putAccount } from "./arm-accounts.ts";
import { type Call, type Route, readBody, reply, replyEmpty } from "./arm-call.ts";
import { readTags } from "./arm-fields.ts";
import { readFirewallRule } from "./firewall.ts";
import { type AccountRecord, type FirewallRule, same } from "./records.ts";

const paths = accountPaths("gen1");

/** Data Lake Storage Gen1 accounts, version 2016-11-01 of the provider. */
export const GEN1_ROUTES: readonly Route[] = [
  ...accountRoutes({
    generation: "gen1",
    nameCheck: [
      "/locations/[^/]+/checkNameAvailability",
      "Microsoft.DataLakeStore/locations/checkNameAvailability/action",
    ],
    describe: (account) => describe(account),
  }),
  ["GET", `${paths.provider}/locations/([^/]+)/capability`, getCapability],
  ["GET", paths.account, get],
  ["PUT", paths.account, put],
  ["PATCH", paths.account, patch],
  ["GET", `${paths.account}/firewallRules`, listRules],
  ["GET", `${paths.account}/firewallRules/([^/]+)`, getRule],
  ["PUT", `${paths.account}/firewallRules/([^/]+)`, putRule],
  ["DELETE", `${paths.account}/firewallRules/([^/]+)`, removeRule],
];

/** States of a new account, one for each poll, before it has succeeded. */
const STEPS = ["Creating", "Running"];
const steps = new WeakMap<object, Map<string, string[]>>();

async function getCapability(call: Call): Promise<void> {
  call.demand("Microsoft.DataLakeStore/locations/capability/read", call.subscription);
  const accountCount = call.records.accounts.filter((it) => it.generation === "gen1").length;
  reply(call, 200, {
    subscriptionId: call.subscription.split("/").at(-1),
    state: "Registered",
    maxAccountCount: 10,
    accountCount,
    migrationState: false,
  });
}

async function get(call: Call, group = "", name = ""): Promise<void> {
  const account = openAccount(call, "gen1", group, name, "read");
  const state = steps.get(call.records)?.get(account.id)?.shift();
  reply(call, 200, describe(account, state));
}

async function put(call: Call, group = "", name = ""): Promise<void> {
  const { account, isNew } = putAccount(call, "gen1", group, name, await readBody(call));
  if (!isNew) {
    reply(call, 200, describe(account));
    return;
  }
  const [first, ...rest] = STEPS;
  const open = steps.get(call.records) ?? new Map();
  steps.set(call.records, open.set(account.id, rest));
  call.exchange.response.setHeader("retry-after", "1");
  reply(call, 201, describe(account, first));
}

async function patch(call: Call, group = "", name = ""): Promise<void> {
  const old = openAccount(call, "gen1", group, name, "write");
  const { tags, properties } = await readBody(call);
  const firewall = readSwitch(properties, "firewallState");
  const azureIps = readSwitch(properties, "firewallAllowAzureIps");
  const account: AccountRecord = {
    ...old,
    ...(tags !== undefined && { tags: readTags(tags) }),
    ...(firewall !== undefined && { firewall }),
    ...(azureIps !== undefined && { azureIps }),
  };
  call.records.putAccount(account);
  reply(call, 200, describe(account));
}

function readSwitch(properties: unknown, name: string): "Enabled" | "Disabled" | undefined {
  const value = ((properties ?? {}) as Record<string, unknown>)[name];
  if (value === undefined || value === "Enabled" || value === "Disabled") return value;
  throw new Refusal(400, "InvalidFirewallState", `${name} is Enabled or Disabled.`);
}

async function listRules(call: Call, group = "", name = ""): Promise<void> {
  const account = openAccount(call, "gen1", group, name, "firewallRules/read");
  reply(call, 200, { value: rulesOf(account).map((rule) => describeRule(account, rule)) });
}

async function getRule(call: Call, group = "", name = "", ruleName = ""): Promise<void> {
  const account = openAccount(call, "gen1", group, name, "firewallRules/read");
  const rule = rulesOf(account).find((it) => same(it.name, ruleName));
  if (!rule) {
    throw new Refusal(404, "FirewallRuleNotFound", `There is no firewall rule '${ruleName}'.`);
  }
  reply(call, 200, describeRule(account, rule));
}

async function putRule(call: Call, group = "", name = "", ruleName = ""): Promise<void> {
  const account = openAccount(call, "gen1", group, name, "firewallRules/write");
  const { properties } = await readBody(call);
  const rule = readFirewallRule(ruleName, properties);
  const others = rulesOf(account).filter((it) => !same(it.name, ruleName));
  call.records.putAccount({ ...account, firewallRules: [...others, rule] });
  reply(call, 200, describeRule(account, rule));
}

async function removeRule(call: Call, group = "", name = "", ruleName = ""): Promise<void> {
  const account = openAccount(call, "gen1", group, name, "firewallRules/delete");
  const remaining = rulesOf(account).filter((it) => !same(it.name, ruleName));
  const isThere = remaining.length < rulesOf(account).length;
  if (isThere) call.records.putAccount({ ...account, firewallRules: remaining });
  replyEmpty(call, isThere ? 200 : 204);
}

function rulesOf({ firewallRules = [] }: AccountRecord): readonly FirewallRule[] {
  return firewallRules;
}

function idOf({ group, name }: AccountRecord): string {
  return accountScope("gen1", group, name);
}

function describe(account: AccountRecord, provisioningState = "Succeeded") {
  const { name, location, tags, created, id } = account;
  const { firewall = "Disabled", azureIps = "Disabled" } = account;
  return {
    properties: {
      provisioningState,
      state: provisioningState === "Succeeded" ? "Active" : null,
      endpoint: `${name}.azuredatalakestore.net`,
      accountId: id,
      creationTime: created,
      lastModifiedTime: created,
      currentTier: "Consumption",
      newTier: "Consumption",
      encryptionState: "Enabled",
      encryptionConfig: { type: "ServiceManaged" },
      firewallState: firewall,
      firewallAllowAzureIps: azureIps,
      firewallRules: rulesOf(account).map((rule) => describeRule(account, rule)),
      virtualNetworkRules: [],
      trustedIdProviderState: "Disabled",
      trustedIdProviders: [],
    },
    location,
    tags,
    id: idOf(account),
    name,
    type: "Microsoft.DataLakeStore/accounts",
  };
}

function describeRule(account: AccountRecord, { name, ...properties }: FirewallRule) {
  return {
    properties,
    id: `${idOf(account)}/firewallRules/${name}`,
    name,
    type: "Microsoft.DataLakeStore/accounts/firewallRules",
  };
}
