import childProcess, { type StdioOptions } from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import type { Readable } from "node:stream";

type Name = "stdout" | "stderr";
const NAMES: readonly Name[] = ["stdout", "stderr"];

/**
 * Lets programs that cells start with `stdio: "inherit"` write into the cell: the descriptors that
 * they would inherit are those of the terminal that Jupyter runs in. They get pipes, whose content
 * goes on to `process.stdout` and `process.stderr`; of a program that is waited for synchronously
 * it is shown when it has ended.
 *
 * What native code of this process writes to descriptor 1 or 2 still goes to that terminal.
 */
export function captureChildOutput(): void {
  const { ChildProcess } = childProcess;
  // `spawn`, `exec`, `execFile` and `fork` all come to this method.
  const { prototype } = ChildProcess as unknown as { prototype: Child };
  const spawn = prototype.spawn;
  prototype.spawn = function (options) {
    const { stdio, inherited } = withPipes(options.stdio);
    const result = spawn.call(this, { ...options, stdio });
    for (const name of inherited) {
      this[name]?.on("data", (chunk) => process[name].write(chunk));
      // A program that inherits has no such streams.
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
        // The other two answer only standard output, and write standard error to `process.stderr`
        // by themselves unless they are told what to do with it.
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

/** The same with a pipe wherever standard output or error would be inherited. */
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

/** Shows what the call's program wrote, and answers as if it had inherited. */
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
