import { rmSync, writeFileSync } from "node:fs";

const RESERVED_BYTES = 256 * 1024;

/** Reserves disk space: on a full disk, a deletion needs some for the database's journal. */
export class Reserve {
  readonly #file: string;
  #isHeld = false;

  constructor(file: string) {
    this.#file = file;
    this.fill();
  }

  /** Reserves the space, if there is any. */
  fill(): void {
    if (this.#isHeld) return;
    try {
      writeFileSync(this.#file, Buffer.alloc(RESERVED_BYTES, 1), { mode: 0o600 });
      this.#isHeld = true;
    } catch {
      rmSync(this.#file, { force: true });
    }
  }

  /** Frees the space; false when it is free already. */
  release(): boolean {
    const wasHeld = this.#isHeld;
    this.#isHeld = false;
    rmSync(this.#file, { force: true });
    return wasHeld;
  }
}
