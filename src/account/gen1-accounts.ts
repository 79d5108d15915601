import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceClient } from "@azure/core-client";
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpMethods,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import type { Cloud } from "../core/cloud.ts";
import { AccountError } from "../core/errors.ts";
import type { Listing } from "../core/listing.ts";
import { accountExists, accountListing, checkAccountName, groupIn } from "./account-names.ts";
import { confirmGone, isThere } from "./confirm-gone.ts";
import { explainManagement } from "./explain-management.ts";
import type {
  AccountCallOptions,
  LakeAccount,
  LakeAccountChange,
  LakeAccounts,
  NameCheck,
  NameCheckOptions,
  NewLakeAccount,
} from "./lake-accounts.ts";
import { type GroupCaller, managementClient } from "./management.ts";

/** Version of the resource provider, its last one. */
const API_VERSION = "2016-11-01";
const PROVIDER = "providers/Microsoft.DataLakeStore";

/** An account as the resource provider sends it. */
interface WireAccount {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags?: Record<string, string>;
  readonly properties: {
    readonly provisioningState?: string;
    readonly endpoint?: string;
    readonly creationTime?: string;
    readonly firewallState?: "Enabled" | "Disabled";
    readonly firewallRules?: readonly WireRule[];
  };
}

interface WireRule {
  readonly name: string;
  readonly properties: { readonly startIpAddress: string; readonly endIpAddress: string };
}

/**
 * Data Lake Storage Gen1 accounts. Their client library is no longer on npm: these few operations
 * use the pipeline of `@azure/core-client`. Azure retired Gen1 on 29 February 2024; only a practice
 * cloud still has such accounts.
 *
 * @see https://learn.microsoft.com/rest/api/datalakestore/accounts
 */
export class Gen1Accounts implements LakeAccounts {
  readonly #client: ServiceClient;
  readonly #endpoint: string;
  readonly #subscription: string;
  readonly #group: string;
  readonly #accounts: string;

  constructor(cloud: Cloud, caller: GroupCaller) {
    this.#client = managementClient(cloud, caller);
    this.#endpoint = cloud.management;
    this.#subscription = `/subscriptions/${caller.subscriptionId}`;
    this.#group = caller.resourceGroup;
    this.#accounts = `${this.#subscription}/resourceGroups/${this.#group}/${PROVIDER}/accounts`;
  }

  async checkName(name: string, options: NameCheckOptions = {}): Promise<NameCheck> {
    const { location = "eastus2", signal } = options;
    const body = { name, type: "Microsoft.DataLakeStore/accounts" };
    const path = `${this.#subscription}/${PROVIDER}/locations/${location}/checkNameAvailability`;
    const reply = await this.#ask(`check the name ${name}`, "POST", path, { body, signal });
    const { nameAvailable, message } = read<{ nameAvailable: boolean; message?: string }>(reply);
    return { available: nameAvailable, reason: message };
  }

  async create(name: string, account: NewLakeAccount): Promise<LakeAccount> {
    const { location, tags = {}, onProgress, signal } = account;
    const path = this.#path(name);
    // Creating an account that exists would change it.
    const { available, reason } = await this.checkName(name, {
      location,
      signal,
    });
    if (!available) throw accountExists(name, reason);
    const operation = `create the account ${name}`;
    const started = performance.now();
    let reply = await this.#ask(operation, "PUT", path, { body: { location, tags }, signal });
    for (;;) {
      const made = read<WireAccount>(reply);
      const state = made.properties.provisioningState ?? "Succeeded";
      onProgress?.({ state, seconds: (performance.now() - started) / 1000 });
      if (state === "Succeeded") return plain(made);
      if (state === "Failed" || state === "Canceled") {
        throw new AccountError("PROVISIONING_FAILED", `could not ${operation}: it is ${state}`);
      }
      const wait = Number(reply.headers.get("retry-after") ?? 1) * 1000;
      await sleep(wait, undefined, signal ? { signal } : {});
      reply = await this.#ask(operation, "GET", path, { signal });
    }
  }

  async get(name: string, { signal }: AccountCallOptions = {}): Promise<LakeAccount> {
    const reply = await this.#ask(`get the account ${name}`, "GET", this.#path(name), { signal });
    return plain(read<WireAccount>(reply));
  }

  list(options: AccountCallOptions = {}): Listing<LakeAccount> {
    return accountListing(this.#group, () => this.#list(options));
  }

  async *#list({ signal }: AccountCallOptions): AsyncGenerator<LakeAccount> {
    const operation = `list the accounts of ${this.#group}`;
    let next: string | undefined = this.#accounts;
    while (next) {
      const reply = await this.#ask(operation, "GET", next, { signal });
      const page: { value: WireAccount[]; nextLink?: string } = read(reply);
      for (const account of page.value) yield plain(account);
      next = page.nextLink;
    }
  }

  async update(name: string, change: LakeAccountChange): Promise<LakeAccount> {
    const { tags, firewall, signal } = change;
    const operation = `update the account ${name}`;
    const path = this.#path(name);
    if (firewall) await this.#setRules(operation, path, firewall, signal);
    const firewallState = firewall ? "Enabled" : "Disabled";
    const body = {
      ...(tags && { tags }),
      ...(firewall !== undefined && { properties: { firewallState } }),
    };
    await this.#ask(operation, "PATCH", path, { body, signal });
    return this.get(name, { signal });
  }

  async delete(name: string, { signal }: AccountCallOptions = {}): Promise<void> {
    await this.#ask(`delete the account ${name}`, "DELETE", this.#path(name), { signal });
    const get = () => this.get(name, { signal });
    await confirmGone(`the account ${name}`, () => isThere(get), signal);
  }

  async #setRules(
    operation: string,
    path: string,
    firewall: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const account = read<WireAccount>(await this.#ask(operation, "GET", path, { signal }));
    const requested = new Map(firewall.map((range) => [ruleName(range), rangeOf(range)]));
    for (const { name } of account.properties.firewallRules ?? []) {
      if (requested.has(name)) continue;
      await this.#ask(operation, "DELETE", `${path}/firewallRules/${name}`, { signal });
    }
    for (const [name, properties] of requested) {
      await this.#ask(operation, "PUT", `${path}/firewallRules/${name}`, {
        body: { properties },
        signal,
      });
    }
  }

  #path(name: string): string {
    return `${this.#accounts}/${checkAccountName(name)}`;
  }

  /** @param target a path below the endpoint, or the whole URL of a next page */
  async #ask(
    operation: string,
    method: HttpMethods,
    target: string,
    { body, signal }: { body?: unknown; signal: AbortSignal | undefined },
  ): Promise<PipelineResponse> {
    const url = new URL(target, this.#endpoint);
    if (url.origin !== new URL(this.#endpoint).origin) {
      throw new AccountError("UNREACHABLE", `the next page is at ${url.host}, which is elsewhere`);
    }
    if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", API_VERSION);
    const request = createPipelineRequest({
      method,
      url: url.href,
      headers: createHttpHeaders({
        Accept: "application/json",
        "Content-Type": "application/json",
      }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { abortSignal: signal }),
    });
    try {
      const response = await this.#client.sendRequest(request);
      if (response.status < 300) return response;
      throw refusalOf(response);
    } catch (error) {
      throw explainManagement(error, operation);
    }
  }
}

function refusalOf(response: PipelineResponse): RestError {
  const { status, bodyAsText } = response;
  const { code, message = `status ${status}` } = errorIn(bodyAsText);
  return new RestError(message, { statusCode: status, response, ...(code && { code }) });
}

function errorIn(text: string | null | undefined): { code?: string; message?: string } {
  try {
    return JSON.parse(text ?? "").error ?? {};
  } catch {
    return {}; // the status says it all
  }
}

function read<T>(response: PipelineResponse): T {
  return JSON.parse(response.bodyAsText ?? "null") as T;
}

function plain({ id, name, location, tags = {}, properties }: WireAccount): LakeAccount {
  const { provisioningState = "", endpoint, creationTime, firewallState } = properties;
  const rules = properties.firewallRules ?? [];
  return {
    name,
    generation: 1,
    resourceGroup: groupIn(id),
    location,
    state: provisioningState,
    endpoint: endpoint ? `https://${endpoint}` : "",
    created: creationTime ? new Date(creationTime) : undefined,
    tags,
    firewall: firewallState === "Enabled" ? rules.map(textOf) : undefined,
  };
}

function rangeOf(range: string) {
  const [startIpAddress = "", endIpAddress = startIpAddress] = range.split("-");
  return { startIpAddress, endIpAddress };
}

function textOf({ properties: { startIpAddress, endIpAddress } }: WireRule): string {
  return startIpAddress === endIpAddress ? startIpAddress : `${startIpAddress}-${endIpAddress}`;
}

/** Rules need names: use the addresses. */
function ruleName(range: string): string {
  return `allow-${range.replace(/[^0-9]+/g, "-")}`;
}
