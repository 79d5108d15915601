import { BlockList, isIPv4 } from "node:net";
import type { AccountKind } from "../lake/index.ts";
import { Refusal } from "../service-refusal.ts";
import type { AccountRecord, FirewallRule, NetworkRules, Records } from "./records.ts";

/** The default rules. */
export const OPEN: NetworkRules = {
  bypass: "AzureServices",
  defaultAction: "Allow",
  ipRules: [],
  virtualNetworkRules: [],
};

/**
 * The current rule of an account that blocks an address; undefined when none does. `bypass` and
 * `firewallAllowAzureIps` admit services of Azure, which do not call here.
 */
export function createFirewall(records: Records) {
  return (name: string, kind: AccountKind, address: string): string | undefined => {
    const account = records.findAccount(kind, name);
    if (!account) return undefined;
    if (kind === "gen1") return admitsGen1(account, address) ? undefined : "firewallState: Enabled";
    return admitsGen2(account, address) ? undefined : "networkAcls.defaultAction: Deny";
  };
}

function admitsGen2({ networkRules = OPEN }: AccountRecord, address: string): boolean {
  if (networkRules.defaultAction === "Allow") return true;
  const list = new BlockList();
  for (const { value } of networkRules.ipRules) addRange(list, value);
  return list.check(address);
}

function admitsGen1({ firewall, firewallRules = [] }: AccountRecord, address: string): boolean {
  if (firewall !== "Enabled") return true;
  const list = new BlockList();
  for (const { startIpAddress, endIpAddress } of firewallRules) {
    list.addRange(startIpAddress, endIpAddress);
  }
  return list.check(address);
}

/** An address, or a range of them as `203.0.113.0/24`. */
function addRange(list: BlockList, range: string): void {
  const [address = "", bits = "32"] = range.split("/");
  list.addSubnet(address, Number(bits));
}

function isRange(value: unknown): value is string {
  const [, address = "", bits = "32"] = /^([\d.]+)(?:\/(\d{1,2}))?$/.exec(String(value)) ?? [];
  return isIPv4(address) && Number(bits) <= 32;
}

/**
 * A body's `networkAcls`, completed from the old ones.
 *
 * @throws Refusal for invalid rules
 */
export function readNetworkRules(given: unknown, old: NetworkRules = OPEN): NetworkRules {
  const rules = { ...old, ...(given as Partial<NetworkRules>) };
  const { defaultAction, ipRules } = rules;
  if (defaultAction !== "Allow" && defaultAction !== "Deny") throw refusal("defaultAction");
  if (!Array.isArray(ipRules) || !ipRules.every(({ value }) => isRange(value))) {
    throw refusal("ipRule[*].value");
  }
  return { ...rules, ipRules: ipRules.map(({ value }) => ({ value, action: "Allow" })) };
}

function refusal(name: string): Refusal {
  const text = `Values for request parameters are invalid: networkAcls.${name}.`;
  return new Refusal(400, "InvalidValuesForRequestParameters", text);
}

/** @throws Refusal when a rule is no range of IPv4 addresses */
export function readFirewallRule(name: string, properties: unknown): FirewallRule {
  const { startIpAddress, endIpAddress } = (properties ?? {}) as Record<string, unknown>;
  if (isAddress(startIpAddress) && isAddress(endIpAddress)) {
    if (numberOf(startIpAddress) <= numberOf(endIpAddress)) {
      return { name, startIpAddress, endIpAddress };
    }
  }
  throw new Refusal(
    400,
    "InvalidFirewallRule",
    "A rule has two IPv4 addresses, startIpAddress and an endIpAddress that is not before it.",
  );
}

function isAddress(value: unknown): value is string {
  return typeof value === "string" && isIPv4(value);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
