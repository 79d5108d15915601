import childProcess, { type StdioOptions } from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import type { Readable } from "node:stream";

type Name = "stdout" | "stderr";
const NAMES: readonly Name[] = ["stdout", "stderr"];

/**
 * Redirects the output of programs that cells start with `stdio: "inherit"` into the cell: they
 * would inherit the descriptors of Jupyter's terminal. They get pipes to `process.stdout` and
 * `process.stderr`; output of a synchronous call is shown when it has ended.
 *
 * What native code of this process writes to descriptors 1 and 2 still goes to the terminal.
 */
export function captureChildOutput(): void {
  const { ChildProcess } = childProcess;
  // `spawn`, `exec`, `execFile` and `fork` all call this method.
  const { prototype } = ChildProcess as unknown as { prototype: Child };
  const spawn = prototype.spawn;
  prototype.spawn = function (options) {
    const { stdio, inherited } = withPipes(options.stdio);
    const result = spawn.call(this, { ...options, stdio });
    for (const name of inherited) {
      this[name]?.on("data", (chunk) => process[name].write(chunk));
      // With inherited output these are null.
      this[name] = null;
      this.stdio[1 + NAMES.indexOf(name)] = null;
    }
    return result;
  };
  for (const method of ["spawnSync", "execFileSync", "execSync"] as const) {
    const original = childProcess[method] as (...args: unknown[]) => unknown;
    Object.assign(childProcess, {
      [method]: (...args: unknown[]) => {
        const at = args.findIndex((arg, n) => n > 0 && isOptions(arg));
        const options = (args[at] ?? {}) as { stdio?: StdioOptions };
        const { stdio, inherited } = withPipes(options.stdio);
        if (inherited.length === 0) return original(...args);
        const hasBoth = method === "spawnSync";
        // The other two return only standard output, and write standard error to `process.stderr`
        // unless told otherwise.
        const pipes = hasBoth || !inherited.includes("stderr") ? { stdio } : { stdio: undefined };
        const shown = hasBoth ? inherited : inherited.filter((name) => name === "stdout");
        // Output that is inherited has no limit.
        args[at] = { maxBuffer: Number.POSITIVE_INFINITY, ...options, ...pipes };
        return showing(shown, () => original(...args), hasBoth);
      },
    });
  }
  syncBuiltinESMExports();
}

interface Child {
  spawn(this: Child, options: { stdio?: StdioOptions }): number;
  stdout: Readable | null;
  stderr: Readable | null;
  stdio: (Readable | null)[];
}

function isOptions(arg: unknown): boolean {
  return typeof arg === "object" && arg !== null && !Array.isArray(arg);
}

/** The same with pipes in place of inherited output. */
function withPipes(stdio: StdioOptions = "pipe"): { stdio: StdioOptions; inherited: Name[] } {
  const list = typeof stdio === "string" ? [stdio, stdio, stdio] : [...stdio];
  const inherited = NAMES.filter((name, n) => {
    const target = list[n + 1];
    return target === "inherit" || target === n + 1 || target === process[name];
  });
  if (inherited.length === 0) return { stdio, inherited };
  for (const name of inherited) list[1 + NAMES.indexOf(name)] = "pipe";
  return { stdio: list, inherited };
}

interface Output {
  stdout?: string | Buffer | null;
  stderr?: string | Buffer | null;
  output?: unknown[] | null;
}

/** Shows the output of a call, and returns as if it was inherited. */
function showing(names: readonly Name[], call: () => unknown, hasBoth: boolean): unknown {
  const show = (output: Output) => {
    for (const name of names) {
      if (output[name]) process[name].write(output[name]);
      output[name] = null;
      if (output.output) output.output[1 + NAMES.indexOf(name)] = null;
    }
  };
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (isOptions(error)) show(error as Output);
    throw error;
  }
  if (hasBoth) {
    show(result as Output);
    return result;
  }
  if (!names.includes("stdout")) return result;
  show({ stdout: result as Buffer });
  return null;
}
