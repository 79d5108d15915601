import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { KeyFiles, PracticeDescription } from "../description.ts";
import type { Part } from "../listener.ts";
import { writePrivate } from "../private-file.ts";

export interface KeyFilesOptions {
  readonly dir: string;
  readonly account: string;
  readonly clientSecret: string;
  /** The current key of the account. */
  accountKey(): string;
}

/**
 * Writes the files, each with one value.
 *
 * @returns their paths, and a function that writes them again after the account's key has changed
 */
export function keepKeyFiles({ dir, account, clientSecret, accountKey }: KeyFilesOptions) {
  const folder = join(dir, "keys");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files: KeyFiles = {
    accountKey: join(folder, "account-key"),
    connectionString: join(folder, "connection-string"),
    clientSecret: join(folder, "client-secret"),
  };
  const refresh = () => {
    const key = accountKey();
    writePrivate(files.accountKey, key);
    writePrivate(files.connectionString, connectionString(account, key));
  };
  writePrivate(files.clientSecret, clientSecret);
  refresh();
  return { files, refresh };
}

function connectionString(account: string, key: string): string {
  const parts = {
    DefaultEndpointsProtocol: "https",
    AccountName: account,
    AccountKey: key,
    EndpointSuffix: "core.windows.net",
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${value}`)
    .join(";");
}

/** Writes the description to a file, readable only by its owner as it contains secrets. */
export function keepDescription(
  file: string,
  description: PracticeDescription,
): Part & { readonly file: string } {
  writePrivate(file, `${JSON.stringify(description, null, 2)}\n`);
  return { file, close: async () => rmSync(file, { force: true }) };
}
