import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TokenCredential } from "@azure/core-auth";
import { DataLakeServiceClient, type StoragePipelineOptions } from "@azure/storage-file-datalake";
import { type Cloud, dfsEndpoint, tlsSettings } from "../../src/core/cloud.ts";
import type { Lake } from "../../src/lake/lake.ts";
import { type OpenLakeOptions, openLakeIn } from "../../src/lake/open-lake-in.ts";
import { type PracticeCloud, startPractice } from "../../src/practice/index.ts";
import { cloudOf, deviceCodeCredential, signInByDeviceCode } from "./practice-client.ts";

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

/** Every entry of an async iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
