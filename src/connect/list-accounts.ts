import type { TokenCredential } from "@azure/core-auth";
import { heldRoles } from "../account/held-roles.ts";
import type { HeldRole } from "../account/role-types.ts";
import { type VisibleAccount, visibleAccounts } from "../account/visible-accounts.ts";
import { cellSignal } from "../core/cell.ts";
import { AccountError } from "../core/errors.ts";
import { type Listing, listingOf, showListingsWith } from "../core/listing.ts";
import { fileSystemsIn } from "../lake/open-lake-in.ts";
import type { FileSystem } from "../lake/store.ts";
import { parseAccount } from "../lake/url/storage-host.ts";
import { listingTable } from "../show/table/listing-table.ts";
import { type Connection, callerOf, connectedTo } from "./connection.ts";

// A cell that ends in a listing shows it as a table.
showListingsWith(listingTable);

/** As whom to look around. */
export interface AroundOptions {
  /** Default: the last sign-in. */
  credential?: TokenCredential;
  signal?: AbortSignal | undefined;
}

/**
 * Every storage account that one may see, in all resource groups of all subscriptions. An account
 * that one has no role at is not among them, even where an access list opens files in it.
 *
 * @param options as whom to ask
 * @throws CloudError `NOT_CONNECTED`; AccountError `UNAUTHENTICATED`, `FORBIDDEN` and so on
 * @example
 * listAccounts();                                      // a table of them
 * listAccounts().filter(({ isLake, location }) => isLake && location === "westeurope");
 */
export function listAccounts(options: AroundOptions = {}): Listing<VisibleAccount> {
  const here = connectedTo("storage accounts");
  const credential = callerOf(here, options.credential);
  const columns = ["name", "subscription", "resourceGroup", "location", "isLake", "created"];
  const facts = { what: "storage accounts", noun: "storage account", columns };
  return listingOf(facts, () => visibleAccounts(here.cloud, credential, signalOf(options)));
}

/**
 * The file systems of a storage account.
 *
 * @param account its name, or a URL of anything in it. Default: the one that was connected to
 * @param options as whom to ask
 * @throws CloudError `NOT_CONNECTED`; AccountError `NO_ACCOUNT`; LakeError `ACCOUNT_NOT_FOUND`, which
 *   names the accounts that one may see, `FORBIDDEN`, `BAD_PATH`
 * @example
 * listFileSystems("contosolake");
 */
export function listFileSystems(
  account?: string,
  options: AroundOptions = {},
): Listing<FileSystem> {
  const here = connectedTo("the file systems of an account");
  const credential = callerOf(here, options.credential);
  const place = account ?? accountOf(here);
  const accounts = () => accountNames(here, credential);
  const facts = { what: `file systems of ${place}`, noun: "file system" };
  return listingOf(facts, () => {
    const signal = signalOf(options);
    return fileSystemsIn(here.cloud, place, { credential, accounts, signal });
  });
}

/**
 * The role assignments of the signed-in user, direct or by groups, with an explanation of each:
 * those that apply to an account, or all in all subscriptions. Access control lists of file systems
 * are not included.
 *
 * @param account its name, or a URL of anything in it
 * @param options as whom to ask
 * @throws CloudError `NOT_CONNECTED`; AccountError `NOT_FOUND`, which names the accounts that one may
 *   see, `FORBIDDEN` where no role lets one see roles
 * @example
 * listRoles("contosolake");
 */
export function listRoles(account?: string, options: AroundOptions = {}): Listing<HeldRole> {
  const here = connectedTo("roles");
  const credential = callerOf(here, options.credential);
  const name = account === undefined ? undefined : parseAccount(here.cloud, account).account;
  const columns = ["role", "where", "files", "accounts", "through"];
  const facts = { what: `your roles${name ? ` for ${name}` : ""}`, noun: "role", columns };
  return listingOf(facts, () => heldRoles(here.cloud, credential, name, signalOf(options)));
}

/** Names of the accounts that the caller may see, within a short time limit. */
export async function accountNames(
  { cloud }: Connection,
  credential: TokenCredential,
): Promise<readonly string[]> {
  const names: string[] = [];
  const accounts = visibleAccounts(cloud, credential, AbortSignal.timeout(LONGEST_MILLISECONDS));
  for await (const { name } of accounts) names.push(name);
  return names;
}

const LONGEST_MILLISECONDS = 5000;

function accountOf({ cloud }: Connection): string {
  if (cloud.account) return cloud.account;
  throw new AccountError("NO_ACCOUNT", "no account was chosen", {
    hint: "Name one: listAccounts() lists them.",
  });
}

function signalOf({ signal = cellSignal() }: AroundOptions): AbortSignal | undefined {
  return signal;
}
