import { randomUUID } from "node:crypto";
import { RESOURCE_GROUP } from "../directory/tenant.ts";
import { Refusal } from "../service-refusal.ts";
import { type Call, paginate, readBody, reply, replyEmpty } from "./arm-call.ts";
import { existingGroup, groupScope, readLocation, readTags } from "./arm-fields.ts";
import { type ResourceGroup, same, subscriptionOf } from "./records.ts";

const ACTION = "Microsoft.Resources/subscriptions/resourceGroups";

/** Pending deletions by id; each ends at its first poll. */
const deletions = new WeakMap<object, Set<string>>();

/** Lists the groups that the caller may see; refused when there are none, and no role above. */
export async function listGroups(call: Call): Promise<void> {
  const { records, query } = call;
  const visible = records.groups
    .filter(({ name }) => subscriptionOf(name) === call.subscription)
    .filter(({ name }) => call.may(`${ACTION}/read`, groupScope(name)));
  if (visible.length === 0) call.demand(`${ACTION}/read`, call.subscription);
  const matching = visible.filter(tagFilter(query.get("$filter")));
  const page = paginate(call, matching);
  reply(call, 200, { ...page, value: page.value.map(describe) });
}

export async function getGroup(call: Call, name: string): Promise<void> {
  call.demand(`${ACTION}/read`, groupScope(name));
  reply(call, 200, describe(existingGroup(call, name)));
}

/** Whether a group exists: 204 or 404, without a body. */
export async function checkGroup(call: Call, name: string): Promise<void> {
  call.demand(`${ACTION}/read`, groupScope(name));
  replyEmpty(call, call.records.findGroup(name) ? 204 : 404);
}

export async function putGroup(call: Call, name: string): Promise<void> {
  call.demand(`${ACTION}/write`, groupScope(name));
  checkName(name);
  const { location, tags, managedBy } = await readBody(call);
  const place = readLocation(location);
  const old = call.records.findGroup(name);
  if (old && old.location !== place) {
    throw new Refusal(
      409,
      "InvalidResourceGroupLocation",
      `Invalid resource group location '${place}'. The Resource group already exists in location ` +
        `'${old.location}'.`,
    );
  }
  const group = {
    name: old?.name ?? name,
    location: place,
    ...(tags !== undefined && { tags: readTags(tags) }),
    ...(typeof managedBy === "string" && { managedBy }),
  };
  call.records.putGroup(group);
  reply(call, old ? 200 : 201, describe(group));
}

export async function patchGroup(call: Call, name: string): Promise<void> {
  call.demand(`${ACTION}/write`, groupScope(name));
  const old = existingGroup(call, name);
  const { tags } = await readBody(call);
  const group = tags === undefined ? old : { ...old, tags: readTags(tags) };
  call.records.putGroup(group);
  reply(call, 200, describe(group));
}

/** Accepts a deletion, with a URL to poll. */
export async function deleteGroup(call: Call, name: string): Promise<void> {
  call.demand(`${ACTION}/delete`, groupScope(name));
  const group = existingGroup(call, name);
  if (same(name, RESOURCE_GROUP.name)) {
    const scope = groupScope(group.name);
    throw new Refusal(
      409,
      "ScopeLocked",
      `The scope '${scope}' cannot perform delete operation because following scope(s) are ` +
        `locked: '${scope}'. Please remove the lock and try again.`,
    );
  }
  for (const account of call.records.accounts) {
    if (same(account.group, name)) await call.removeAccount(account);
  }
  call.records.removeGroup(name);
  const id = randomUUID();
  const open = deletions.get(call.records) ?? new Set();
  deletions.set(call.records, open.add(id));
  replyEmpty(call, 202, pollHeaders(call, id));
}

/** Answers a poll: pending once, then done. */
export async function pollDeletion(call: Call, id: string): Promise<void> {
  const open = deletions.get(call.records);
  if (open?.delete(id)) replyEmpty(call, 202, pollHeaders(call, id));
  else replyEmpty(call, 200);
}

function pollHeaders({ exchange, query, subscription }: Call, id: string): Record<string, string> {
  const { origin } = exchange.url;
  const version = query.get("api-version");
  const location = `${origin}${subscription}/operationresults/${id}?api-version=${version}`;
  return { location, "retry-after": "1" };
}

/** `tagName eq 'x' and tagValue eq 'y'`, the only filter there is on groups. */
function tagFilter(filter: string | null): (group: ResourceGroup) => boolean {
  if (!filter) return () => true;
  const parts = /^tagName eq '([^']*)'(?: and tagValue eq '([^']*)')?$/i.exec(filter.trim());
  if (!parts) {
    throw new Refusal(400, "InvalidFilterInQueryString", `Invalid $filter '${filter}'.`);
  }
  const [, name = "", value] = parts;
  return ({ tags = {} }) =>
    Object.entries(tags).some(([tag, held]) => same(tag, name) && (value ?? held) === held);
}

function checkName(name: string): void {
  if (/^[\p{L}\p{N}_()\-.]{1,90}$/u.test(name) && !name.endsWith(".")) return;
  throw new Refusal(
    400,
    "InvalidResourceGroupName",
    `The provided resource group name '${name}' is not valid. The name can only be a letter, ` +
      "digit, '-', '.', '(', ')' or '_', cannot end with '.', and has at most 90 characters.",
  );
}

function describe({ name, location, tags, managedBy }: ResourceGroup) {
  return {
    id: groupScope(name),
    name,
    type: "Microsoft.Resources/resourceGroups",
    location,
    ...(tags && { tags }),
    ...(managedBy && { managedBy }),
    properties: { provisioningState: "Succeeded" },
  };
}
