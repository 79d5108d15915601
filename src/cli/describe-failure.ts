import { UsageError } from "../core/command-line.ts";
import { NotelakeError } from "../core/errors.ts";
import { describeSystemError } from "../core/system-error.ts";
import { PracticeError } from "../practice/practice-error.ts";

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
  const refusal = describeSystemError(error);
  if (refusal) return `notelake ${command}: ${refusal}\n`;
  const { stack } = error as Error;
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
