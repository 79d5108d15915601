import { access, constants } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Cloud } from "../core/cloud.ts";
import { Unavailable } from "./sign-in-failure.ts";

/** A command-line tool with its own sign-in. */
export interface Program {
  readonly command: string;
  readonly product: string;
  readonly install: string;
}

const ENDINGS = process.platform === "win32" ? [".cmd", ".exe", ".bat"] : [""];

/**
 * Checks that `program` is on PATH and may be run in this cloud. Needed before the Azure SDK runs
 * it: after one failure the SDK takes PowerShell for missing until the process ends.
 *
 * @throws Unavailable
 */
export async function locate(program: Program, { loopback }: Cloud): Promise<void> {
  const file = await find(program);
  // A real tool would use a real account, and send requests to Azure.
  if (!loopback || (loopback.programs && dirname(file) === resolve(loopback.programs))) return;
  throw new Unavailable(
    `${file} is not the practice cloud's own ${program.command}`,
    loopback.programs
      ? `put ${loopback.programs} first on PATH to use the practice cloud's`
      : "connect to Azure itself to use it: connect({ cloud: 'public' })",
  );
}

async function find(program: Program): Promise<string> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const ending of folder ? ENDINGS : []) {
      const file = join(resolve(folder), program.command + ending);
      if (await isExecutable(file)) return file;
    }
  }
  throw new Unavailable(
    `${program.product} (${program.command}) is not on PATH`,
    `${program.install}, or start Jupyter from a shell that finds it`,
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
