import { lstat, mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { LakeError } from "../../core/errors.ts";
import { parentOf } from "../url/location.ts";
import { syncFolder } from "./file-sink.ts";
import { onDisk } from "./local-failure.ts";

/** A local folder that exists by now. */
interface Made {
  readonly folder: string;
  /** Whether it was not there before. */
  readonly isNew: boolean;
}

/**
 * Creates the folders of a download, each once. Only the root, which the caller chose, may be a link:
 * any other could lead files out of it.
 */
export class LocalFolders {
  readonly #made = new Map<string, Promise<Made>>();

  private constructor(root: Made) {
    this.#made.set("", Promise.resolve(root));
  }

  static async open(root: string): Promise<LocalFolders> {
    return onDisk(root, async () => {
      const first = await mkdir(root, { recursive: true });
      return new LocalFolders({ folder: await realpath(root), isNew: first !== undefined });
    });
  }

  /**
   * Makes a folder, and those above it.
   *
   * @param path from the root, separated by slashes
   * @throws LakeError `LOCAL_FILE`, also where a link or a file is in the way
   */
  make(path: string): Promise<Made> {
    const known = this.#made.get(path);
    if (known) return known;
    const making = this.#make(path);
    this.#made.set(path, making);
    return making;
  }

  async #make(path: string): Promise<Made> {
    const above = await this.make(parentOf(path));
    const folder = join(above.folder, path.slice(path.lastIndexOf("/") + 1));
    return onDisk(folder, async () => {
      try {
        await mkdir(folder);
        return { folder, isNew: true };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const there = await lstat(folder);
      if (there.isDirectory()) return { folder, isNew: false };
      const what = there.isSymbolicLink() ? "a link" : "a file";
      throw new LakeError("LOCAL_FILE", `${folder} is ${what}, where a folder is to be`, {
        hint: "Links below the folder of a download are not followed. Remove it, or choose another folder.",
      });
    });
  }

  /** Syncs the names in all of them to the disk. */
  async sync(): Promise<void> {
    for (const making of this.#made.values()) await syncFolder((await making).folder);
  }
}
