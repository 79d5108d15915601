import { hash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

interface OwnFile {
  /** Number of reloads. */
  generation: number;
  /** State when last read; undefined before that. */
  read?: { readonly stamp: string; readonly hash: string };
  /** The user's files that it imports, with the generation of each that it got. */
  readonly imports: Map<string, number>;
  /** Whether evaluating it failed: the next import evaluates it again. */
  failed: boolean;
}

/**
 * The user's own modules that cells have imported. After an edit, the next import from a cell
 * reloads the module and those that import it; all others keep their state.
 */
export class OwnFiles {
  readonly #files = new Map<string, OwnFile>();

  /** Records an import of `path`, by a cell or another file. Returns its generation. */
  imported(path: string, by: string | undefined): number {
    const { generation } = this.#file(path);
    if (by !== undefined) this.#file(by).imports.set(path, generation);
    return generation;
  }

  /** Records the text that is evaluated. */
  read(path: string, source: string | Uint8Array): void {
    this.#file(path).read = { stamp: stampOf(path), hash: hashOf(source) };
  }

  failed(path: string): void {
    for (const each of this.#reachable(path)) this.#file(each).failed = true;
  }

  /** The files whose text has changed since they were evaluated. */
  changed(): string[] {
    return [...this.#files.keys()].filter((path) => this.#hasChanged(path));
  }

  /**
   * Increments the generation of changed files that `path` imports, itself included, and of all
   * that import them.
   *
   * @returns the files whose text has changed, and all to be reloaded
   */
  refresh(path: string): { changed: string[]; stale: string[] } {
    const reachable = this.#reachable(path);
    const changed = reachable.filter((each) => this.#hasChanged(each));
    const stale = new Set([...changed, ...reachable.filter((each) => this.#file(each).failed)]);
    for (let before = -1; before < stale.size; ) {
      before = stale.size;
      for (const each of reachable) {
        for (const [target, generation] of this.#file(each).imports) {
          if (stale.has(target) || this.#file(target).generation !== generation) stale.add(each);
        }
      }
    }
    for (const each of stale) {
      const file = this.#file(each);
      file.generation++;
      file.failed = false;
      file.imports.clear();
    }
    return { changed, stale: [...stale] };
  }

  #file(path: string): OwnFile {
    let file = this.#files.get(path);
    if (!file) {
      file = { generation: 0, imports: new Map(), failed: false };
      this.#files.set(path, file);
    }
    return file;
  }

  #reachable(path: string): string[] {
    const affected = new Set([path]);
    for (const each of affected) {
      for (const target of this.#files.get(each)?.imports.keys() ?? []) affected.add(target);
    }
    return [...affected];
  }

  #hasChanged(path: string): boolean {
    const { read } = this.#file(path);
    if (!read) return false;
    const stamp = stampOf(path);
    if (stamp === read.stamp) return false;
    try {
      if (hashOf(readFileSync(path)) !== read.hash) return true;
    } catch {
      return true; // deleted, which the import reports
    }
    this.#file(path).read = { ...read, stamp };
    return false;
  }
}

function stampOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.mtimeNs} ${stats.size} ${stats.ino}` : "";
}

const hashOf = (source: string | Uint8Array): string => hash("sha256", source, "base64");
