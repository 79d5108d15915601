import { constants } from "node:os";

/** What the module of a command exports. */
export interface Command {
  /**
   * Runs it.
   *
   * @param args what follows the command's name
   * @param signal aborted by Ctrl-C, SIGTERM and SIGHUP, with `exitCode` as shells know it in its reason
   * @returns the exit code
   * @throws UsageError for a wrong command line, and any other error for a failure
   */
  run(args: string[], signal: AbortSignal): Promise<number>;
}

/** Prints a text, with a line break at its end. Returns exit code 0. */
export function print(text: string): number {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  return 0;
}

/** The reason with which a command's signal is aborted; it has the exit code. */
export function stoppedBy(signal: NodeJS.Signals): Error {
  const error = new DOMException(`stopped by ${signal}`, "AbortError");
  return Object.assign(error, { exitCode: 128 + constants.signals[signal] });
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener("abort", () => done(), { once: true });
  });
}
