import { createHmac } from "node:crypto";
import { Refusal } from "../service-refusal.ts";
import { accountPaths } from "./account-routes.ts";
import { accountScope, openAccount } from "./arm-accounts.ts";
import { type Call, paginate, type Route, readBody, reply } from "./arm-call.ts";
import { type AccountRecord, same, subscriptionOf } from "./records.ts";
import { LOCATIONS } from "./subscriptions.ts";

const { provider, account } = accountPaths("gen2");
const SERVICE = `${account}/blobServices/default`;

/** Storage services beside the accounts. */
export const SERVICE_ROUTES: readonly Route[] = [
  ["GET", `${provider}/skus`, listSkus],
  ["GET", `${provider}/locations/([^/]+)/usages`, listUsages],
  ["GET", `${SERVICE}/containers`, listContainers],
  ["GET", `${SERVICE}/containers/([^/]+)`, getContainer],
  ["POST", `${account}/listAccountSas`, signAccount],
];

async function listSkus(call: Call): Promise<void> {
  call.demand("Microsoft.Storage/skus/read", call.subscription);
  const value = Object.keys(LOCATIONS).map((location) => ({
    resourceType: "storageAccounts",
    name: "Standard_LRS",
    tier: "Standard",
    kind: "StorageV2",
    locations: [location],
    capabilities: [{ name: "supportsAccountHnsOnMigration", value: "false" }],
    restrictions: [],
  }));
  reply(call, 200, { value });
}

/** Most accounts of a subscription in a region. */
const ACCOUNT_LIMIT = 250;

async function listUsages(call: Call, location = ""): Promise<void> {
  call.demand("Microsoft.Storage/locations/usages/read", call.subscription);
  const currentValue = call.records.accounts.filter(
    (item) =>
      item.generation === "gen2" &&
      same(item.location, location) &&
      subscriptionOf(item.group) === call.subscription,
  ).length;
  const name = { value: "StorageAccounts", localizedValue: "Storage Accounts" };
  const usage = { unit: "Count", currentValue, limit: ACCOUNT_LIMIT, name };
  reply(call, 200, { value: [usage] });
}

async function listContainers(call: Call, group = "", name = ""): Promise<void> {
  const account = openAccount(call, "gen2", group, name, "blobServices/containers/read");
  const prefix = call.query.get("$filter") ?? "";
  const containers = call.lake
    .containers(account.name)
    .filter((container) => container.name.startsWith(prefix))
    .map((container) => describeContainer(account, container));
  reply(call, 200, paginate(call, containers));
}

async function getContainer(call: Call, group = "", name = "", containerName = ""): Promise<void> {
  const account = openAccount(call, "gen2", group, name, "blobServices/containers/read");
  const container = call.lake.containers(account.name).find((item) => item.name === containerName);
  if (!container) {
    throw new Refusal(404, "ContainerNotFound", "The specified container does not exist.");
  }
  reply(call, 200, describeContainer(account, container));
}

function serviceId({ group, name }: AccountRecord): string {
  return `${accountScope("gen2", group, name)}/blobServices/default`;
}

function describeContainer(
  account: AccountRecord,
  { name, etag, modified }: { name: string; etag: string; modified: number },
) {
  return {
    id: `${serviceId(account)}/containers/${name}`,
    name,
    type: "Microsoft.Storage/storageAccounts/blobServices/containers",
    etag,
    properties: {
      publicAccess: "None",
      leaseStatus: "Unlocked",
      leaseState: "Available",
      lastModifiedTime: new Date(modified).toISOString(),
      hasImmutabilityPolicy: false,
      hasLegalHold: false,
      deleted: false,
      defaultEncryptionScope: "$account-encryption-key",
      denyEncryptionScopeOverride: false,
    },
  };
}

const SIGNED_VERSION = "2022-11-02";

/** Creates an account SAS. */
async function signAccount(call: Call, group = "", name = ""): Promise<void> {
  const account = openAccount(call, "gen2", group, name, "listAccountSas/action");
  const body = await readBody(call);
  const field = (key: string) => (typeof body[key] === "string" ? (body[key] as string) : "");
  const required = ["signedServices", "signedResourceTypes", "signedPermission", "signedExpiry"];
  const missing = required.find((key) => field(key) === "");
  if (missing) {
    throw new Refusal(400, "InvalidRequestPropertyValue", `The property '${missing}' is required.`);
  }
  const key = field("keyToSign") === "key2" ? "key2" : "key1";
  const parameters = {
    sv: SIGNED_VERSION,
    ss: field("signedServices"),
    srt: field("signedResourceTypes"),
    sp: field("signedPermission"),
    st: toSeconds(field("signedStart")),
    se: toSeconds(field("signedExpiry")),
    sip: field("signedIp"),
    spr: field("signedProtocol"),
  };
  const { sv, ss, srt, sp, st, se, sip, spr } = parameters;
  const text = `${[account.name, sp, ss, srt, st, se, sip, spr, sv, ""].join("\n")}\n`;
  const secret = Buffer.from(call.lake.keys(account.name)?.[key] ?? "", "base64");
  const sig = createHmac("sha256", secret).update(text).digest("base64");
  const given = Object.entries({ ...parameters, sig }).filter(([, value]) => value !== "");
  reply(call, 200, { accountSasToken: new URLSearchParams(given).toString() });
}

/** A time in the format of signatures. */
function toSeconds(time: string): string {
  if (time === "") return "";
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) {
    throw new Refusal(400, "InvalidRequestPropertyValue", `'${time}' is no time.`);
  }
  return `${date.toISOString().slice(0, 19)}Z`;
}
