import { randomUUID } from "node:crypto";
import { RESOURCE_GROUP, STORAGE_ACCOUNT } from "../directory/tenant.ts";
import type { AccountKind } from "../lake/index.ts";
import { Refusal } from "../service-refusal.ts";
import type { Call } from "./arm-call.ts";
import { existingGroup, groupScope, readLocation, readTags } from "./arm-fields.ts";
import { type AccountRecord, same, subscriptionOf } from "./records.ts";

/** Resource types. */
export const TYPES: Readonly<Record<AccountKind, string>> = {
  gen2: "Microsoft.Storage/storageAccounts",
  gen1: "Microsoft.DataLakeStore/accounts",
};

export function accountScope(generation: AccountKind, group: string, name: string): string {
  return `${groupScope(group)}/providers/${TYPES[generation]}/${name}`;
}

/**
 * The account of a path, if the caller may do the action.
 *
 * @param action last part of the action's name, such as `read`
 * @throws Refusal when they may not, or group or account do not exist
 */
export function openAccount(
  call: Call,
  generation: AccountKind,
  group: string,
  name: string,
  action: string,
): AccountRecord {
  const type = TYPES[generation];
  call.demand(`${type}/${action}`, accountScope(generation, group, name));
  existingGroup(call, group);
  const account = call.records.findAccount(generation, name);
  if (account && same(account.group, group)) return account;
  throw new Refusal(
    404,
    "ResourceNotFound",
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more ` +
      "details please go to https://aka.ms/ARMResourceNotFoundFix",
  );
}

/** The accounts that the caller may see, of a group or of all. */
export function visibleAccounts(
  call: Call,
  generation: AccountKind,
  group?: string,
): AccountRecord[] {
  if (group !== undefined) {
    call.demand(`${TYPES[generation]}/read`, groupScope(group));
    existingGroup(call, group);
  }
  return call.records.accounts
    .filter((account) => account.generation === generation)
    .filter((account) => subscriptionOf(account.group) === call.subscription)
    .filter((account) => group === undefined || same(account.group, group))
    .filter((account) => {
      const scope = accountScope(generation, account.group, account.name);
      return call.may(`${TYPES[generation]}/read`, scope);
    });
}

/**
 * Creates or updates the account of a body.
 *
 * @returns the account, and whether it is new
 * @throws Refusal when the name is in use elsewhere or invalid
 */
export function putAccount(
  call: Call,
  generation: AccountKind,
  group: string,
  name: string,
  body: Readonly<Record<string, unknown>>,
): { account: AccountRecord; isNew: boolean } {
  call.demand(`${TYPES[generation]}/write`, accountScope(generation, group, name));
  const { name: groupName } = existingGroup(call, group);
  const location = readLocation(body.location);
  const tags = body.tags === undefined ? {} : readTags(body.tags);
  const old = call.records.findAccount(generation, name);
  if (!old) {
    const flaw = nameFlaw(name);
    if (flaw) throw new Refusal(400, "AccountNameInvalid", flaw);
    const created = new Date().toISOString();
    const account = {
      generation,
      name,
      group: groupName,
      location,
      tags,
      created,
      id: randomUUID(),
    };
    call.createAccount(account);
    return { account, isNew: true };
  }
  if (!same(old.group, group)) {
    throw new Refusal(
      409,
      "StorageAccountInAnotherResourceGroup",
      `The account ${name} is already in another resource group in this subscription.`,
    );
  }
  if (old.location !== location) {
    throw new Refusal(
      409,
      "InvalidResourceLocation",
      `The resource '${name}' already exists in location '${old.location}' in resource group ` +
        `'${group}'. A resource with the same name cannot be created in location '${location}'.`,
    );
  }
  const account = { ...old, tags };
  call.records.putAccount(account);
  return { account, isNew: false };
}

/** @throws Refusal `ScopeLocked` for the seeded account */
export async function deleteAccount(call: Call, account: AccountRecord): Promise<void> {
  const { generation, group, name } = account;
  if (generation === "gen2" && name === STORAGE_ACCOUNT) {
    const scope = accountScope(generation, group, name);
    throw new Refusal(
      409,
      "ScopeLocked",
      `The scope '${scope}' cannot perform delete operation because following scope(s) are ` +
        `locked: '${groupScope(RESOURCE_GROUP.name)}'. Please remove the lock and try again.`,
    );
  }
  await call.removeAccount(account);
}

/** Why a name is invalid; undefined when it is valid. */
function nameFlaw(name: string): string | undefined {
  if (/^[a-z0-9]{3,24}$/.test(name)) return undefined;
  return (
    `${name} is not a valid storage account name. Storage account name must be between 3 and 24 ` +
    "characters in length and use numbers and lower-case letters only."
  );
}

/** The answer to a name check. */
export function describeName(call: Call, generation: AccountKind, name: unknown) {
  const text = String(name);
  const flaw = nameFlaw(text);
  if (flaw) return { nameAvailable: false, reason: "AccountNameInvalid", message: flaw };
  if (!call.records.findAccount(generation, text)) return { nameAvailable: true };
  const message = `The storage account named ${text} is already taken.`;
  return { nameAvailable: false, reason: "AlreadyExists", message };
}
