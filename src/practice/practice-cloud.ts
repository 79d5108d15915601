import type { TokenCredential } from "@azure/core-auth";
import type { PracticeDescription } from "./description.ts";
import type { Faults } from "./faults/faults.ts";
import type { PracticeHttpClient } from "./http-client.ts";
import type { Programs } from "./programs/installed-programs.ts";
import type { RequestLog } from "./requests/request-log.ts";
import type { PracticeSnapshot } from "./snapshots/snapshots.ts";

/** How to start a practice cloud. */
export interface PracticeOptions {
  /** Folder that seeds the lake; read, never written. Default: the package's `data/`. */
  seed?: string;
  /**
   * Folder that keeps the lake across runs, with the certificates, credentials and ports; for its
   * owner only, and for one practice cloud at a time. Default: a temporary one, removed on `close`.
   */
  dir?: string;
  /** Port for https. Default: the one that `dir` had the last time if it is free, else any. */
  port?: number;
  /**
   * Sign device codes in as this user after one pending poll, for runs where nobody can type;
   * a user principal name such as `ada@contoso.com`.
   */
  approveDeviceCodesAs?: string;
  /**
   * Whoever has signed in on a page is signed in to later codes and browser windows too, as in a
   * browser of one's own; until a reset, or until they sign out on the cloud's page. Default: no.
   */
  keepPersonSignedIn?: boolean;
  /** How many requests the log keeps, some kilobytes each at most. Default: 1,000. */
  requestLog?: number;
  /** Let the process end although the cloud still listens; what was temporary goes with it. */
  background?: boolean;
}

/** A running practice cloud; `await using` closes it. */
export interface PracticeCloud extends AsyncDisposable {
  readonly description: PracticeDescription;
  /** Holds the description while the cloud runs: what `NOTELAKE_PRACTICE` names. */
  readonly settingsFile: string;
  /**
   * For the option `httpClient` of every client and credential of the Azure SDK for JavaScript:
   * it finds this practice cloud behind Azure's host names, and lets no request leave the machine.
   *
   *     const { httpClient } = cloud;
   *     const url = "https://contosolake.dfs.core.windows.net";
   *     new DataLakeServiceClient(url, cloud.credential("ada@contoso.com"), { httpClient });
   */
  readonly httpClient: PracticeHttpClient;
  /**
   * The environment of a program that is to use this practice cloud: that of this process, and
   * what the Azure SDKs of any language read.
   */
  readonly environment: Readonly<Record<string, string>>;
  /** The same as shell commands, to be shown to a person. */
  readonly clientSettings: string;
  /** Makes the practice cloud fail the way Azure fails; `PAGES/practice/faults` over HTTP. */
  readonly faults: Faults;
  /** Signs users in to the stand-in programs and out; `PAGES/practice/programs` over HTTP. */
  readonly programs: Programs;
  /**
   * The last requests, each with what came of it and which decision refused it: role, access list,
   * signature or network rule; `PAGES/practice/requests` over HTTP. A reset or a restore empties it.
   *
   *     const [refused] = cloud.requests.list().filter(({ status }) => status === 403);
   *     refused?.reasons; // [{ by: "role", needs: "Storage Blob Data Reader", at, has: ["Reader"] }]
   */
  readonly requests: RequestLog;
  /**
   * The credential of a user, of the service application (`notelake-service`) or of a managed
   * identity (`notelake-vm`, `notelake-reader`), who need not sign in for it.
   *
   * @throws RangeError when there is nobody of this name
   */
  credential(name: string): TokenCredential;
  /**
   * The keys of a storage account, in base64; the seeded account's by default.
   *
   * @throws RangeError when there is no such account
   */
  accountKeys(account?: string): Readonly<Record<"key1" | "key2", string>>;
  /**
   * Puts everything back to what the practice cloud began with: the lake with its leases, keys and
   * access lists, accounts, roles, network rules, faults with their clock, sign-ins that are under
   * way and those of the programs. Requests under way have a moment to end and are broken off then;
   * new ones wait. What clients hold goes on: access and refresh tokens are accepted as before.
   */
  reset(): Promise<void>;
  /**
   * Saves the present state under a name, in place of an older one of that name. Bytes that were
   * appended or staged and not committed are no part of it. In a folder of its own (`dir`) it
   * outlives the practice cloud.
   *
   * @throws RangeError for what cannot be a name
   */
  save(name: string): Promise<void>;
  /**
   * Puts everything back to a saved state, as `reset` does.
   *
   * @throws RangeError when there is no such snapshot
   */
  restore(name: string): Promise<void>;
  /** The snapshots there are, by name. */
  snapshots(): readonly PracticeSnapshot[];
  /** @throws RangeError when there is no such snapshot */
  removeSnapshot(name: string): Promise<void>;
  /** Stops listening, ends open connections and removes what was temporary. */
  close(): Promise<void>;
}
