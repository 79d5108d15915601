import type { AccountKind } from "../lake/index.ts";
import {
  accountScope,
  deleteAccount,
  describeName,
  openAccount,
  TYPES,
  visibleAccounts,
} from "./arm-accounts.ts";
import { type Call, paginate, type Route, readBody, reply, replyEmpty } from "./arm-call.ts";
import type { AccountRecord } from "./records.ts";

/** Regular expressions for the paths of one generation. */
export interface AccountPaths {
  /** The provider in a subscription. */
  readonly provider: string;
  /** The accounts of a group; captures the name. */
  readonly accounts: string;
  /** One account; captures group and name. */
  readonly account: string;
}

export function accountPaths(generation: AccountKind): AccountPaths {
  const [namespace = "", type = ""] = TYPES[generation].replaceAll(".", "\\.").split("/");
  const subscription = "/subscriptions/[^/]+";
  const accounts = `${subscription}/resourceGroups/([^/]+)/providers/${namespace}/${type}`;
  const provider = `${subscription}/providers/${namespace}`;
  return { provider, accounts, account: `${accounts}/([^/]+)` };
}

/** What differs between the two generations of accounts. */
interface Generation {
  readonly generation: AccountKind;
  /** Path of the name check below the provider, and its action. */
  readonly nameCheck: readonly [path: string, action: string];
  describe(account: AccountRecord): unknown;
}

/** The routes that both generations of accounts have. */
export function accountRoutes({ generation, nameCheck, describe }: Generation): Route[] {
  const { provider, accounts, account } = accountPaths(generation);
  const [checkPath, checkAction] = nameCheck;
  const all = TYPES[generation].split("/")[1];

  async function list(call: Call, group?: string): Promise<void> {
    const page = paginate(call, visibleAccounts(call, generation, group));
    reply(call, 200, { ...page, value: page.value.map((item) => describe(item)) });
  }

  async function remove(call: Call, group = "", name = ""): Promise<void> {
    call.demand(`${TYPES[generation]}/delete`, accountScope(generation, group, name));
    if (call.records.findAccount(generation, name)) {
      await deleteAccount(call, openAccount(call, generation, group, name, "delete"));
      replyEmpty(call, 200);
    } else {
      replyEmpty(call, 204);
    }
  }

  async function checkName(call: Call): Promise<void> {
    call.demand(checkAction, call.subscription);
    const { name } = await readBody(call);
    reply(call, 200, describeName(call, generation, name));
  }

  return [
    ["POST", provider + checkPath, checkName],
    ["GET", `${provider}/${all}`, (call) => list(call)],
    ["GET", accounts, list],
    ["DELETE", account, remove],
  ];
}
