import { type BlobService, type CorsRule, wrongWithRules } from "../lake/index.ts";
import { Refusal } from "../service-refusal.ts";
import { accountPaths } from "./account-routes.ts";
import { accountScope, openAccount } from "./arm-accounts.ts";
import { type Call, type Route, readBody, reply } from "./arm-call.ts";

const { account } = accountPaths("gen2");
const SERVICE = `${account}/blobServices/default`;

/** The blob service of an account: soft delete and CORS. */
export const BLOB_SERVICE_ROUTES: readonly Route[] = [
  ["GET", `${account}/blobServices`, list],
  ["GET", SERVICE, get],
  ["PUT", SERVICE, put],
];

async function list(call: Call, group = "", name = ""): Promise<void> {
  openAccount(call, "gen2", group, name, "blobServices/read");
  reply(call, 200, { value: [describe(call, group, name)] });
}

async function get(call: Call, group = "", name = ""): Promise<void> {
  openAccount(call, "gen2", group, name, "blobServices/read");
  reply(call, 200, describe(call, group, name));
}

/** Updates the properties in the body. */
async function put(call: Call, group = "", name = ""): Promise<void> {
  openAccount(call, "gen2", group, name, "blobServices/write");
  const properties = objectAt(await readBody(call), "properties") ?? {};
  for (const property of NOT_WITH_DIRECTORIES) {
    const asked = properties[property];
    if (asked === true || (isObject(asked) && asked.enabled === true)) {
      throw invalid(`${property} is not supported for accounts with a hierarchical namespace.`);
    }
  }
  const retentionDays = daysOf(properties, "deleteRetentionPolicy");
  const containerRetentionDays = daysOf(properties, "containerDeleteRetentionPolicy");
  const cors = objectAt(properties, "cors");
  const corsRules = cors && rulesOf(cors);
  call.lake.changeBlobService(name, {
    ...(retentionDays !== undefined && { retentionDays }),
    ...(containerRetentionDays !== undefined && { containerRetentionDays }),
    ...(corsRules !== undefined && { corsRules }),
  });
  reply(call, 200, describe(call, group, name));
}

// Not supported with a hierarchical namespace.
const NOT_WITH_DIRECTORIES = ["isVersioningEnabled", "restorePolicy", "changeFeed"];

function describe(call: Call, group: string, name: string) {
  const service = call.lake.blobService(name) ?? OFF;
  return {
    sku: { name: "Standard_LRS", tier: "Standard" },
    id: `${accountScope("gen2", group, name)}/blobServices/default`,
    name: "default",
    type: "Microsoft.Storage/storageAccounts/blobServices",
    properties: {
      cors: { corsRules: service.corsRules.map(describeRule) },
      deleteRetentionPolicy: describePolicy(service.retentionDays, { allowPermanentDelete: false }),
      containerDeleteRetentionPolicy: describePolicy(service.containerRetentionDays),
    },
  };
}

const OFF: BlobService = { retentionDays: 0, containerRetentionDays: 0, corsRules: [] };

function describePolicy(days: number, more: Readonly<Record<string, unknown>> = {}) {
  return days === 0 ? { ...more, enabled: false } : { ...more, enabled: true, days };
}

function describeRule({ origins, methods, headers, exposed, maxAge }: CorsRule) {
  return {
    allowedOrigins: origins,
    allowedMethods: methods,
    allowedHeaders: headers,
    exposedHeaders: exposed,
    maxAgeInSeconds: maxAge,
  };
}

/** Days of a policy; 0 when it is off, undefined when absent. */
function daysOf(properties: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const policy = objectAt(properties, name);
  if (policy === undefined) return undefined;
  const { enabled, days } = policy;
  if (enabled !== true) return 0;
  if (Number.isInteger(days) && Number(days) >= 1 && Number(days) <= 365) return Number(days);
  throw invalid(`${name}.days must be between 1 and 365.`);
}

function rulesOf({ corsRules = [] }: Readonly<Record<string, unknown>>): CorsRule[] {
  if (!Array.isArray(corsRules) || !corsRules.every(isObject)) {
    throw invalid("cors.corsRules is no list of rules.");
  }
  const rules = corsRules.map((rule) => ({
    origins: textsOf(rule.allowedOrigins),
    methods: textsOf(rule.allowedMethods).map((method) => method.toUpperCase()),
    headers: textsOf(rule.allowedHeaders),
    exposed: textsOf(rule.exposedHeaders),
    maxAge: Number(rule.maxAgeInSeconds),
  }));
  const wrong = wrongWithRules(rules);
  if (wrong !== undefined) throw invalid(`cors.corsRules: ${wrong}.`);
  return rules;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectAt(of: Readonly<Record<string, unknown>>, name: string) {
  const value = of[name];
  return isObject(value) ? value : undefined;
}

function invalid(message: string): Refusal {
  return new Refusal(400, "InvalidRequestPropertyValue", message);
}
