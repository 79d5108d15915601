import { FrameError } from "../core/errors.ts";
import type { GlobOptions, Lake, LakeEntry } from "../lake/lake.ts";

/** What loading needs of a lake; `openLake` and `openFolder` return such. */
export interface LakeFiles extends Pick<Lake, "url" | "stat" | "exists" | "read" | "download"> {
  /** Files and folders that a pattern matches. */
  list(pattern?: string, options?: GlobOptions): AsyncIterable<LakeEntry>;
}

/** What writing needs of a lake; `openLake` and `openFolder` return such. */
export type WritableLake = Pick<
  Lake,
  "url" | "list" | "stat" | "read" | "download" | "exists" | "upload" | "move" | "remove" | "du"
>;

/**
 * Explains the arguments when no lake was given.
 *
 * @throws FrameError `NO_LAKE`
 */
export function refuseNoLake(lake: unknown, call: string, rest: string): void {
  if (typeof lake === "object" && lake !== null) return;
  const what = typeof lake === "string" ? JSON.stringify(lake.slice(0, 100)) : String(lake);
  throw new FrameError("NO_LAKE", `${call} was given ${what}, and no lake`, {
    hint: `Files of this machine: ${call}(openFolder("."), ${rest}). Files of a lake: ${call}(openLake("raw"), ${rest}).`,
  });
}
