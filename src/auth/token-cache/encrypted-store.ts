import { chmod, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CompactEncrypt, compactDecrypt } from "jose";
import type { DatabaseSync } from "../../core/database-sync.ts";
import { SignInError } from "../../core/errors.ts";
import { openEncryptionKey, readKey } from "./encryption-key.ts";

/** The file of remembered sign-ins, and that of the key that encrypts them. */
export interface StoreFiles {
  readonly database: string;
  readonly key: string;
}

/** A name that is not in use. */
const PROBE = "probe";
const TIMEOUT_MILLISECONDS = 10_000;
/** Lifetime of an unused refresh token: older texts are removed. */
const KEEP_MILLISECONDS = 90 * 86_400_000;

/** A change of the store, which is locked until it ends. */
export interface Change {
  read(name: string): Promise<string | undefined>;
  write(name: string, content: string): Promise<void>;
  remove(name: string): void;
  end(): void;
}

/**
 * Texts by name in one file, each encrypted (JWE, A256GCM), readable by its owner only. Processes
 * use the database's lock, which the system releases when a process ends.
 */
export class EncryptedStore {
  readonly #files: StoreFiles;
  #tail: Promise<void> = Promise.resolve();

  constructor(files: StoreFiles) {
    this.#files = files;
  }

  /**
   * Checks that texts can be kept, before a person signs in.
   *
   * @throws SignInError `STORE_UNUSABLE`, or `STORE_BUSY`
   */
  async prepare(): Promise<void> {
    try {
      const change = await this.change();
      try {
        await change.write(PROBE, "");
        change.remove(PROBE);
      } finally {
        change.end();
      }
    } catch (cause) {
      if (cause instanceof SignInError) throw cause;
      throw unusable(this.#files.database, cause);
    }
  }

  /** The text of a name; undefined when there is none that the key decrypts. */
  async read(name: string): Promise<string | undefined> {
    const database = await this.#open();
    try {
      return await this.#readFrom(database, name);
    } finally {
      database.close();
    }
  }

  /**
   * Locks the store until `end`.
   *
   * @throws SignInError `STORE_BUSY`
   */
  async change(): Promise<Change> {
    // Within a process the wait must not block the event loop, which the holder needs.
    let leave: () => void = () => undefined;
    const turn = this.#tail;
    this.#tail = new Promise<void>((resolve) => {
      leave = resolve;
    });
    await turn;
    let database: DatabaseSync | undefined;
    try {
      const opened = await this.#open();
      database = opened;
      // Excludes readers too, so that the end never waits for one.
      await patiently(() => opened.exec("BEGIN EXCLUSIVE"));
      opened.prepare("DELETE FROM sealed WHERE written < ?").run(Date.now() - KEEP_MILLISECONDS);
      return this.#changeIn(opened, leave);
    } catch (error) {
      database?.close();
      leave();
      throw error;
    }
  }

  #changeIn(database: DatabaseSync, leave: () => void): Change {
    return {
      read: (name) => this.#readFrom(database, name),
      write: async (name, content) => {
        const sealed = await this.#seal(name, content);
        database
          .prepare("INSERT OR REPLACE INTO sealed (name, content, written) VALUES (?, ?, ?)")
          .run(name, sealed, Date.now());
      },
      remove: (name) => void database.prepare("DELETE FROM sealed WHERE name = ?").run(name),
      end() {
        try {
          database.exec("COMMIT");
        } finally {
          database.close();
          leave();
        }
      },
    };
  }

  /** Undefined when the database is damaged. */
  async #tryOpen(): Promise<DatabaseSync | undefined> {
    const file = this.#files.database;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // SQLite creates its journal with the mode of the database: set it before.
    await (await open(file, "a", 0o600)).close();
    await chmod(file, 0o600);
    const { DatabaseSync: Database } = await import("../../core/database-sync.ts");
    const database = new Database(file);
    try {
      await patiently(() => database.exec(TABLE));
      const verdict = await patiently(() => database.prepare("PRAGMA quick_check(1)").get());
      if (verdict?.quick_check === "ok") return database;
    } catch (error) {
      database.close();
      if (!DAMAGED.includes(sqliteCode(error))) throw error;
      return undefined;
    }
    database.close();
    return undefined;
  }

  /** Opens the database; a damaged one is renamed, as it would never open. */
  async #open(): Promise<DatabaseSync> {
    const file = this.#files.database;
    const database = await this.#tryOpen();
    if (database) return database;
    await rename(file, `${file}.damaged`);
    for (const journal of ["-journal", "-wal", "-shm"]) await rm(file + journal, { force: true });
    const fresh = await this.#tryOpen();
    if (!fresh) throw new Error(`${file} is damaged as soon as it is written`);
    return fresh;
  }

  async #readFrom(database: DatabaseSync, name: string): Promise<string | undefined> {
    const row = await patiently(() =>
      database.prepare("SELECT content FROM sealed WHERE name = ?").get(name),
    );
    return typeof row?.content === "string" ? this.#unseal(name, row.content) : undefined;
  }

  async #seal(name: string, content: string): Promise<string> {
    const key = await openEncryptionKey(this.#files.key);
    return new CompactEncrypt(new TextEncoder().encode(content))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: name })
      .encrypt(key);
  }

  async #unseal(name: string, sealed: string): Promise<string | undefined> {
    try {
      const key = await readKey(this.#files.key);
      if (!key) return undefined;
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, key);
      // An entry under another name was moved.
      return protectedHeader.kid === name ? new TextDecoder().decode(plaintext) : undefined;
    } catch {
      return undefined; // another key, or damaged: the next sign-in replaces it
    }
  }
}

const TABLE = "CREATE TABLE IF NOT EXISTS sealed (name TEXT PRIMARY KEY, content, written)";
const SQLITE_BUSY = 5;
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED = [11, 26];

function sqliteCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}

export function unusable(where: string, cause: unknown): SignInError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SignInError("STORE_UNUSABLE", `sign-ins cannot be remembered in ${where}: ${why}`, {
    hint: "Sign in without remember, or name a folder that you may write to: { remember: { folder } }.",
    cause,
  });
}

/** Retries `step` while another process has the lock. */
async function patiently<T>(step: () => T): Promise<T> {
  const until = Date.now() + TIMEOUT_MILLISECONDS;
  for (;;) {
    try {
      return step();
    } catch (error) {
      if (sqliteCode(error) !== SQLITE_BUSY) throw error;
      if (Date.now() > until) {
        throw new SignInError("STORE_BUSY", "another process holds the remembered sign-ins", {
          hint: "Sign in without remember, or end the kernel that hangs.",
        });
      }
      await sleep(10 + Math.random() * 20);
    }
  }
}
