import { COMPLETE_PATHS, isPathSource, type PathSource } from "../../core/path-source.ts";

/** Front ends give up after about this time. */
const LIMIT_MS = 1500;

/** Completions of a path in a string literal. */
export interface PathCompletion {
  /** The text before the cursor that the completion replaces. */
  readonly typed: string;
  readonly paths: readonly string[];
}

/**
 * The paths of a lake inside of quotes, where a call names that lake:
 *
 *     lake.read("sales/20
 *     loadFrame(lake, "sales/20
 *     query(lake, `select count(*) from 'sales/20
 *
 * @param before the code before the cursor
 * @param lookUp the value of a name that an earlier cell declared
 * @returns undefined where there is no such call, or the lake does not answer in time
 */
export async function completePath(
  before: string,
  lookUp: (name: string) => Promise<unknown>,
): Promise<PathCompletion | undefined> {
  const typed = /["'`]([^"'`\n]*)$/.exec(before)?.[1];
  if (typed === undefined) return undefined;
  const source = await sourceOf(before.slice(0, -typed.length - 1), lookUp);
  try {
    const paths = await source?.[COMPLETE_PATHS](typed, AbortSignal.timeout(LIMIT_MS));
    return paths && { typed, paths };
  } catch {
    return undefined; // the cell that reads the path reports the error
  }
}

const RECEIVER = /([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*\.\s*[\p{ID_Continue}$]+\s*$/u;
const FIRST_ARGUMENT = /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*,/u;

/** The lake named by a call that is open at the end of `code`, the innermost call first. */
async function sourceOf(
  code: string,
  lookUp: (name: string) => Promise<unknown>,
): Promise<PathSource | undefined> {
  for (const open of openParentheses(code)) {
    const matches = [FIRST_ARGUMENT.exec(code.slice(open + 1)), RECEIVER.exec(code.slice(0, open))];
    for (const name of matches.flatMap((match) => match?.[1] ?? [])) {
      const value = await lookUp(name);
      if (isPathSource(value)) return value;
    }
  }
  return undefined;
}

/** Offsets of unclosed parentheses, last first. */
function* openParentheses(code: string): Generator<number> {
  let closed = 0;
  for (let at = code.length - 1; at >= 0; at--) {
    if (code[at] === ")") closed++;
    else if (code[at] === "(" && --closed < 0) {
      closed = 0;
      yield at;
    }
  }
}
