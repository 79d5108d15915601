import { hash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  type AuthenticationRecord,
  deserializeAuthenticationRecord,
  type IdentityPlugin,
  serializeAuthenticationRecord,
  useIdentityPlugin,
} from "@azure/identity";
import { type Change, EncryptedStore, type StoreFiles, unusable } from "./encrypted-store.ts";

/** A sign-in that is kept for other processes. */
export interface Remembered {
  /**
   * Options of an Azure SDK credential that reads and writes it.
   *
   * @throws SignInError `STORE_UNUSABLE` before a prompt for a sign-in that cannot be kept
   */
  credentialOptions(): Promise<{
    tokenCachePersistenceOptions: { enabled: true; name: string };
    authenticationRecord?: AuthenticationRecord;
  }>;
  keep(record: AuthenticationRecord): Promise<void>;
  forget(): Promise<void>;
}

/** The sign-in of `identity`: the authority, the directory and the application. */
export function remembered(
  remember: true | { folder: string },
  identity: readonly string[],
): Remembered {
  const store = storeIn(remember === true ? undefined : remember.folder);
  // Hashed, as the file's names are not encrypted.
  const name = hash("sha256", JSON.stringify(identity), "base64url");
  const recordName = `${name}.record`;
  return {
    async credentialOptions() {
      await store.prepare();
      register(name, store);
      const record = await store.read(recordName);
      return {
        tokenCachePersistenceOptions: { enabled: true, name },
        ...(record && { authenticationRecord: deserializeAuthenticationRecord(record) }),
      };
    },
    async keep(record) {
      await changing(store, (change) =>
        change.write(recordName, serializeAuthenticationRecord(record)),
      );
    },
    async forget() {
      await changing(store, async (change) => {
        change.remove(name);
        change.remove(recordName);
      });
    },
  };
}

async function changing(store: EncryptedStore, task: (change: Change) => Promise<void>) {
  const change = await store.change();
  try {
    await task(change);
  } finally {
    change.end();
  }
}

/** One store a file, as a store serializes its calls. */
const stores = new Map<string, EncryptedStore>();

function storeIn(folder: string | undefined): EncryptedStore {
  const files = folder
    ? { database: join(folder, "sign-ins.db"), key: join(folder, "sign-ins.key") }
    : ownFiles();
  const known = stores.get(files.database);
  if (known) return known;
  const store = new EncryptedStore(files);
  stores.set(files.database, store);
  return store;
}

/**
 * Key and file are in different folders, so that a copy of one folder is useless (XDG base
 * directories).
 */
function ownFiles(): StoreFiles {
  const { XDG_STATE_HOME, XDG_CONFIG_HOME, LOCALAPPDATA, APPDATA } = process.env;
  const state = XDG_STATE_HOME || LOCALAPPDATA || join(homeFolder(), ".local", "state");
  const config = XDG_CONFIG_HOME || APPDATA || join(homeFolder(), ".config");
  return {
    database: join(state, "notelake", "sign-ins.db"),
    key: join(config, "notelake", "sign-ins.key"),
  };
}

/** @throws SignInError `STORE_UNUSABLE` for a user without an entry in the user database */
function homeFolder(): string {
  try {
    return homedir();
  } catch (error) {
    throw unusable("the home folder of this user, who has none", error);
  }
}

const registered = new Map<string, EncryptedStore>();

/** The Azure SDK has one cache plug-in in a process, which serves all names. */
function register(name: string, store: EncryptedStore): void {
  if (registered.size === 0) useIdentityPlugin(cachePlugin);
  registered.set(name, store);
}

const cachePlugin: IdentityPlugin = (context) => {
  const { cachePluginControl } = context as CachePluginContext;
  cachePluginControl.setPersistence(async ({ name }) => persistence(name));
};

function persistence(name: string) {
  const store = registered.get(name) ?? storeIn(undefined);
  const changes = new WeakMap<TokenCacheAccess, Change>();
  return {
    async beforeCacheAccess(access: TokenCacheAccess): Promise<void> {
      // `cacheHasChanged` says whether the cache will be written, which needs the lock.
      const change = access.cacheHasChanged ? await store.change() : undefined;
      if (change) changes.set(access, change);
      try {
        access.tokenCache.deserialize((await (change ?? store).read(name)) ?? "{}");
      } catch (error) {
        change?.end();
        changes.delete(access);
        throw error;
      }
    },
    async afterCacheAccess(access: TokenCacheAccess): Promise<void> {
      const change = changes.get(access);
      if (!change) return;
      try {
        await change.write(name, access.tokenCache.serialize());
      } finally {
        changes.delete(access);
        change.end();
      }
    },
  };
}

/** The context of the Azure SDK's cache packages, which its types do not export. */
interface CachePluginContext {
  readonly cachePluginControl: CachePluginControl;
}

interface CachePluginControl {
  setPersistence(make: (options: { name: string }) => Promise<unknown>): void;
}

interface TokenCacheAccess {
  readonly cacheHasChanged: boolean;
  readonly tokenCache: { serialize(): string; deserialize(cache: string): void };
}
