import { UsageError } from "../core/command-line.ts";
import { NotelakeError } from "../core/errors.ts";
import { PracticeError } from "../practice/practice-error.ts";

/** What the system refuses in everyday life, and what a person can do about it. */
const REFUSALS: Readonly<Record<string, { what: string; remedy: string }>> = {
  EACCES: { what: "no permission", remedy: "Use a folder that you may write to." },
  EPERM: { what: "not permitted", remedy: "Use a folder that you may write to." },
  EROFS: { what: "the file system is read-only", remedy: "Use a folder that you may write to." },
  ENOSPC: { what: "the disk is full", remedy: "Free some space, and run this again." },
  EDQUOT: { what: "your disk quota is used up", remedy: "Free some space, and run this again." },
  EFBIG: { what: "the file would be larger than allowed", remedy: "See: ulimit -f" },
  ENOTDIR: { what: "a file is where a folder should be", remedy: "Use another folder." },
  EEXIST: { what: "it is there already", remedy: "Use another folder." },
  ENOENT: { what: "it is not there", remedy: "Check the path." },
  ENAMETOOLONG: { what: "the path is too long", remedy: "Use a shorter one." },
  EMFILE: { what: "too many open files", remedy: "Allow more: ulimit -n 4096" },
  EADDRINUSE: { what: "the port is in use", remedy: "Choose another one with --port." },
};

/**
 * What `notelake COMMAND` prints when it fails: what happened and what to do, in a line or two. Only
 * an error that nobody foresaw has its stack, for a report.
 */
export function describeFailure(command: string, error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n`;
  if (error instanceof NotelakeError) return `${error}\n`;
  if (error instanceof PracticeError) {
    const [what] = error.message.split("\n");
    return `notelake ${command}: ${what} (${error.code}). ${error.hint}\n`;
  }
  const { code, path, port, stack } = error as NodeJS.ErrnoException & { port?: number };
  const refusal = code && Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  if (refusal) {
    const place = path ?? (port === undefined ? undefined : `127.0.0.1:${port}`);
    const what = place ? `${place}: ${refusal.what}` : refusal.what;
    return `notelake ${command}: ${what} (${code}). ${refusal.remedy}\n`;
  }
  return `notelake ${command} met an error that it does not know:\n${stack ?? String(error)}\n`;
}

/** What a shell reports of a program that SIGPIPE ended. */
const SIGPIPE_EXIT = 141;

/**
 * Ends the process when its output cannot be written: silently where the reader has seen enough
 * (`notelake run … | head`), with a line on a full disk.
 */
export function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.stderr.write(describeFailure("output", error));
    process.exit(error.code === "EPIPE" ? SIGPIPE_EXIT : 1);
  });
}
