import { AccountError } from "../core/errors.ts";
import { type Listing, listingOf } from "../core/listing.ts";
import type { LakeAccount } from "./lake-accounts.ts";

/** Checks a name before it becomes part of a URL. */
export function checkAccountName(name: string): string {
  if (/^[a-z0-9]{3,24}$/.test(name)) return name;
  throw new AccountError("BAD_NAME", `${JSON.stringify(name)} cannot be the name of an account`, {
    hint: "A name has 3 to 24 characters: a-z and 0-9.",
  });
}

/** The error for an account that exists, which creating it again would change. */
export function accountExists(name: string, message: string | undefined): AccountError {
  return new AccountError("EXISTS", `the account ${name} cannot be made`, {
    hint: message ?? "The name is taken.",
  });
}

export function groupIn(id: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? "";
}

/** Accounts of a resource group, as they are listed. */
export function accountListing(
  resourceGroup: string,
  read: () => AsyncIterable<LakeAccount>,
): Listing<LakeAccount> {
  const columns = ["name", "location", "state", "endpoint", "created"];
  return listingOf({ what: `the accounts of ${resourceGroup}`, noun: "account", columns }, read);
}
