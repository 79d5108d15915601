import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { Unavailable } from "./failure.ts";

/** A command-line tool that keeps a sign-in of its own. */
export interface Program {
  readonly command: string;
  readonly product: string;
  readonly install: string;
}

const ENDINGS = process.platform === "win32" ? [".cmd", ".exe", ".bat"] : [""];

/**
 * Where `program` is found on PATH. Asked before the Azure SDK tries to run it: one failed try
 * makes the SDK take PowerShell for missing until the process ends.
 *
 * @throws Unavailable
 */
export async function locate(program: Program): Promise<string> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const ending of folder ? ENDINGS : []) {
      const file = join(folder, program.command + ending);
      if (await isExecutable(file)) return file;
    }
  }
  throw new Unavailable(
    `${program.product} (${program.command}) is not on PATH`,
    `install it from ${program.install}, or start Jupyter from a terminal that finds it`,
  );
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
