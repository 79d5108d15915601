import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { capability } from "zeromq";
import type { KnownSecret } from "../core/redact.ts";
import { makeTemporaryFolder } from "../core/temporary-folder.ts";
import { SECRETS_DESCRIPTOR } from "../kernel/issued-secrets.ts";
import { EXIT_PORT_TAKEN, kernelCommand } from "../kernel/kernelspec.ts";
import { endTree, newMark } from "../kernel/process-tree.ts";
import type { ConnectionInfo } from "../kernel/wire.ts";

/** How a kernel's process ended. */
export interface KernelExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A kernel's process, listening or about to. */
export interface KernelProcess {
  readonly connection: ConnectionInfo;
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<KernelExit>;
  /** Secrets that its cells have received so far. */
  readonly issued: readonly KnownSecret[];
  /** Waits until `issued` has every secret reported before the kernel's last reply. */
  readSecrets(): Promise<void>;
  /** Standard output and error of the process, outside any cell; the last 10,000 characters. */
  log(): string;
  /** Deletes the connection file, which holds the signing key, once the kernel has read it. */
  forgetFile(): Promise<void>;
  /** Kills it and all processes that its cells started, and deletes its temporary files. */
  dispose(): Promise<void>;
}

export interface KernelStart {
  /** Folder of the notebook. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Command of another kernel than ours; the connection file's path is appended. */
  readonly command?: readonly string[];
}

/**
 * Starts a kernel. Ours listens on Unix sockets in a folder that only this user can read; another
 * one gets TCP ports, which another process may take before it binds them.
 */
export async function startKernelProcess({
  cwd,
  env,
  command: other,
}: KernelStart): Promise<KernelProcess> {
  const folder = makeTemporaryFolder("kernel");
  const prefix = join(folder, "socket");
  const local = !other && capability.ipc && prefix.length < LONGEST_PREFIX;
  const connection = local ? socketFiles(prefix) : await freePorts();
  const file = join(folder, "connection.json");
  await writeFile(file, JSON.stringify(connection), { mode: 0o600 });
  const [command = process.execPath, ...args] = [...(other ?? kernelCommand()), file];
  const { mark, env: marked } = newMark();
  const child = spawn(command, args, {
    cwd,
    env: { ...env, ...marked, [SECRETS_DESCRIPTOR]: "3" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    // A process group of its own: only the runner gets Ctrl-C, and the group can be killed as a
    // whole.
    detached: process.platform !== "win32",
  });
  const issued: KnownSecret[] = [];
  const [, , , secrets] = child.stdio;
  if (secrets) readSecrets(secrets as Readable, issued);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      log = (log + text).slice(-10_000);
    });
  }
  const exited = new Promise<KernelExit>((resolve) => {
    child.once("error", (error) => {
      log += error.message;
      resolve({ code: null, signal: null });
    });
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  return {
    connection,
    pid: child.pid ?? 0,
    exited,
    issued,
    async readSecrets() {
      // Data may have arrived and not been read yet.
      await nextTurn();
      await nextTurn();
    },
    log: () => log,
    forgetFile: () => rm(file, { force: true }),
    async dispose() {
      // A child process of a cell may hold the kernel's output open.
      endTree(child.pid, mark);
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Adds the secrets that the kernel reports, one JSON value a line. */
function readSecrets(stream: Readable, issued: KnownSecret[]): void {
  let rest = "";
  // Killing the kernel breaks this pipe.
  stream.on("error", () => {});
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) issued.push(JSON.parse(line));
  });
}

/** Whether a kernel ended because another process took one of its ports. */
export const lostItsPort = (exit: KernelExit): boolean => exit.code === EXIT_PORT_TAKEN;

/** The path of a socket may have 103 characters on macOS, 107 on Linux. */
const LONGEST_PREFIX = 100;

function socketFiles(prefix: string): ConnectionInfo {
  const ports = { shell_port: 1, control_port: 2, iopub_port: 3, stdin_port: 4, hb_port: 5 };
  return { transport: "ipc", ip: prefix, ...signing(), ...ports };
}

async function freePorts(): Promise<ConnectionInfo> {
  const servers = Array.from({ length: 5 }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const [shell = 0, control = 0, iopub = 0, stdin = 0, hb = 0] = servers.map(
    (server) => (server.address() as AddressInfo).port,
  );
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    ...signing(),
    shell_port: shell,
    control_port: control,
    iopub_port: iopub,
    stdin_port: stdin,
    hb_port: hb,
  };
}

const signing = () => ({
  key: randomBytes(32).toString("hex"),
  signature_scheme: "hmac-sha256",
});
