import { randomUUID } from "node:crypto";
import { Refusal } from "../service-refusal.ts";
import { accountPaths, accountRoutes } from "./account-routes.ts";
import { accountScope, openAccount, putAccount } from "./arm-accounts.ts";
import { type Call, type Route, readBody, reply, replyEmpty } from "./arm-call.ts";
import { readTags } from "./arm-fields.ts";
import { OPEN, readNetworkRules } from "./firewall.ts";
import type { AccountRecord } from "./records.ts";

const paths = accountPaths("gen2");

/** Storage accounts with a hierarchical namespace: Data Lake Storage Gen2. */
export const STORAGE_ROUTES: readonly Route[] = [
  ...accountRoutes({
    generation: "gen2",
    nameCheck: ["/checkNameAvailability", "Microsoft.Storage/checknameavailability/read"],
    describe,
  }),
  ["GET", `${paths.provider}/locations/[^/]+/asyncoperations/([^/]+)`, poll],
  ["GET", paths.account, get],
  ["PUT", paths.account, put],
  ["PATCH", paths.account, patch],
  ["POST", `${paths.account}/listKeys`, listKeys],
  ["POST", `${paths.account}/regenerateKey`, regenerateKey],
];

/** Pending creations by id. */
const making = new WeakMap<object, Map<string, { name: string; asked: boolean }>>();

async function get(call: Call, group = "", name = ""): Promise<void> {
  reply(call, 200, describe(openAccount(call, "gen2", group, name, "read")));
}

/** Creates an account, which takes one poll, or updates it. */
async function put(call: Call, group = "", name = ""): Promise<void> {
  const body = await readBody(call);
  const { isHnsEnabled, networkAcls, dnsEndpointType } = readProperties(body);
  if (isHnsEnabled !== true && !call.records.findAccount("gen2", name)) {
    throw new Refusal(
      400,
      "FeatureNotSupportedForAccount",
      "The practice cloud makes accounts with a hierarchical namespace only: set isHnsEnabled.",
    );
  }
  const zone = readZone(dnsEndpointType, call.records.findAccount("gen2", name));
  const { account: made, isNew } = putAccount(call, "gen2", group, name, body);
  const account = zone === undefined ? made : { ...made, zone };
  call.records.putAccount(account);
  if (networkAcls !== undefined) {
    const networkRules = readNetworkRules(networkAcls, account.networkRules);
    call.records.putAccount({ ...account, networkRules });
  }
  if (!isNew) {
    reply(call, 200, describe(call.records.findAccount("gen2", name) ?? account));
    return;
  }
  const id = randomUUID();
  const open = making.get(call.records) ?? new Map();
  making.set(call.records, open.set(id, { name, asked: false }));
  replyEmpty(call, 202, pollHeaders(call, account.location, id));
}

/** The DNS zone of an account. @throws Refusal when it would change */
function readZone(type: unknown, old: AccountRecord | undefined): string | undefined {
  if (type !== undefined && type !== "Standard" && type !== "AzureDnsZone") {
    throw new Refusal(
      400,
      "InvalidValuesForRequestParameters",
      "Values for request parameters are invalid: dnsEndpointType.",
    );
  }
  const zone = type === "AzureDnsZone" ? DNS_ZONE : undefined;
  if (!old) return zone;
  if (type !== undefined && zone !== old.zone) {
    throw new Refusal(
      409,
      "PropertyUpdateNotAllowed",
      "The update operation is not allowed for property 'dnsEndpointType'.",
    );
  }
  return old.zone;
}

/** Azure has a hundred. */
const DNS_ZONE = "z12";

async function poll(call: Call, id = ""): Promise<void> {
  const state = making.get(call.records)?.get(id);
  const account = state && call.records.findAccount("gen2", state.name);
  if (!account) throw new Refusal(404, "NotFound", `The operation '${id}' was not found.`);
  if (!call.may("Microsoft.Storage/storageAccounts/read", scopeOf(account))) {
    throw new Refusal(403, "AuthorizationFailed", "The operation belongs to another caller.");
  }
  if (state.asked) {
    reply(call, 200, describe(account));
  } else {
    state.asked = true;
    replyEmpty(call, 202, pollHeaders(call, account.location, id));
  }
}

async function patch(call: Call, group = "", name = ""): Promise<void> {
  const old = openAccount(call, "gen2", group, name, "write");
  const body = await readBody(call);
  const { networkAcls } = readProperties(body);
  const account = {
    ...old,
    ...(body.tags !== undefined && { tags: readTags(body.tags) }),
    ...(networkAcls !== undefined && {
      networkRules: readNetworkRules(networkAcls, old.networkRules),
    }),
  };
  call.records.putAccount(account);
  reply(call, 200, describe(account));
}

async function listKeys(call: Call, group = "", name = ""): Promise<void> {
  replyKeys(call, openAccount(call, "gen2", group, name, "listkeys/action"));
}

async function regenerateKey(call: Call, group = "", name = ""): Promise<void> {
  const account = openAccount(call, "gen2", group, name, "regeneratekey/action");
  const { keyName } = await readBody(call);
  if (keyName !== "key1" && keyName !== "key2") {
    throw new Refusal(400, "InvalidRequestPropertyValue", "keyName must be key1 or key2.");
  }
  call.lake.regenerateKey(account.name, keyName);
  replyKeys(call, account);
}

function replyKeys(call: Call, { name, created }: AccountRecord): void {
  const keys = Object.entries(call.lake.keys(name) ?? {}).map(([keyName, value]) => ({
    keyName,
    value,
    permissions: "FULL",
    creationTime: created,
  }));
  reply(call, 200, { keys });
}

function readProperties({ properties }: Record<string, unknown>): Record<string, unknown> {
  return typeof properties === "object" && properties !== null ? { ...properties } : {};
}

function pollHeaders({ exchange, query, subscription }: Call, location: string, id: string) {
  const base = `${exchange.url.origin}${subscription}/providers/Microsoft.Storage`;
  const version = query.get("api-version");
  return {
    location: `${base}/locations/${location}/asyncoperations/${id}?api-version=${version}`,
    "retry-after": "1",
  };
}

function scopeOf({ group, name }: AccountRecord): string {
  return accountScope("gen2", group, name);
}

export function describe(account: AccountRecord) {
  const { name, location, tags, created, networkRules = OPEN, zone } = account;
  const at = (service: string) =>
    zone === undefined
      ? `https://${name}.${service}.core.windows.net/`
      : `https://${name}.${zone}.${service}.storage.azure.net/`;
  return {
    sku: { name: "Standard_LRS", tier: "Standard" },
    kind: "StorageV2",
    id: scopeOf(account),
    name,
    type: "Microsoft.Storage/storageAccounts",
    location,
    tags,
    properties: {
      accessTier: "Hot",
      allowBlobPublicAccess: false,
      allowSharedKeyAccess: true,
      creationTime: created,
      ...(zone !== undefined && { dnsEndpointType: "AzureDnsZone" }),
      encryption: {
        keySource: "Microsoft.Storage",
        services: {
          blob: { enabled: true, keyType: "Account", lastEnabledTime: created },
          file: { enabled: true, keyType: "Account", lastEnabledTime: created },
        },
      },
      isHnsEnabled: true,
      minimumTlsVersion: "TLS1_2",
      keyCreationTime: { key1: created, key2: created },
      networkAcls: networkRules,
      primaryEndpoints: { blob: at("blob"), dfs: at("dfs") },
      primaryLocation: location,
      privateEndpointConnections: [],
      provisioningState: "Succeeded",
      statusOfPrimary: "available",
      supportsHttpsTrafficOnly: true,
    },
  };
}
