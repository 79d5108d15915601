import { FrameError } from "../../core/errors.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import type { LakeFiles } from "../lake-files.ts";
import type { Action } from "./delta-actions.ts";

const decoder = new TextDecoder();

/**
 * The actions of a commit, or of a checkpoint in JSON: one a line.
 *
 * @throws FrameError `BAD_TABLE` with the file and the line that is not JSON
 */
export async function readActions(
  lake: LakeFiles,
  entry: LakeEntry,
  signal: AbortSignal | undefined,
): Promise<Action[]> {
  return parseActions(entry.path, decoder.decode(await lake.read(entry.path, { signal })));
}

export function parseActions(path: string, text: string): Action[] {
  const actions: Action[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "") actions.push(parseLine(path, index + 1, line));
  }
  return actions;
}

function parseLine(path: string, line: number, text: string): Action {
  let cause: unknown;
  try {
    const action: unknown = JSON.parse(text);
    if (typeof action === "object" && action !== null) return action;
  } catch (error) {
    cause = error;
  }
  throw new FrameError("BAD_TABLE", `${path}, line ${line}: not an action in JSON`, {
    hint: `The line begins: ${text.slice(0, 100)}\nThe file was changed or cut off; restore it, or ask for an earlier version.`,
    cause,
  });
}
