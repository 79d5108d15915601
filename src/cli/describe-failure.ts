import { UsageError } from "../core/command-line.ts";
import { NotelakeError } from "../core/errors.ts";
import { describeSystemError } from "../core/system-error.ts";
import { PracticeError } from "../practice/practice-error.ts";

/**
 * The message that `notelake COMMAND` prints when it fails: the cause and the remedy, in one or two
 * lines. Only unexpected errors are printed with their stack, for a bug report.
 */
export function describeFailure(command: string, error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n`;
  if (error instanceof NotelakeError) return `${error}\n`;
  if (error instanceof PracticeError) {
    const [what] = error.message.split("\n");
    return `notelake ${command}: ${what} (${error.code}). ${error.hint}\n`;
  }
  const refusal = describeSystemError(error);
  if (refusal) return `notelake ${command}: ${refusal}\n`;
  const { stack } = error as Error;
  return `notelake ${command} met an error that it does not know:\n${stack ?? String(error)}\n`;
}

/** Exit code of a process killed by SIGPIPE, as shells report it: 128 + 13. */
const SIGPIPE_EXIT = 141;

/**
 * Exits when standard output cannot be written: silently when the reader has closed the pipe
 * (`notelake run … | head`), with a message when the disk is full.
 */
export function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.stderr.write(describeFailure("output", error));
    process.exit(error.code === "EPIPE" ? SIGPIPE_EXIT : 1);
  });
}
