/** One command of `notelake`: what its module exports. */
export interface Command {
  /**
   * Runs it.
   *
   * @param args what follows the command's name
   * @param signal aborted by Ctrl-C, SIGTERM and SIGHUP
   * @returns the exit code
   * @throws UsageError for a wrong command line, and any other error for a failure
   */
  run(args: string[], signal: AbortSignal): Promise<number>;
}

/** Prints a text, which ends in a line break or gets one; answers exit code 0. */
export function print(text: string): number {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  return 0;
}

/** Resolves once the command is told to end. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener("abort", () => done(), { once: true });
  });
}
