import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/** Environment variable that marks a headless kernel and all its descendants. */
const VARIABLE = "NOTELAKE_RUN";

/** A unique mark for one kernel. A run inside a cell extends the cell's mark. */
export function newMark(): { readonly mark: string; readonly env: Record<string, string> } {
  const mark = `${process.env[VARIABLE] ?? ""}/${randomUUID()}`;
  return { mark, env: { [VARIABLE]: mark } };
}

/**
 * Kills a process, its process group, and every process that inherited its mark. On Linux these are
 * all its descendants, including those with a session of their own or without a parent; elsewhere
 * only the group.
 *
 * @param leader id of the process, which leads a group of its own
 */
export function endTree(leader: number | undefined, mark: string): void {
  if (leader !== undefined) end(process.platform === "win32" ? leader : -leader);
  endMarked(mark);
}

/** Kills all processes started by cells of this kernel, if headless, before it exits. */
export function endOwnTree(): void {
  const mark = process.env[VARIABLE];
  if (mark) endMarked(mark);
}

function endMarked(mark: string): void {
  if (process.platform !== "linux") return;
  // Repeated for processes started meanwhile.
  for (let rounds = 0; rounds < 5; rounds++) {
    const matches = marked(mark);
    if (matches.length === 0) return;
    for (const pid of matches) end(pid);
  }
}

function marked(mark: string): number[] {
  const requested = `${VARIABLE}=${mark}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        const variables = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
        return variables.some((each) => each === requested || each.startsWith(`${requested}/`));
      } catch {
        return false; // another user's, or it has ended
      }
    });
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Has ended already.
  }
}
