import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { KeyedLock } from "../keyed-lock.ts";
import type { PracticeLake } from "../lake/index.ts";
import { writePrivate } from "../private-file.ts";
import type { Traffic } from "../traffic.ts";
import { LAKE, MARKER, readState, SEEDED, SNAPSHOTS, STATE } from "./snapshot-folder.ts";

/** A part with state in memory, which JSON can hold. */
interface InMemory {
  snapshot(): unknown;
  restore(kept: never): void;
}

export interface SnapshotsOptions {
  /** Folder of the practice cloud. */
  readonly dir: string;
  readonly lake: PracticeLake;
  /** Other state, by its name in a snapshot. */
  readonly memory: Readonly<Record<string, InMemory>>;
  readonly traffic: Traffic;
}

/** A saved state. */
export interface PracticeSnapshot {
  readonly name: string;
  /** ISO 8601. */
  readonly savedAt: string;
}

/** The saved states of a practice cloud, the initial one included. */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  readonly #folder: string;
  readonly #lock = new KeyedLock<"state">();
  #isClosed = false;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    this.#folder = join(options.dir, SNAPSHOTS);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Saves the state that `reset` leads back to. */
  keepSeeded(): void {
    this.#write(join(this.#options.dir, SEEDED));
  }

  /** @throws Error when the initial state was not saved */
  async reset(): Promise<void> {
    if (!existsSync(join(this.#options.dir, SEEDED))) {
      throw new Error(
        `nobody has kept what the practice cloud in ${this.#options.dir} began with; start one in ` +
          "a new folder to be able to reset it",
      );
    }
    await this.#whileLocked(() => this.#restore(SEEDED));
  }

  /** @throws RangeError for what cannot be a name */
  async save(name: string): Promise<void> {
    checkName(name);
    await this.#whileLocked(async () => this.#write(join(this.#folder, name)));
  }

  /** @throws RangeError when there is no such snapshot */
  async restore(name: string): Promise<void> {
    await this.#whileLocked(async () => {
      this.#demand(name);
      await this.#restore(join(SNAPSHOTS, name));
    });
  }

  /** @throws RangeError when there is no such snapshot */
  async remove(name: string): Promise<void> {
    await this.#whileLocked(async () => {
      this.#demand(name);
      rmSync(join(this.#folder, name), { recursive: true });
    });
  }

  list(): PracticeSnapshot[] {
    const names = readdirSync(this.#folder).filter((name) => !name.startsWith("."));
    return names.sort().map((name) => {
      const { savedAt } = readState(join(this.#folder, name));
      return { name, savedAt };
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lock.run("state", async () => undefined);
  }

  /** Serialized. */
  #whileLocked(work: () => Promise<void>): Promise<void> {
    if (this.#isClosed) throw new Error("the practice cloud is closed");
    return this.#lock.run("state", work);
  }

  #demand(name: string): void {
    checkName(name);
    if (existsSync(join(this.#folder, name))) return;
    const names = this.list().map((one) => one.name);
    const known = names.length > 0 ? `there are ${names.join(", ")}` : "none was saved";
    throw new RangeError(`there is no snapshot ${name}; ${known}`);
  }

  /** Synchronous, so that no request comes in between. */
  #write(folder: string): void {
    const { lake, memory } = this.#options;
    const half = join(dirname(folder), `.${basename(folder)}.part`);
    const old = join(dirname(folder), `.${basename(folder)}.old`);
    try {
      for (const stale of [half, old]) rmSync(stale, { recursive: true, force: true });
      mkdirSync(half, { mode: 0o700 });
      lake.save(join(half, LAKE));
      const parts = Object.entries(memory).map(([name, part]) => [name, part.snapshot()]);
      const state = { savedAt: new Date().toISOString(), memory: Object.fromEntries(parts) };
      writePrivate(join(half, STATE), JSON.stringify(state));
      if (existsSync(folder)) renameSync(folder, old);
      renameSync(half, folder);
      rmSync(old, { recursive: true, force: true });
    } catch (cause) {
      rmSync(half, { recursive: true, force: true });
      const why = cause instanceof Error ? cause.message : "unknown error";
      throw new Error(`the snapshot ${basename(folder)} could not be saved: ${why}`, { cause });
    }
  }

  async #restore(from: string): Promise<void> {
    const { dir, lake, memory, traffic } = this.#options;
    const folder = join(dir, from);
    const state = readState(folder);
    await traffic.whileQuiet(async () => {
      const marker = join(dir, MARKER);
      // After a crash the next start completes it.
      writePrivate(marker, JSON.stringify({ from }));
      try {
        await lake.restore(join(folder, LAKE));
        for (const [name, part] of Object.entries(memory)) {
          part.restore(state.memory[name] as never);
        }
      } finally {
        rmSync(marker, { force: true });
      }
    });
  }
}

function checkName(name: unknown): void {
  if (typeof name === "string" && /^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) return;
  throw new RangeError(
    `${JSON.stringify(name)} cannot be the name of a snapshot: it takes letters, digits, - _ and ` +
      "., at most 64, and begins with a letter or a digit",
  );
}
