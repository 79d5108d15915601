import { codePointPosition } from "./positions.ts";

/** Content of a Jupyter `complete_reply`. */
export interface CellCompletion {
  readonly matches: string[];
  /** Span of the code that a match replaces, in code points. */
  readonly start: number;
  readonly end: number;
  /** `_jupyter_types_experimental`: kind and signature of each match, as JupyterLab shows them. */
  readonly metadata: Record<string, unknown>;
}

/** One thing that could stand at the cursor. */
export interface Candidate {
  readonly text: string;
  /** Kind of symbol, for which JupyterLab has an icon. */
  readonly kind: string;
  /** `(path: string): Promise<void>` */
  readonly signature?: string;
}

/** @param start of the text that a match replaces, in UTF-16 units; `end` likewise */
export function completionReply(
  code: string,
  start: number,
  end: number,
  candidates: readonly Candidate[],
): CellCompletion {
  const span = { start: codePointPosition(code, start), end: codePointPosition(code, end) };
  const matches = [...new Map(candidates.map((one) => [one.text, one])).values()];
  return {
    matches: matches.map(({ text }) => text),
    ...span,
    metadata: {
      _jupyter_types_experimental: matches.map(({ text, kind, signature = "" }) => ({
        ...span,
        text,
        type: kind,
        signature,
      })),
    },
  };
}
