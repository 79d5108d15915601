import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  type AuthenticationRecord,
  deserializeAuthenticationRecord,
  type IdentityPlugin,
  serializeAuthenticationRecord,
  useIdentityPlugin,
} from "@azure/identity";
import { type Change, SealedStore, type StoreFiles, unusable } from "./sealed-store.ts";

/**
 * Whether a sign-in outlives the process; in a folder of one's own, or in one that holds both the
 * sealed file and its key.
 */
export type RememberOption = boolean | { folder: string };

/** A person's sign-in that other processes can go on with. */
export interface Remembered {
  /**
   * Options that make an Azure SDK credential read and write it.
   *
   * @throws SignInError `STORE_UNUSABLE` before anybody is asked for a sign-in that cannot be kept
   */
  credentialOptions(): Promise<{
    tokenCachePersistenceOptions: { enabled: true; name: string };
    authenticationRecord?: AuthenticationRecord;
  }>;
  keep(record: AuthenticationRecord): Promise<void>;
  forget(): Promise<void>;
}

/**
 * The sign-in that belongs to `identity`, the parts that tell one sign-in from another: the
 * authority, the directory, the application.
 */
export function remembered(
  remember: true | { folder: string },
  identity: readonly string[],
): Remembered {
  const store = storeIn(remember === true ? undefined : remember.folder);
  // Hashed, so that the file does not tell outsiders which directories its owner works in.
  const name = createHash("sha256").update(JSON.stringify(identity)).digest("base64url");
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

async function changing(store: SealedStore, task: (change: Change) => Promise<void>) {
  const change = await store.change();
  try {
    await task(change);
  } finally {
    change.end();
  }
}

/** One store a file, since a store takes its own calls in turn. */
const stores = new Map<string, SealedStore>();

function storeIn(folder: string | undefined): SealedStore {
  const files = folder
    ? { database: join(folder, "sign-ins.db"), key: join(folder, "sign-ins.key") }
    : ownFiles();
  const known = stores.get(files.database);
  if (known) return known;
  const store = new SealedStore(files);
  stores.set(files.database, store);
  return store;
}

/** Key and file lie apart, so that a copy of one folder opens nothing (XDG base directories). */
function ownFiles(): StoreFiles {
  const { XDG_STATE_HOME, XDG_CONFIG_HOME, LOCALAPPDATA, APPDATA } = process.env;
  const state = XDG_STATE_HOME || LOCALAPPDATA || join(homeFolder(), ".local", "state");
  const config = XDG_CONFIG_HOME || APPDATA || join(homeFolder(), ".config");
  return {
    database: join(state, "notelake", "sign-ins.db"),
    key: join(config, "notelake", "sign-ins.key"),
  };
}

/** @throws SignInError `STORE_UNUSABLE` for a user that the machine does not know */
function homeFolder(): string {
  try {
    return homedir();
  } catch (error) {
    throw unusable("the home folder of this user, who has none", error);
  }
}

const registered = new Map<string, SealedStore>();

/** The Azure SDK has one place for a cache in a process, so all names share one plug-in. */
function register(name: string, store: SealedStore): void {
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
      // Told beforehand whether the cache will be written: only then others must wait.
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

/** What the Azure SDK gives to its cache packages; its types keep it to themselves. */
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
