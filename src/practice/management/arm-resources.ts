import { Refusal } from "../service-refusal.ts";
import { accountScope, TYPES, visibleAccounts } from "./arm-accounts.ts";
import { type Call, paginate, type Route, reply } from "./arm-call.ts";
import { existingGroup, groupScope } from "./arm-fields.ts";
import { type AccountRecord, same } from "./records.ts";
import { LOCATIONS } from "./subscriptions.ts";

const SUBSCRIPTION = "/subscriptions/[^/]+";

/** Resources of all types, and providers. */
export const RESOURCE_ROUTES: readonly Route[] = [
  ["GET", `${SUBSCRIPTION}/resources`, (call) => listResources(call)],
  ["GET", `${SUBSCRIPTION}/resourceGroups/([^/]+)/resources`, listResources],
  ["GET", `${SUBSCRIPTION}/providers`, listProviders],
  ["GET", `${SUBSCRIPTION}/providers/([^/]+)`, getProvider],
  ["POST", `${SUBSCRIPTION}/providers/([^/]+)/register`, registerProvider],
];

async function listResources(call: Call, group?: string): Promise<void> {
  if (group !== undefined) {
    call.demand(
      "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
      groupScope(group),
    );
    existingGroup(call, group);
  }
  const isWanted = readFilter(call.query.get("$filter"));
  const resources = (["gen2", "gen1"] as const)
    .flatMap((generation) => visibleAccounts(call, generation))
    .filter((account) => group === undefined || same(account.group, group))
    .map(describe)
    .filter(isWanted);
  reply(call, 200, paginate(call, resources));
}

type Resource = ReturnType<typeof describe>;

function describe({ generation, group, name, location, tags }: AccountRecord) {
  return {
    id: accountScope(generation, group, name),
    name,
    type: TYPES[generation],
    ...(generation === "gen2" && {
      kind: "StorageV2",
      sku: { name: "Standard_LRS", tier: "Standard" },
    }),
    location,
    tags,
  };
}

/** `resourceType eq 'Microsoft.Storage/storageAccounts'`, `name eq 'x'`, joined by `and`. */
function readFilter(filter: string | null): (resource: Resource) => boolean {
  if (!filter) return () => true;
  const conditions = filter.split(/\s+and\s+/i).map((part) => {
    const [, field = "", value = ""] =
      /^\s*(resourceType|name|location|resourceGroup)\s+eq\s+'([^']*)'\s*$/i.exec(part) ?? [];
    if (!field) {
      throw new Refusal(400, "InvalidFilterInQueryString", `Invalid $filter '${filter}'.`);
    }
    return { field: field.toLowerCase(), value };
  });
  return ({ id, name, type, location }) =>
    conditions.every(({ field, value }) => {
      const group = /resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? "";
      const values = { resourcetype: type, name, location, resourcegroup: group };
      return same(values[field as keyof typeof values], value);
    });
}

const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  "Microsoft.Authorization": ["roleAssignments", "roleDefinitions"],
  "Microsoft.DataLakeStore": ["accounts"],
  "Microsoft.Resources": ["subscriptions", "resourceGroups", "tenants"],
  "Microsoft.Storage": ["storageAccounts", "storageAccounts/blobServices", "checkNameAvailability"],
};

async function listProviders(call: Call): Promise<void> {
  call.demand("Microsoft.Resources/subscriptions/providers/read", call.subscription);
  reply(
    call,
    200,
    paginate(
      call,
      Object.keys(PROVIDERS).map((name) => describeProvider(call, name)),
    ),
  );
}

async function getProvider(call: Call, name = ""): Promise<void> {
  call.demand("Microsoft.Resources/subscriptions/providers/read", call.subscription);
  reply(call, 200, describeProvider(call, findProvider(name)));
}

/** All providers are registered. */
async function registerProvider(call: Call, name = ""): Promise<void> {
  call.demand(`${name}/register/action`, call.subscription);
  reply(call, 200, describeProvider(call, findProvider(name)));
}

function findProvider(name: string): string {
  const provider = Object.keys(PROVIDERS).find((known) => same(known, name));
  if (provider) return provider;
  throw new Refusal(
    404,
    "InvalidResourceNamespace",
    `The resource namespace '${name}' is invalid.`,
  );
}

function describeProvider({ subscription }: Call, namespace: string) {
  const locations = Object.values(LOCATIONS);
  return {
    id: `${subscription}/providers/${namespace}`,
    namespace,
    registrationPolicy: "RegistrationRequired",
    registrationState: "Registered",
    resourceTypes: (PROVIDERS[namespace] ?? []).map((resourceType) => ({
      resourceType,
      locations,
      apiVersions: ["2023-05-01", "2022-04-01"],
    })),
  };
}
