import type { ChildProcess } from "node:child_process";
import { tmpdir } from "node:os";
import { API, type CompilerOptions, type Project, type Snapshot } from "typescript/unstable/sync";
import { NotelakeError } from "../../core/errors.ts";

/** The type checker cannot be used. */
export class CheckerError extends NotelakeError {
  override readonly name = "CheckerError";
}

export interface NativeCompilerOptions {
  /** Contents of files by absolute path, which override those on the disk. */
  contents: ReadonlyMap<string, string>;
  /** Called when the compiler was restarted. */
  notice: (message: string) => void;
  /** Called with the id of each process, and 0 when it ended. */
  onProcess?: (pid: number) => void;
  /** Whether there is room for imports from the start. */
  imports?: boolean;
}

/**
 * TypeScript's native compiler in a process of its own, over one project.
 *
 * A file that changes alone, with the imports it had, costs 1 to 3 ms; anything else rebuilds the
 * program (40 ms with notelake's types loaded). Each call waits for its answer.
 */
export class NativeCompiler {
  readonly #options: NativeCompilerOptions;
  #api: API | undefined;
  #config = "";
  /** Whether the process has ended: its file descriptors may be reused by now. */
  #lost = false;
  #snapshot: Snapshot | undefined;
  /** Those before it that are not released yet. */
  readonly #old: Snapshot[] = [];
  #closed = false;
  #heapMib: number;
  /** Files that changed since the snapshot. */
  readonly #changed = new Set<string>();
  #everythingChanged = false;

  constructor(options: NativeCompilerOptions) {
    this.#options = options;
    this.#heapMib = options.imports ? IMPORTS_HEAP_MIB : SMALLEST_HEAP_MIB;
    this.#start();
  }

  /** Sets the tsconfig.json of the project. */
  openProject(config: string): void {
    this.#config = config;
  }

  /** Notes that a file changed. */
  changed(path: string): void {
    this.#changed.add(path);
  }

  /** Notes that packages or files were added or removed: everything is resolved again. */
  everythingChanged(): void {
    this.#everythingChanged = true;
  }

  /**
   * Queries the compiler about the current project. After a failure it is restarted once, and
   * queried again.
   *
   * @throws CheckerError `CHECKER_LOST` when it fails again
   */
  ask<T>(question: (project: Project) => T): T {
    try {
      return this.#answer(question);
    } catch (error) {
      if (error instanceof CheckerError) throw error;
      this.#drop();
      this.#options.notice(
        `The type checker stopped (${reason(error)}) and was started again; what earlier cells declared is known to it.`,
      );
    }
    try {
      return this.#answer(question);
    } catch (error) {
      this.#drop();
      throw new CheckerError("CHECKER_LOST", `the type checker failed: ${reason(error)}`, {
        hint: "It is started again for the next cell. If that fails too, restart the kernel.",
        cause: error,
      });
    }
  }

  /** The same for incomplete code; undefined when the compiler fails, as it does on some. */
  askForHelp<T>(question: (project: Project) => T): T | undefined {
    try {
      return this.#answer(question);
    } catch (error) {
      if (error instanceof CheckerError) throw error;
      // After its own errors it continues.
      if (!/^(?:panic|api|completion list)\b/.test(String((error as Error)?.message))) this.#drop();
      return undefined;
    }
  }

  /** Options of a tsconfig.json, with those that it extends; invalid ones are left out. */
  readConfig(path: string): CompilerOptions {
    return this.#start().parseConfigFile(path).options as CompilerOptions;
  }

  /** Raises its heap limit before the first import. */
  makeRoomForImports(): void {
    if (this.#heapMib >= IMPORTS_HEAP_MIB) return;
    this.#heapMib = IMPORTS_HEAP_MIB;
    this.#drop();
  }

  /**
   * Restarts the process with a larger heap when a program of so many files needs it: near its
   * limit the compiler would mostly collect garbage.
   */
  makeRoomFor(files: number): void {
    const needed = 100 + files * 0.06;
    if (needed <= this.#heapMib) return;
    this.#heapMib = Math.round(needed * 1.5);
    this.#drop();
  }

  /** Ends the process. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #answer<T>(question: (project: Project) => T): T {
    if (this.#closed) throw new CheckerError("CHECKER_CLOSED", "the type checker has been closed");
    return question(this.#project());
  }

  #project(): Project {
    if (this.#lost) throw new Error("its process ended");
    const api = this.#start();
    const config = this.#config;
    if (!this.#snapshot) {
      this.#changed.clear();
      this.#everythingChanged = false;
      this.#snapshot = api.updateSnapshot({ openProjects: [config] });
    } else if (this.#everythingChanged) {
      this.#changed.clear();
      this.#everythingChanged = false;
      this.#replace(api.updateSnapshot({ fileChanges: { invalidateAll: true } }));
    }
    for (const file of this.#changed) {
      this.#changed.delete(file);
      this.#replace(api.updateSnapshot({ fileChanges: { changed: [file] } }));
      // Its cache of parsed files has no key for unsaved documents.
      if (file.startsWith("^/")) api.clearSourceFileCache();
    }
    const project = this.#snapshot.getProject(config);
    if (!project) throw new Error(`the compiler did not open ${config}`);
    return project;
  }

  #start(): API {
    if (this.#api) return this.#api;
    const api = spawn(this.#options, this.#heapMib);
    this.#api = api;
    this.#lost = false;
    const child = childOf(api);
    const end = () => {
      if (this.#api !== api) return;
      this.#lost = true;
      this.#options.onProcess?.(0);
    };
    child.once("exit", end).on("error", end);
    this.#options.onProcess?.(child.pid ?? 0);
    return api;
  }

  /** The last snapshot, which the compiler would keep, is released once nobody waits for an answer. */
  #replace(snapshot: Snapshot): void {
    if (this.#snapshot) this.#old.push(this.#snapshot);
    this.#snapshot = snapshot;
    if (this.#old.length > MOST_OLD) this.#releaseOld();
    else setImmediate(() => this.#releaseOld());
  }

  #releaseOld(): void {
    const old = this.#old.splice(0);
    if (this.#lost) return;
    try {
      for (const snapshot of old) snapshot.dispose();
    } catch {
      // The process ended, which the next question notices.
    }
  }

  #drop(): void {
    const api = this.#lost ? undefined : this.#api;
    this.#api = undefined;
    this.#snapshot = undefined;
    this.#old.length = 0;
    this.#lost = false;
    if (!api) return;
    this.#options.onProcess?.(0);
    try {
      api.close();
    } catch {
      // Snapshots cannot be released: end the process.
      childOf(api).kill();
    }
  }
}

/** The compiler's process, which the API does not expose. */
function childOf(api: API): ChildProcess {
  const { client } = api as unknown as { client?: { channel?: { child?: ChildProcess } } };
  const child = client?.channel?.child;
  if (child) return child;
  throw new CheckerError(
    "CHECKER_CHANGED",
    "TypeScript's API no longer holds a process of its own",
  );
}

function reason(error: unknown): string {
  const [first = ""] = String(error instanceof Error ? error.message : error).split("\n");
  return /EPIPE|EOF|ended|closed|exited/i.test(first) ? "its process ended" : first;
}

/** Snapshots that wait for their release. */
const MOST_OLD = 8;

/**
 * Size of the compiler's heap in MiB before it collects garbage. Cells without imports need 50;
 * notelake's declarations take 75.
 */
const SMALLEST_HEAP_MIB = 90;
const IMPORTS_HEAP_MIB = 240;

function spawn({ contents }: NativeCompilerOptions, heapMib: number): API {
  // The compiler inherits the environment now. It starts, and loads imports, in two thirds of the time
  // when it collects garbage at its limit only, which it comes to in any case.
  const { GOMEMLIMIT, GOGC } = process.env;
  process.env.GOMEMLIMIT = GOMEMLIMIT ?? `${heapMib}MiB`;
  process.env.GOGC = GOGC ?? "off";
  try {
    return new API({ cwd: tmpdir(), fs: { readFile: (path) => contents.get(path) } });
  } catch (error) {
    throw new CheckerError("CHECKER_MISSING", `TypeScript's native compiler does not start`, {
      hint: "It comes as a package for each platform: run `npm install` again without `--omit=optional`.",
      cause: error,
    });
  } finally {
    if (GOMEMLIMIT === undefined) delete process.env.GOMEMLIMIT;
    if (GOGC === undefined) delete process.env.GOGC;
  }
}
