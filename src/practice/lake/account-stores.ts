import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ONELAKE } from "./onelake/workspaces.ts";
import { Store } from "./storage/lake-store.ts";
import { seedOneLake } from "./storage/seed-lake.ts";
import { replaceLake } from "./storage/share-files.ts";

/** The two generations of Data Lake Storage that an account can be of. */
export type AccountKind = "gen2" | "gen1";

/** An account that is always there, and the folder to copy into it when it is new. */
export interface FirstAccount {
  readonly name: string;
  readonly seed: string | undefined;
}

/** The accounts of a lake, each in a folder of its own. */
export class Accounts {
  readonly #folder: string;
  readonly #first: readonly FirstAccount[];
  readonly #oneLakeSeed: string | undefined;
  readonly #stores: Record<AccountKind | "onelake", Map<string, Store>> = {
    gen2: new Map(),
    gen1: new Map(),
    onelake: new Map(),
  };

  /** Opens what is kept in the folder, and the first Gen2 accounts in any case. */
  constructor(folder: string, first: readonly FirstAccount[], oneLakeSeed?: string) {
    this.#folder = folder;
    this.#oneLakeSeed = oneLakeSeed;
    this.#first = first;
    this.#open();
  }

  get(name: string, kind: AccountKind = "gen2"): Store | undefined {
    return this.#stores[kind].get(name);
  }

  /** OneLake, whose file systems are workspaces; created at its first use. */
  oneLake(): Store {
    const [made] = this.#stores.onelake.values();
    if (made) return made;
    const seed = this.#oneLakeSeed;
    const store = new Store(join(this.#folder, "onelake", ONELAKE), undefined);
    if (seed !== undefined) seedOneLake(store, seed);
    this.#stores.onelake.set(ONELAKE, store);
    return store;
  }

  /** The oldest account of a kind. */
  firstOf(kind: AccountKind): string | undefined {
    return this.#stores[kind].keys().next().value;
  }

  /**
   * Creates an account; one that exists stays as it is.
   *
   * @param seed folder to copy into a new account
   * @throws RangeError when the name is not 3 to 24 lower-case letters and digits
   */
  create(name: string, kind: AccountKind = "gen2", seed?: string): Store {
    if (!/^[a-z0-9]{3,24}$/.test(name)) throw new RangeError(`no account can be called ${name}`);
    const existing = this.get(name, kind);
    if (existing) return existing;
    const store = new Store(join(this.#folder, kind, name), seed);
    this.#stores[kind].set(name, store);
    return store;
  }

  /** Removes an account with all that is in it. */
  async remove(name: string, kind: AccountKind = "gen2"): Promise<void> {
    const store = this.get(name, kind);
    this.#stores[kind].delete(name);
    await store?.close();
    const folder = join(this.#folder, kind, name);
    if (existsSync(folder)) rmSync(folder, { recursive: true });
  }

  /** Saves the current state of every account to a folder that does not exist yet. */
  save(folder: string): void {
    for (const [kind, stores] of Object.entries(this.#stores)) {
      for (const [name, store] of stores) store.save(join(folder, kind, name));
    }
  }

  /** Replaces all accounts by saved ones; none may be in use. */
  async restore(saved: string): Promise<void> {
    for (const stores of Object.values(this.#stores)) {
      for (const store of stores.values()) await store.abandon();
      stores.clear();
    }
    try {
      await replaceLake(saved, this.#folder);
    } finally {
      this.#open();
    }
  }

  async close(): Promise<void> {
    for (const stores of Object.values(this.#stores)) {
      for (const store of stores.values()) await store.close();
      stores.clear();
    }
  }

  #open(): void {
    for (const { name, seed } of this.#first) this.create(name, "gen2", seed);
    if (existsSync(join(this.#folder, "onelake"))) this.oneLake();
    for (const kind of ["gen2", "gen1"] as const) {
      mkdirSync(join(this.#folder, kind), { recursive: true, mode: 0o700 });
      for (const name of readdirSync(join(this.#folder, kind))) this.create(name, kind);
    }
  }
}
