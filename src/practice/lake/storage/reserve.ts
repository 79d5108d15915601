import { rmSync, writeFileSync } from "node:fs";

/** Enough for the journal of some deletions. */
const RESERVED_BYTES = 256 * 1024;

/**
 * Space that a file holds while it is not needed: to delete something on a full disk, its database
 * has to write first.
 */
export class Reserve {
  readonly #file: string;
  #isHeld = false;

  constructor(file: string) {
    this.#file = file;
    this.fill();
  }

  /** Holds the space again, where there is any. */
  fill(): void {
    if (this.#isHeld) return;
    try {
      writeFileSync(this.#file, Buffer.alloc(RESERVED_BYTES, 1), { mode: 0o600 });
      this.#isHeld = true;
    } catch {
      rmSync(this.#file, { force: true });
    }
  }

  /** Lets go of the space; false when it has been let go of before. */
  release(): boolean {
    const wasHeld = this.#isHeld;
    this.#isHeld = false;
    rmSync(this.#file, { force: true });
    return wasHeld;
  }
}
