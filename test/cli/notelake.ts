import { execFile } from "node:child_process";
import { join } from "node:path";

const CLI = join(import.meta.dirname, "../../src/cli.ts");
const FLAGS = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];

/** The command line that runs `notelake` from its sources. */
export const NOTELAKE = [process.execPath, ...FLAGS, CLI] as const;

/** What a command that has ended left behind. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Where {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Shell words that go before the command, such as `ulimit -f 0;`. */
  readonly before?: string;
}

/** Runs `notelake ARGS...` to its end. */
export function notelake(args: readonly string[], where: Where = {}): Promise<Ended> {
  const { cwd, env, before } = where;
  const line = before
    ? ["sh", "-c", `${before} exec "$@"`, "sh", ...NOTELAKE, ...args]
    : [...NOTELAKE, ...args];
  const [program = "", ...rest] = line;
  return new Promise((done) => {
    const options = { cwd, env: { ...process.env, ...env } };
    execFile(program, rest, options, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}
