import { type ParseArgsConfig, parseArgs } from "node:util";
import { NotelakeError } from "./errors.ts";
import { nearNames } from "./near-names.ts";

/** A wrong command line, for which `notelake` exits with 2. */
export class UsageError extends NotelakeError {
  override readonly name = "UsageError";

  constructor(message: string, hint?: string) {
    super("USAGE", message, hint === undefined ? {} : { hint });
  }
}

type Config = Pick<ParseArgsConfig, "options" | "allowPositionals" | "allowNegative">;

/**
 * Node's `parseArgs`, with errors that name the command and similar options.
 *
 *     const { values } = readCommandLine("lab", args, { options: { port: { type: "string" } } });
 *
 * @throws UsageError for an unknown option, a missing value or an extra argument
 */
export function readCommandLine<const T extends Config>(
  command: string,
  args: string[],
  config: T,
): ReturnType<typeof parseArgs<T & { args: string[] }>> {
  try {
    return parseArgs({ ...config, args });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith("ERR_PARSE_ARGS")) throw error;
    throw new UsageError(explain(command, message, config), `See: npx notelake ${command} --help`);
  }
}

/** Node's messages name what is wrong in quotes, followed by advice that does not apply. */
function explain(command: string, message: string, { options = {} }: Config): string {
  const quoted = /'([^']+)'/.exec(message)?.[1] ?? "";
  if (message.startsWith("Unknown option")) {
    const [near] = nearNames(Object.keys(options), quoted.replace(/^-+/, ""));
    return `notelake ${command} has no option ${quoted}${near ? `. Did you mean --${near}?` : ""}`;
  }
  if (message.startsWith("Unexpected argument")) {
    return `notelake ${command} takes no argument ${quoted}`;
  }
  if (message.includes("argument missing") || message.includes("argument is ambiguous")) {
    const option = /--[\w-]+/.exec(quoted)?.[0] ?? quoted;
    return `notelake ${command}: ${option} needs a value`;
  }
  return `notelake ${command}: ${message.split("\n")[0]}`;
}

/** @throws UsageError unless it is a port that a program may listen on */
export function readPort(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new UsageError(`--port ${text} is no port: it takes a number from 1 to 65535`);
}

/** @throws UsageError unless it is a number above 0 */
export function readPositive(option: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`--${option} ${text} is not a number above 0`);
}
