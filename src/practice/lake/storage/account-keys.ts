import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

export type KeyName = "key1" | "key2";

export class Keys {
  readonly #database: DatabaseSync;
  readonly #values: Record<KeyName | "delegation", string>;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#values = {
      key1: this.#open("key1"),
      key2: this.#open("key2"),
      delegation: this.#open("delegation"),
    };
  }

  /** Both account keys, in base64. */
  account(): readonly [string, string] {
    return [this.#values.key1, this.#values.key2];
  }

  named(): Readonly<Record<KeyName, string>> {
    const { key1, key2 } = this.#values;
    return { key1, key2 };
  }

  /** Key from which user delegation keys are derived, in base64. */
  delegation(): string {
    return this.#values.delegation;
  }

  /** Replaces a key, which invalidates its signatures. */
  regenerate(name: KeyName): void {
    this.#values[name] = this.#make(name);
  }

  #open(name: string): string {
    const row = this.#database.prepare("select value from secrets where name = ?").get(name) as
      | { value: string }
      | undefined;
    return row?.value ?? this.#make(name);
  }

  #make(name: string): string {
    const value = randomBytes(64).toString("base64");
    this.#database.prepare("insert or replace into secrets values (?, ?)").run(name, value);
    return value;
  }
}
