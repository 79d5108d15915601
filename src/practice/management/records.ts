import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SERVICE_APP } from "../directory/applications.ts";
import { SYSTEM_IDENTITY, USER_IDENTITY } from "../directory/managed-identities.ts";
import { USERS } from "../directory/people.ts";
import { ARCHIVE, RESOURCE_GROUP, STORAGE_ACCOUNT, SUBSCRIPTION } from "../directory/tenant.ts";
import type { AccountKind } from "../lake/index.ts";
import { damaged } from "../practice-error.ts";
import { writePrivate } from "../private-file.ts";
import { findRole } from "./role-definitions.ts";

export interface RoleAssignment {
  /** A GUID. */
  readonly name: string;
  readonly scope: string;
  readonly roleId: string;
  readonly principalId: string;
  readonly createdOn: string;
  readonly createdBy: string;
}

export interface ResourceGroup {
  readonly name: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly managedBy?: string;
}

/** A storage account of either generation. */
export interface AccountRecord {
  readonly generation: AccountKind;
  readonly name: string;
  /** Name of its resource group. */
  readonly group: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly created: string;
  /** GUID that Gen1 shows as `accountId`. */
  readonly id: string;
  /** Gen2: its DNS zone, if created with `AzureDnsZone`. */
  readonly zone?: string;
  /** Gen2: `networkAcls`. */
  readonly networkRules?: NetworkRules;
  /** Gen1: whether the rules below apply. */
  readonly firewall?: "Enabled" | "Disabled";
  /** Gen1: whether services of Azure are exempt. */
  readonly azureIps?: "Enabled" | "Disabled";
  readonly firewallRules?: readonly FirewallRule[];
}

/** Which networks may use a Gen2 account. */
export interface NetworkRules {
  /** Exempt services of Azure. */
  readonly bypass: string;
  /** For addresses without a rule. */
  readonly defaultAction: "Allow" | "Deny";
  /** Admitted addresses or ranges, such as `203.0.113.0/24`. */
  readonly ipRules: readonly { readonly value: string; readonly action: string }[];
  readonly virtualNetworkRules: readonly unknown[];
}

/** A range of addresses that may use a Gen1 account. */
export interface FirewallRule {
  readonly name: string;
  readonly startIpAddress: string;
  readonly endIpAddress: string;
}

/** The state of Resource Manager; its arrays are replaced, never changed. */
export interface Content {
  groups: ResourceGroup[];
  assignments: RoleAssignment[];
  accounts: AccountRecord[];
}

/** File in the folder of the practice cloud. */
export const RECORDS_FILE = "management.json";

/** `/subscriptions/ID` of the main subscription. */
export const SUBSCRIPTION_SCOPE = `/subscriptions/${SUBSCRIPTION.id}`;
const ARCHIVE_SCOPE = `/subscriptions/${ARCHIVE.id}`;

/** `/subscriptions/ID` of a group of this name. */
export function subscriptionOf(group: string): string {
  return same(group, ARCHIVE.group.name) ? ARCHIVE_SCOPE : SUBSCRIPTION_SCOPE;
}

/** The state of Resource Manager; changes are saved before they are answered. */
export class Records {
  readonly #file: string;
  #content: Content;

  /**
   * Reads the records in a folder, or creates the initial ones.
   *
   * @throws PracticeError `DAMAGED`
   */
  constructor(dir: string) {
    this.#file = join(dir, RECORDS_FILE);
    const kept = existsSync(this.#file) ? readContent(this.#file) : undefined;
    this.#content = kept ?? {
      groups: [{ ...ARCHIVE.group }, { ...RESOURCE_GROUP }],
      assignments: firstAssignments(),
      accounts: [
        firstAccount(ARCHIVE.account, ARCHIVE.group),
        firstAccount(STORAGE_ACCOUNT, RESOURCE_GROUP),
      ],
    };
    if (!kept) this.#save();
  }

  get groups(): readonly ResourceGroup[] {
    return this.#content.groups;
  }

  get assignments(): readonly RoleAssignment[] {
    return this.#content.assignments;
  }

  get accounts(): readonly AccountRecord[] {
    return this.#content.accounts;
  }

  findAccount(generation: AccountKind, name: string): AccountRecord | undefined {
    return this.accounts.find((it) => it.generation === generation && same(it.name, name));
  }

  /** Adds or replaces an account. */
  putAccount(account: AccountRecord): void {
    const others = this.accounts.filter((it) => !isSameAccount(it, account));
    this.#content.accounts = [...others, account].sort((a, b) => a.name.localeCompare(b.name));
    this.#save();
  }

  removeAccount(account: AccountRecord): void {
    this.#content.accounts = this.accounts.filter((it) => !isSameAccount(it, account));
    this.#save();
  }

  findGroup(name: string): ResourceGroup | undefined {
    return this.groups.find((group) => same(group.name, name));
  }

  /** Adds or replaces a group. */
  putGroup(group: ResourceGroup): void {
    const others = this.groups.filter(({ name }) => !same(name, group.name));
    this.#content.groups = [...others, group].sort((a, b) => a.name.localeCompare(b.name));
    this.#save();
  }

  /** Removes a group, and the assignments at it or below. */
  removeGroup(name: string): void {
    const scope = `${SUBSCRIPTION_SCOPE}/resourceGroups/${name}`;
    this.#content.groups = this.groups.filter((group) => !same(group.name, name));
    this.#content.assignments = this.assignments.filter((item) => !covers(scope, item.scope));
    this.#save();
  }

  addAssignment(assignment: RoleAssignment): void {
    this.#content.assignments = [...this.assignments, assignment];
    this.#save();
  }

  removeAssignment(name: string): void {
    this.#content.assignments = this.assignments.filter((item) => !same(item.name, name));
    this.#save();
  }

  snapshot(): Content {
    return { ...this.#content };
  }

  restore(content: Content): void {
    this.#content = { ...content };
    this.#save();
  }

  #save(): void {
    writePrivate(this.#file, JSON.stringify(this.#content, null, 2));
  }
}

function readContent(file: string): Content {
  try {
    const content = JSON.parse(readFileSync(file, "utf8")) as Content;
    const { groups, assignments, accounts } = content;
    if ([groups, assignments, accounts].every(Array.isArray)) return content;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw damaged(file, "does not hold the records of a practice cloud");
}

function isSameAccount(left: AccountRecord, right: AccountRecord): boolean {
  return left.generation === right.generation && same(left.name, right.name);
}

/** Azure's ids and names ignore case. */
export function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** Whether `scope` is `outer` or lies below it. */
export function covers(outer: string, scope: string): boolean {
  return withSlash(scope).startsWith(withSlash(outer));
}

function withSlash(id: string): string {
  return `${id.replace(/\/+$/, "").toLowerCase()}/`;
}

/** An account that is filled from the seed. */
function firstAccount(name: string, group: ResourceGroup): AccountRecord {
  return {
    generation: "gen2",
    name,
    group: group.name,
    location: group.location,
    tags: {},
    created: new Date().toISOString(),
    id: randomUUID(),
  };
}

/** The initial role assignments. */
function firstAssignments(): RoleAssignment[] {
  const [ada = "", grace = "", max = ""] = USERS.map(({ id }) => id);
  return [
    ...assign(ada, "Owner", "Storage Blob Data Contributor"),
    ...assign(ada, "Reader", "Storage Blob Data Reader").map((role) => ({
      ...role,
      scope: ARCHIVE_SCOPE,
    })),
    ...assign(grace, "Reader", "Storage Blob Data Reader"),
    ...assign(max, "Reader"),
    ...assign(SERVICE_APP.objectId, "Contributor", "Storage Blob Data Contributor"),
    // May list resources, but read no data.
    ...assign(SYSTEM_IDENTITY.objectId, "Reader"),
    ...assign(USER_IDENTITY.objectId, "Reader", "Storage Blob Data Reader"),
  ];
}

function assign(principalId: string, ...roles: string[]): RoleAssignment[] {
  return roles.map((role) => ({
    name: randomUUID(),
    scope: SUBSCRIPTION_SCOPE,
    roleId: findRole(role)?.id ?? "",
    principalId,
    createdOn: new Date().toISOString(),
    createdBy: USERS[0]?.id ?? "",
  }));
}
