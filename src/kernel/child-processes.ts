import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Signals the processes that cells started, and their descendants, except those in their own
 * process group (`detached: true`) and the kernel's compiler.
 *
 * Works on Linux and macOS; Windows has no signals.
 */
export function signalChildren(signal: NodeJS.Signals): void {
  if (process.platform === "win32") return;
  for (const child of process.platform === "linux" ? childrenOfMainThread() : childrenByPs()) {
    try {
      process.kill(child, signal);
    } catch {
      // It has ended.
    }
  }
}

/** Cells start programs from the main thread, the checker's thread starts the compiler. */
function childrenOfMainThread(): number[] {
  return descendants(`/proc/${process.pid}/task/${process.pid}/children`);
}

function descendants(file: string): number[] {
  let children: number[];
  try {
    children = readFileSync(file, "latin1").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
  return children
    .filter((child) => !leadsGroup(child))
    .flatMap((child) => [
      child,
      ...tasks(child).flatMap((task) => descendants(`/proc/${child}/task/${task}/children`)),
    ]);
}

function tasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function leadsGroup(pid: number): boolean {
  try {
    // pid (name) state ppid pgrp …; the name may have any characters.
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]) === pid;
  } catch {
    return true;
  }
}

function childrenByPs(): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,command="], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).split("\n");
  const all = lines.map((line) => {
    const [pid, ppid, pgid, ...command] = line.trim().split(/\s+/);
    return { pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), command: command.join(" ") };
  });
  const below = (parent: number): number[] =>
    all
      .filter(({ ppid, pid, pgid, command }) => {
        return ppid === parent && pgid !== pid && !/typescript|tsgo/.test(command);
      })
      .flatMap(({ pid }) => [pid, ...below(pid)]);
  return below(process.pid);
}
