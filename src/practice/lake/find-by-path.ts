import type { Accounts } from "./account-stores.ts";
import { ONELAKE } from "./onelake/workspaces.ts";
import type { Dialect } from "./wire/lake-call.ts";

/** Account of a request, and the raw path after the account. */
export interface Place {
  readonly account: string;
  readonly path: string;
  readonly dialect?: Dialect;
  readonly isOneLake?: boolean;
}

const GEN1 = /^\/(webhdfs|webhdfsext)(\/|$)/i;

/**
 * Finds the account on a host for all accounts, where its name is the first part of the path. Two
 * clients omit it: Gen1's Python library, and Azure's JavaScript library in the destination of a
 * rename, whose source has it.
 *
 * @param path raw path of the request's target
 * @param renameSource value of the `x-ms-rename-source` header
 */
export function findByPath(
  accounts: Accounts,
  path: string,
  renameSource: string | undefined,
): Place | undefined {
  if (GEN1.test(path)) {
    const account = accounts.firstOf("gen1");
    return account === undefined ? undefined : { account, path, dialect: "gen1" };
  }
  const { account, rest } = split(path);
  if (GEN1.test(rest) && accounts.get(account, "gen1")) {
    return { account, path: rest, dialect: "gen1" };
  }
  if (accounts.get(account)) return { account, path: rest };
  if (account === ONELAKE) return { account, path: rest, isOneLake: true };
  const source = split(renameSource ?? "").account;
  return accounts.get(source) ? { account: source, path } : undefined;
}

function split(path: string): { account: string; rest: string } {
  const [, account = "", rest = ""] = /^\/([^/?]*)(.*)$/.exec(path) ?? [];
  return { account, rest: rest || "/" };
}
