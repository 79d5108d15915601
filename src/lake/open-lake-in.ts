import type { Agent } from "node:https";
import type { TokenCredential } from "@azure/core-auth";
import {
  AnonymousCredential,
  DataLakeServiceClient,
  newPipeline,
  type RequestPolicyFactory,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from "@azure/storage-file-datalake";
import { ownReply } from "../core/azure-pipeline.ts";
import { ForeignReply } from "../core/azure-reply.ts";
import { type Cloud, dfsEndpoint } from "../core/cloud.ts";
import { LakeError } from "../core/errors.ts";
import { describeCaller } from "./caller.ts";
import { Gen1Store } from "./gen1/gen1-store.ts";
import { Gen2Store } from "./gen2/gen2-store.ts";
import { Guard, type LakeParts } from "./guard.ts";
import { openNetwork } from "./http/network.ts";
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from "./http/retry.ts";
import { Transport } from "./http/transport.ts";
import type { Lake } from "./lake.ts";
import { isTokenCredential, type LakeCredential } from "./lake-credential.ts";
import { checkOneLakeCredential, isOneLake } from "./onelake.ts";
import type { FileSystem } from "./store.ts";
import { storedLake } from "./stored-lake.ts";
import { parseLocation } from "./url/lake-url.ts";
import { type LakeLocation, lakeUrl } from "./url/location.ts";
import { parseAccount } from "./url/storage-host.ts";

/** How to open a lake. */
export interface OpenLakeOptions {
  /** Who asks. Not needed for a URL that carries a shared access signature. */
  credential?: LakeCredential;
  /** How often and how long to retry. */
  retryPolicy?: Partial<RetryPolicy>;
}

/** Options that the public API does not have. */
export interface OpenOptions extends OpenLakeOptions {
  /** Names of the accounts that the caller may see, for the hint of one that is not there. */
  accounts?: (() => Promise<readonly string[]>) | undefined;
}

/**
 * Opens a file system of `cloud`, or a Gen1 account; nothing is sent before the first call.
 *
 * @param url the name of a file system in the cloud's own account, or any URL that
 *   `parseLocation` reads: `abfss://FILESYSTEM@ACCOUNT.dfs.core.windows.net/` and its like
 * @throws LakeError with code `BAD_PATH`
 */
export function openLakeIn(cloud: Cloud, url: string, options: OpenOptions): Lake {
  const location = parseLocation(cloud, url);
  if (location.path) {
    const open = location.sas
      ? "Leave it out of the URL, keep what is behind the question mark"
      : `Open ${lakeUrl(cloud, location)}`;
    throw new LakeError("BAD_PATH", `${location.path} is inside a file system`, {
      hint: `${open}, and give ${JSON.stringify(location.path)} to its methods.`,
    });
  }
  if (cloud.kind === "practice" && location.host && !isPlayed(location)) {
    throw new LakeError(
      "BAD_PATH",
      `the practice cloud plays one DNS zone, z12: ${location.host}`,
      {
        hint: "An account that is made with dnsEndpointType AzureDnsZone is in it; others are in none.",
      },
    );
  }
  const credential = location.sas ? { sas: location.sas } : options.credential;
  if (!credential) throw nobodyIn(location.account);
  return storedLake(lakeParts(cloud, location, credential, options));
}

function lakeParts(
  cloud: Cloud,
  location: LakeLocation,
  credential: LakeCredential,
  options: OpenOptions,
): LakeParts {
  const retryPolicy = { ...DEFAULT_RETRY_POLICY, ...options.retryPolicy };
  const isGen1 = location.generation === 1;
  const scope = isGen1 ? cloud.scopes.gen1 : cloud.scopes.storage;
  const open = isGen1 ? openGen1 : openGen2;
  return {
    cloud,
    store: open(cloud, location, credential, retryPolicy),
    retryPolicy,
    audience: scope.replace(/\/\.default$/, ""),
    caller: () => (isTokenCredential(credential) ? describeCaller(credential, scope) : KEY_HOLDER),
    accounts: options.accounts,
  };
}

/** The file systems of a storage account, in name order. @throws LakeError */
export async function* fileSystemsIn(
  cloud: Cloud,
  place: string,
  { signal, ...options }: OpenOptions & { signal?: AbortSignal | undefined },
): AsyncGenerator<FileSystem> {
  const at = parseAccount(cloud, place);
  const { credential } = options;
  if (!credential) throw nobodyIn(at.account);
  const location = { generation: 2, fileSystem: "", path: "", ...at } as const;
  const guard = new Guard(lakeParts(cloud, location, credential, options));
  try {
    for await (const page of guard.store.fileSystems?.list(signal) ?? []) yield* page;
  } catch (error) {
    throw await guard.explain(error, "list", "", signal);
  }
}

function isPlayed(location: LakeLocation): boolean {
  return isOneLake(location) || /^\w+\.z12\./.test(location.host ?? "");
}

function nobodyIn(account: string): LakeError {
  return new LakeError("UNAUTHENTICATED", `nobody is signed in to ${account}`, {
    hint: "Sign in first, or pass a credential.",
  });
}

const KEY_HOLDER = Promise.resolve({ name: "the holder of this key or signature" });

function openGen2(
  cloud: Cloud,
  location: LakeLocation,
  credential: LakeCredential,
  retryPolicy: RetryPolicy,
): Gen2Store {
  const network = openNetwork(cloud);
  const { account, fileSystem, host } = location;
  if (isOneLake(location)) checkOneLakeCredential(credential);
  const scope = cloud.scopes.storage;
  const { sas, stock } = stockCredential(account, credential, scope);
  const settings: StoragePipelineOptions & { agent: Agent } = {
    agent: network.agent,
    retryOptions: { maxTries: 1 },
  };
  const pipeline = newPipeline(stock, settings);
  pipeline.factories.push(OWN_REPLIES);
  const client = new DataLakeServiceClient(`${dfsEndpoint(cloud, account, host)}/${sas}`, pipeline);
  const transport = new Transport({ network, account, credential, scope, retryPolicy });
  const address = { generation: 2, account, fileSystem, ...(host && { host }) } as const;
  return new Gen2Store(address, client, transport);
}

function openGen1(
  cloud: Cloud,
  { account }: LakeLocation,
  credential: LakeCredential,
  retryPolicy: RetryPolicy,
): Gen1Store {
  if (!isTokenCredential(credential)) {
    throw new LakeError("UNAUTHENTICATED", `${account} takes no keys and no signatures`, {
      hint: "A Gen1 account wants a token: sign in instead.",
    });
  }
  const port = cloud.loopback ? `:${cloud.loopback.port}` : "";
  const endpoint = `https://${account}.${cloud.gen1Suffix}${port}`;
  const scope = cloud.scopes.gen1;
  const network = openNetwork(cloud);
  const transport = new Transport({ network, account, credential, scope, retryPolicy });
  return new Gen1Store({ generation: 1, account, fileSystem: "" }, endpoint, transport);
}

/** Has the Azure client refuse replies that are not the service's, as `Transport` does. */
const OWN_REPLIES: RequestPolicyFactory = {
  create: (next) => ({
    sendRequest: (request) =>
      ownReply(() =>
        next.sendRequest(request).catch((error) => {
          // The client expects URLs in the challenge of a 401; a proxy's has none.
          if (error.code !== "ERR_INVALID_URL") throw error;
          const reply = { status: 401, headers: { get: () => undefined }, request };
          throw new ForeignReply(reply, "it asks for a sign-in that is not Azure's");
        }),
      ),
  }),
};

function stockCredential(account: string, credential: LakeCredential, scope: string) {
  if (isTokenCredential(credential)) return { sas: "", stock: onlyFor(scope, credential) };
  if ("sas" in credential) {
    return { sas: `?${credential.sas.replace(/^\?/, "")}`, stock: new AnonymousCredential() };
  }
  return { sas: "", stock: new StorageSharedKeyCredential(account, credential.accountKey) };
}

/**
 * A credential for one scope only. The Azure client would request a token for any scope that a refusal
 * names, which a proxy could choose.
 */
function onlyFor(scope: string, credential: TokenCredential): TokenCredential {
  return {
    getToken(_scopes, { tenantId: _tenantId, ...options } = {}) {
      return credential.getToken(scope, options);
    },
  };
}
