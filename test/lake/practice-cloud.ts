import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { AccessToken, TokenCredential } from "@azure/core-auth";
import { DataLakeServiceClient, type StoragePipelineOptions } from "@azure/storage-file-datalake";
import { CLOUD_ENDPOINTS, type Cloud, dfsEndpoint, tlsSettings } from "../../src/core/cloud.ts";
import type { Lake } from "../../src/lake/lake.ts";
import { type OpenLakeOptions, openLakeIn } from "../../src/lake/open-lake-in.ts";
import {
  type PracticeCloud,
  type PracticeDescription,
  startPractice,
} from "../../src/practice/index.ts";

/** A practice cloud of one test file, and what a test needs to use it. */
export interface TestCloud {
  readonly cloud: Cloud;
  readonly practice: PracticeCloud;
  /** A folder for whatever the test writes on this machine. */
  readonly folder: string;
  /** The user whom this practice cloud signs in. */
  readonly user: TokenCredential;
  /** A credential whose tokens are for `scope`, whatever it is asked for. */
  withScope(scope: string): TokenCredential;
  /** The lake, opened as the user unless told otherwise. */
  open(fileSystem: string, options?: OpenLakeOptions): Lake;
  /** The unmodified client library of Azure. */
  stock(maxTries?: number): DataLakeServiceClient;
  close(): Promise<void>;
}

/** @param seeds contents by path, `filesystem/directory/file` */
export async function startTestCloud(
  user: string,
  seeds: Readonly<Record<string, string | Uint8Array>>,
): Promise<TestCloud> {
  const folder = await mkdtemp(join(tmpdir(), "notelake-lake-test-"));
  const seed = join(folder, "seed");
  for (const [path, content] of Object.entries(seeds)) {
    await mkdir(path.endsWith("/") ? join(seed, path) : dirname(join(seed, path)), {
      recursive: true,
    });
    if (!path.endsWith("/")) await writeFile(join(seed, path), content);
  }
  const practice = await startPractice({ seed, approveDeviceCodesAs: user });
  const cloud = cloudOf(practice.description);
  const { account } = practice.description;
  const withScope = (scope: string): TokenCredential => ({
    getToken: () => signInByDeviceCode(practice.description, scope),
  });
  const credential = deviceCodeCredential(practice.description);
  return {
    cloud,
    practice,
    folder,
    user: credential,
    withScope,
    open: (fileSystem, options = {}) =>
      openLakeIn(cloud, fileSystem, {
        credential,
        retryPolicy: { tries: 3, firstWait: 5 },
        ...options,
      }),
    stock: (maxTries = 3) => {
      const options = { tlsOptions: tlsSettings(cloud), retryOptions: { maxTries } };
      const url = dfsEndpoint(cloud, account);
      return new DataLakeServiceClient(url, credential, options as StoragePipelineOptions);
    },
    close: async () => {
      await practice.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A practice cloud as a client knows it. */
export function cloudOf(description: PracticeDescription): Cloud {
  const { origin, port, ca, pages, account, subscriptionId, tenantId } = description;
  return {
    ...CLOUD_ENDPOINTS.public,
    kind: "practice",
    authority: origin,
    management: origin,
    account,
    subscriptionId,
    tenantId,
    loopback: { port, ca, metadata: pages },
  };
}

/** A credential of the user whom a practice cloud signs in. */
export function deviceCodeCredential(description: PracticeDescription): TokenCredential {
  return { getToken: (scopes) => signInByDeviceCode(description, [scopes].flat().join(" ")) };
}

const tokens = new Map<string, AccessToken>();

/** A token from the practice cloud's own device code endpoints, kept for the next test. */
async function signInByDeviceCode(
  practice: PracticeDescription,
  scope: string,
): Promise<AccessToken> {
  const { origin, clientId } = practice;
  const known = tokens.get(`${origin} ${scope}`);
  if (known) return known;
  const started = await post(practice, "devicecode", { client_id: clientId, scope });
  const poll = {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: clientId,
    device_code: String(started.device_code),
  };
  await post(practice, "token", poll);
  const { access_token, expires_in } = await post(practice, "token", poll);
  const token = {
    token: String(access_token),
    expiresOnTimestamp: Date.now() + Number(expires_in) * 1000,
  };
  tokens.set(`${origin} ${scope}`, token);
  return token;
}

function post(
  { origin, tenantId, ca }: PracticeDescription,
  endpoint: string,
  form: Record<string, string>,
): Promise<Record<string, unknown>> {
  const body = new URLSearchParams(form).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return new Promise((resolve, reject) => {
    const url = `${origin}/${tenantId}/oauth2/v2.0/${endpoint}`;
    const sent = request(url, { method: "POST", ca, headers }, (response) => {
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Every entry of an async iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
